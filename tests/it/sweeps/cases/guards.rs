//! Routes behind guards, which ask others before anything changes.

use bytes::Bytes;
use http::Response;
use kernia::{
    domain::Plugin,
    engine::{Fetch, FetchError},
    plugins::{Captcha, CaptchaOptions, CaptchaProvider, EmailOtp, HaveIBeenPwned},
    testing::{Browser, PASSWORD, TestRequest},
};
use serde_json::json;

use super::{Case, EMAIL, Target, World, case, post, token};

fn plugins() -> Vec<Box<dyn Plugin>> {
    let captcha = CaptchaOptions::new(CaptchaProvider::CloudflareTurnstile, "secret");
    vec![Box::new(Captcha::new(captcha)), Box::new(EmailOtp::default()), Box::new(HaveIBeenPwned::default())]
}

/// Every captcha is solved, and no password is known.
fn guards(fetch: &Fetch) -> Result<Response<Bytes>, FetchError> {
    let captcha = fetch.request.uri().host() == Some("challenges.cloudflare.com");
    Ok(Response::new(if captcha { r#"{"success":true}"#.into() } else { Bytes::new() }))
}

fn solved(path: &str, body: &serde_json::Value) -> TestRequest {
    TestRequest::json(path, body).header("x-captcha-response", "token")
}

/// Somebody who is signed in.
fn signed_up(world: &World, browser: &mut Browser<'_>) {
    world.outside.answer_fetches(guards);
    let body = json!({"name": "Ada", "email": EMAIL, "password": PASSWORD});
    assert_eq!(browser.send(&solved("/sign-up/email", &body)).status, 200);
}

pub(super) fn cases() -> Vec<Case> {
    let guarded = |route, prelude| case(route, prelude).named("guarded").plugins(plugins).guarded();
    vec![
        guarded("signUpEmail", |world, _| {
            world.outside.answer_fetches(guards);
            Target::Http(solved("/sign-up/email", &json!({"name": "Ada", "email": EMAIL, "password": PASSWORD})))
        })
        .once(),
        guarded("signInEmail", |world, browser| {
            signed_up(world, browser);
            browser.cookies.clear();
            Target::Http(solved("/sign-in/email", &json!({"email": EMAIL, "password": PASSWORD})))
        }),
        guarded("changePassword", |world, browser| {
            signed_up(world, browser);
            post("/change-password", json!({"currentPassword": PASSWORD, "newPassword": "another password"}))
        }),
        guarded("resetPassword", |world, browser| {
            signed_up(world, browser);
            browser.send(&solved("/request-password-reset", &json!({ "email": EMAIL })));
            post("/reset-password", json!({"newPassword": "another password", "token": token(world)}))
        })
        .once(),
        guarded("resetPasswordEmailOTP", |world, browser| {
            signed_up(world, browser);
            let _ = world.take_messages();
            browser.post("/email-otp/request-password-reset", json!({ "email": EMAIL }));
            let otp = world.take_message().otp.unwrap();
            post("/email-otp/reset-password", json!({"email": EMAIL, "otp": otp, "password": "another password"}))
        })
        .once(),
    ]
}
