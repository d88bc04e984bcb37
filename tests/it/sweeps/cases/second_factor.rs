//! Setting a second factor up, and finishing sign-ins by it.

use kernia::{
    crypto::hotp::Totp,
    domain::Plugin,
    plugins::{TwoFactor, TwoFactorOptions},
    testing::{Browser, PASSWORD},
    wire::base32,
    wire::date::Clock as _,
};
use serde_json::{Value, json};

use super::{Case, EMAIL, Target, World, case, post};

fn two_factor() -> Vec<Box<dyn Plugin>> {
    let mut options = TwoFactorOptions::default();
    options.otp_options.send = true;
    vec![Box::new(TwoFactor::new(options))]
}

fn enable(browser: &mut Browser<'_>, method: &str) -> Value {
    browser.sign_up(EMAIL);
    let made = browser.post("/two-factor/enable", json!({"password": PASSWORD, "method": method}));
    assert_eq!(made.status, 200, "{}", made.text);
    made.json
}

/// What an authenticator app shows whose address is in `enabled`.
fn shown(world: &World, enabled: &Value) -> String {
    let uri = enabled["totpURI"].as_str().unwrap();
    let secret = uri.split_once("secret=").unwrap().1.split('&').next().unwrap();
    let totp = Totp::new(&base32::decode(secret).unwrap(), 6, 30);
    totp.code(totp.step(world.clock.now().as_millis()))
}

/// A browser whose sign-in waits for the code of an app, and what it was told when that was set up.
fn waits(world: &World, browser: &mut Browser<'_>) -> Value {
    let enabled = enable(browser, "totp");
    assert_eq!(browser.post("/two-factor/verify-totp", json!({"code": shown(world, &enabled)})).status, 200);
    world.advance_secs(90);
    browser.cookies.clear();
    browser.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}));
    enabled
}

pub(super) fn cases() -> Vec<Case> {
    let second = |route, prelude| case(route, prelude).plugins(two_factor);
    vec![
        second("signInEmail", |_, browser| {
            enable(browser, "otp");
            browser.cookies.clear();
            post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}))
        })
        .named("held"),
        second("signInEmail", |world, browser| {
            let enabled = waits(world, browser);
            let trust = json!({"code": enabled["backupCodes"][0], "trustDevice": true});
            assert_eq!(browser.post("/two-factor/verify-backup-code", trust).status, 200);
            post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}))
        })
        .named("trusted")
        .spends_first(),
        second("enableTwoFactor", |_, browser| {
            browser.sign_up(EMAIL);
            post("/two-factor/enable", json!({"password": PASSWORD}))
        }),
        second("enableTwoFactor", |_, browser| {
            browser.sign_up(EMAIL);
            post("/two-factor/enable", json!({"password": PASSWORD, "method": "otp"}))
        })
        .named("by messages")
        .once(),
        second("disableTwoFactor", |_, browser| {
            enable(browser, "otp");
            post("/two-factor/disable", json!({"password": PASSWORD}))
        })
        .once(),
        second("generateBackupCodes", |world, browser| {
            let enabled = enable(browser, "totp");
            browser.post("/two-factor/verify-totp", json!({"code": shown(world, &enabled)}));
            post("/two-factor/generate-backup-codes", json!({"password": PASSWORD}))
        }),
        second("getTOTPURI", |_, browser| {
            enable(browser, "totp");
            post("/two-factor/get-totp-uri", json!({"password": PASSWORD}))
        }),
        second("generateTOTP", |_, _| Target::Call("generateTOTP", json!({"secret": "12345678901234567890"}))),
        second("viewBackupCodes", |world, browser| {
            enable(browser, "totp");
            Target::Call("viewBackupCodes", json!({"userId": world.rows("user")[0].id()}))
        }),
        second("sendTwoFactorOTP", |_, browser| {
            enable(browser, "otp");
            post("/two-factor/send-otp", json!({}))
        }),
        second("verifyTOTP", |world, browser| {
            let enabled = enable(browser, "totp");
            post("/two-factor/verify-totp", json!({"code": shown(world, &enabled)}))
        })
        .named("set up")
        .spends_first()
        .once(),
        second("verifyTOTP", |world, browser| {
            let enabled = waits(world, browser);
            post("/two-factor/verify-totp", json!({"code": shown(world, &enabled), "trustDevice": true}))
        })
        .spends_first(),
        second("verifyTOTP", |world, browser| {
            waits(world, browser);
            post("/two-factor/verify-totp", json!({"code": "wrong"}))
        })
        .named("wrong")
        .status(401)
        .spends_first(),
        second("verifyTwoFactorOTP", |world, browser| {
            enable(browser, "otp");
            browser.cookies.clear();
            browser.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}));
            browser.post("/two-factor/send-otp", json!({}));
            let otp = world.take_messages().pop().and_then(|message| message.otp).unwrap();
            post("/two-factor/verify-otp", json!({"code": otp}))
        })
        .spends_first()
        .once(),
        second("verifyBackupCode", |world, browser| {
            let enabled = waits(world, browser);
            post("/two-factor/verify-backup-code", json!({"code": enabled["backupCodes"][0]}))
        })
        .spends_first()
        .once(),
    ]
}
