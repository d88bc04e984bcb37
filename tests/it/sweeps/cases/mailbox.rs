//! Links and codes that a mailbox gets.

use kernia::{
    domain::Plugin,
    plugins::{EmailOtp, EmailOtpOptions, MagicLink},
    testing::Browser,
};
use serde_json::json;

use super::{Case, EMAIL, Target, World, case, get, link, post, redirected_without_error};

pub(super) fn cases() -> Vec<Case> {
    [email_otp_cases(), magic_link_cases()].into_iter().flatten().collect()
}

/// Links and codes in mail.
fn mail() -> Vec<Box<dyn Plugin>> {
    let mut email_otp = EmailOtpOptions::default();
    email_otp.change_email.enabled = true;
    vec![Box::new(EmailOtp::new(email_otp)), Box::new(MagicLink::default())]
}

/// Asks for a code and answers it.
fn code(world: &World, browser: &mut Browser<'_>, purpose: &str) -> String {
    let _ = world.take_messages();
    browser.post("/email-otp/send-verification-otp", json!({"email": EMAIL, "type": purpose}));
    world.take_messages().pop().and_then(|message| message.otp).unwrap()
}

fn email_otp_cases() -> Vec<Case> {
    let by_mail = |route, prelude| case(route, prelude).plugins(mail);
    vec![
        by_mail("requestPasswordResetEmailOTP", |_, browser| {
            browser.sign_up(EMAIL);
            post("/email-otp/request-password-reset", json!({"email": EMAIL}))
        }),
        by_mail("forgetPasswordEmailOTP", |_, browser| {
            browser.sign_up(EMAIL);
            post("/forget-password/email-otp", json!({"email": EMAIL}))
        }),
        by_mail("sendVerificationOTP", |_, _| {
            post("/email-otp/send-verification-otp", json!({"email": EMAIL, "type": "sign-in"}))
        }),
        by_mail("createVerificationOTP", |_, _| {
            Target::Call("createVerificationOTP", json!({"email": EMAIL, "type": "sign-in"}))
        }),
        by_mail("getVerificationOTP", |_, _| Target::Call("getVerificationOTP", json!({}))).status(400),
        by_mail("checkVerificationOTP", |world, browser| {
            browser.sign_up(EMAIL);
            let otp = code(world, browser, "sign-in");
            post("/email-otp/check-verification-otp", json!({"email": EMAIL, "type": "sign-in", "otp": otp}))
        }),
        by_mail("checkVerificationOTP", |world, browser| {
            browser.sign_up(EMAIL);
            code(world, browser, "sign-in");
            post("/email-otp/check-verification-otp", json!({"email": EMAIL, "type": "sign-in", "otp": "x"}))
        })
        .named("wrong")
        .status(400),
        by_mail("verifyEmailOTP", |world, browser| {
            browser.sign_up(EMAIL);
            let otp = code(world, browser, "email-verification");
            post("/email-otp/verify-email", json!({"email": EMAIL, "otp": otp}))
        })
        .once(),
        by_mail("signInEmailOTP", |world, browser| {
            let otp = code(world, browser, "sign-in");
            post("/sign-in/email-otp", json!({"email": EMAIL, "otp": otp}))
        })
        .once(),
        by_mail("signInEmailOTP", |world, browser| {
            browser.sign_up(EMAIL);
            browser.cookies.clear();
            let otp = code(world, browser, "sign-in");
            post("/sign-in/email-otp", json!({"email": EMAIL, "otp": otp}))
        })
        .named("unproven user")
        .once(),
        by_mail("resetPasswordEmailOTP", |world, browser| {
            browser.sign_up(EMAIL);
            let otp = code(world, browser, "forget-password");
            post("/email-otp/reset-password", json!({"email": EMAIL, "otp": otp, "password": "another password"}))
        })
        .once(),
        by_mail("requestEmailChangeEmailOTP", |_, browser| {
            browser.sign_up(EMAIL);
            post("/email-otp/request-email-change", json!({"newEmail": "countess@example.com"}))
        }),
        by_mail("changeEmailEmailOTP", |world, browser| {
            browser.sign_up(EMAIL);
            let _ = world.take_messages();
            browser.post("/email-otp/request-email-change", json!({"newEmail": "countess@example.com"}));
            let otp = world.take_message().otp;
            post("/email-otp/change-email", json!({"newEmail": "countess@example.com", "otp": otp}))
        })
        .once(),
    ]
}

fn magic_link_cases() -> Vec<Case> {
    let by_mail = |route, prelude| case(route, prelude).plugins(mail);
    vec![
        by_mail("signInMagicLink", |_, _| post("/sign-in/magic-link", json!({"email": EMAIL}))),
        by_mail("magicLinkVerify", |world, browser| {
            browser.post("/sign-in/magic-link", json!({"email": EMAIL, "callbackURL": "/in"}));
            get(link(world))
        })
        .status(302)
        .once_by(redirected_without_error),
        by_mail("magicLinkVerify", |world, browser| {
            browser.sign_up(EMAIL);
            browser.cookies.clear();
            let _ = world.take_messages();
            browser.post("/sign-in/magic-link", json!({"email": EMAIL, "callbackURL": "/in"}));
            get(link(world))
        })
        .named("unproven user")
        .status(302)
        .once_by(redirected_without_error),
    ]
}
