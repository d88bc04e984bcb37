//! The routes of passkeys.

use kernia::{
    domain::Plugin,
    plugins::Passkey,
    testing::{Authenticator, BASE_URL, Browser},
};
use serde_json::{Value, json};

use super::{Case, EMAIL, Target, case, get, post};

const REGISTRATION: &str = "/passkey/generate-register-options";
const AUTHENTICATION: &str = "/passkey/generate-authenticate-options";

fn plugins() -> Vec<Box<dyn Plugin>> {
    vec![Box::new(Passkey::default())]
}

fn made(browser: &mut Browser<'_>, name: &str, more: &Value) -> Target {
    let asked = browser.get(REGISTRATION).json;
    let mut body = json!({ "response": Authenticator::new(name).create(&asked, BASE_URL) });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post("/passkey/verify-registration", body)
}

/// Somebody with a passkey, whose row has this id.
fn enrolled(browser: &mut Browser<'_>) -> Value {
    browser.sign_up(EMAIL);
    let Target::Http(request) = made(browser, "device", &json!({})) else { unreachable!("a browser asks over HTTP") };
    let answer = browser.send(&request);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["id"].clone()
}

pub(super) fn cases() -> Vec<Case> {
    let of = |route, prelude| case(route, prelude).plugins(plugins);
    vec![
        of("generatePasskeyRegistrationOptions", |_, browser| {
            enrolled(browser);
            get(REGISTRATION)
        }),
        of("generatePasskeyAuthenticationOptions", |_, _| get(AUTHENTICATION)),
        of("generatePasskeyAuthenticationOptions", |_, browser| {
            enrolled(browser);
            get(AUTHENTICATION)
        })
        .named("signed in"),
        of("verifyPasskeyRegistration", |_, browser| {
            browser.sign_up(EMAIL);
            made(browser, "device", &json!({"name": "phone"}))
        })
        .spends_first()
        .once(),
        of("verifyPasskeyRegistration", |_, browser| {
            browser.sign_up(EMAIL);
            made(browser, "device", &json!({"createSession": true}))
        })
        .named("with a session")
        .spends_first()
        .once(),
        of("verifyPasskeyAuthentication", |_, browser| {
            enrolled(browser);
            browser.cookies.clear();
            let asked = browser.get(AUTHENTICATION).json;
            let mut device = Authenticator::new("device");
            device.counter = 1;
            post("/passkey/verify-authentication", json!({ "response": device.get(&asked, BASE_URL) }))
        })
        .spends_first()
        .once(),
        of("listPasskeys", |_, browser| {
            enrolled(browser);
            get("/passkey/list-user-passkeys")
        }),
        of("updatePasskey", |_, browser| {
            let id = enrolled(browser);
            post("/passkey/update-passkey", json!({"id": id, "name": "key"}))
        }),
        of("deletePasskey", |_, browser| {
            let id = enrolled(browser);
            post("/passkey/delete-passkey", json!({ "id": id }))
        })
        .once(),
    ]
}
