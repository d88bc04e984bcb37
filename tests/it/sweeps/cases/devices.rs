//! Devices that ask to be signed in (RFC 8628).

use kernia::{plugins::DeviceAuthorization, testing::Browser};
use serde_json::{Value, json};

use super::{Case, EMAIL, Target, case, get, post};

/// A device that asks, and the code that it shows.
fn device(browser: &mut Browser<'_>) -> (Value, String) {
    let codes = browser.clone().post("/device/code", json!({"client_id": "tv"})).json;
    let shown = codes["user_code"].as_str().unwrap().to_owned();
    (codes["device_code"].clone(), shown)
}

/// A device that asks, and somebody who has looked at what for.
fn claimed(browser: &mut Browser<'_>) -> (Value, String) {
    browser.sign_up(EMAIL);
    let (code, shown) = device(browser);
    assert_eq!(browser.get(format!("/device?user_code={shown}")).status, 200);
    (code, shown)
}

fn polling(code: &Value) -> Target {
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    post("/device/token", json!({"grant_type": grant, "device_code": code, "client_id": "tv"}))
}

pub(super) fn cases() -> Vec<Case> {
    let device_case = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(DeviceAuthorization::default())]);
    vec![
        device_case("deviceCode", |_, _| post("/device/code", json!({"client_id": "tv"}))),
        device_case("deviceVerify", |_, browser| {
            browser.sign_up(EMAIL);
            let (_, shown) = device(browser);
            get(format!("/device?user_code={shown}"))
        }),
        device_case("deviceApprove", |_, browser| {
            let (_, shown) = claimed(browser);
            post("/device/approve", json!({"userCode": shown}))
        })
        .once(),
        device_case("deviceDeny", |_, browser| {
            let (_, shown) = claimed(browser);
            post("/device/deny", json!({"userCode": shown}))
        })
        .once(),
        device_case("deviceToken", |_, browser| polling(&device(browser).0)).named("pending").status(400),
        device_case("deviceToken", |_, browser| {
            let (code, shown) = claimed(browser);
            browser.post("/device/deny", json!({"userCode": shown}));
            polling(&code)
        })
        .named("denied")
        .status(400),
        device_case("deviceToken", |_, browser| {
            let (code, shown) = claimed(browser);
            browser.post("/device/approve", json!({"userCode": shown}));
            polling(&code)
        })
        .once(),
    ]
}
