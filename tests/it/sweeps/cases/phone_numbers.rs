//! Codes that a phone gets.

use kernia::{
    domain::Plugin,
    plugins::phone_number::SignUp,
    plugins::{PhoneNumber, PhoneNumberOptions},
    testing::{Browser, PASSWORD},
};
use serde_json::json;

use super::{Case, EMAIL, Target, World, case, post};

const NUMBER: &str = "+15550100";

fn by_text() -> Vec<Box<dyn Plugin>> {
    let mut options = PhoneNumberOptions::default();
    options.sign_up_on_verification = Some(SignUp::default());
    vec![Box::new(PhoneNumber::new(options))]
}

/// Asks for a code and answers it.
fn texted(world: &World, browser: &mut Browser<'_>) -> String {
    let _ = world.take_messages();
    browser.post("/phone-number/send-otp", json!({"phoneNumber": NUMBER}));
    world.take_message().otp.unwrap()
}

/// Signs up, and has a number.
fn with_number(world: &World, browser: &mut Browser<'_>) {
    browser.sign_up(EMAIL);
    let code = texted(world, browser);
    let body = json!({"phoneNumber": NUMBER, "code": code, "updatePhoneNumber": true});
    assert_eq!(browser.post("/phone-number/verify", body).status, 200);
}

pub(super) fn cases() -> Vec<Case> {
    let by_text = |route, prelude| case(route, prelude).plugins(by_text);
    vec![
        by_text("sendPhoneNumberOTP", |_, _| post("/phone-number/send-otp", json!({"phoneNumber": NUMBER}))),
        by_text("consumePhoneNumberOTP", |world, browser| {
            let code = texted(world, browser);
            Target::Call("consumePhoneNumberOTP", json!({"phoneNumber": NUMBER, "code": code}))
        })
        .once(),
        by_text("verifyPhoneNumber", |world, browser| {
            let code = texted(world, browser);
            post("/phone-number/verify", json!({"phoneNumber": NUMBER, "code": code}))
        })
        .once(),
        by_text("verifyPhoneNumber", |world, browser| {
            browser.sign_up(EMAIL);
            let code = texted(world, browser);
            post("/phone-number/verify", json!({"phoneNumber": NUMBER, "code": code, "updatePhoneNumber": true}))
        })
        .named("for whoever is signed in")
        .once(),
        by_text("signInPhoneNumber", |world, browser| {
            with_number(world, browser);
            browser.cookies.clear();
            post("/sign-in/phone-number", json!({"phoneNumber": NUMBER, "password": PASSWORD}))
        }),
        by_text("requestPasswordResetPhoneNumber", |world, browser| {
            with_number(world, browser);
            post("/phone-number/request-password-reset", json!({"phoneNumber": NUMBER}))
        }),
        by_text("resetPasswordPhoneNumber", |world, browser| {
            with_number(world, browser);
            browser.post("/phone-number/request-password-reset", json!({"phoneNumber": NUMBER}));
            let otp = world.take_message().otp;
            post(
                "/phone-number/reset-password",
                json!({"phoneNumber": NUMBER, "otp": otp, "newPassword": "another password"}),
            )
        })
        .once(),
    ]
}
