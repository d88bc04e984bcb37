//! Sessions in other forms, and several at once.

use kernia::{
    plugins::{Jwt, MultiSession, OneTimeToken},
    testing::{Browser, PASSWORD},
};
use serde_json::{Value, json};

use super::{Case, EMAIL, Target, case, get, post};

pub(super) fn cases() -> Vec<Case> {
    [jwt_cases(), multi_session_cases(), one_time_token_cases()].into_iter().flatten().collect()
}

fn jwt_cases() -> Vec<Case> {
    let signed = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(Jwt::default())]);
    vec![
        signed("getJwks", |_, _| get("/jwks")),
        signed("getToken", |_, browser| {
            browser.sign_up(EMAIL);
            get("/token")
        }),
        signed("getToken", |_, browser| {
            browser.sign_up(EMAIL);
            browser.get("/token");
            get("/token")
        })
        .named("with a key"),
        signed("signJWT", |_, _| Target::Call("signJWT", json!({"payload": {"sub": "job"}}))),
        signed("verifyJWT", |_, browser| {
            browser.sign_up(EMAIL);
            let token = browser.get("/token").json["token"].clone();
            Target::Call("verifyJWT", json!({ "token": token }))
        }),
        signed("getSession", |_, browser| {
            browser.sign_up(EMAIL);
            browser.get("/token");
            get("/get-session")
        })
        .named("with a token"),
    ]
}

/// Signs two people in, one after the other, and answers the token of the first.
fn both_signed_in(browser: &mut Browser<'_>) -> Value {
    let first = browser.sign_up(EMAIL).json["token"].clone();
    browser.sign_up("grace@example.com");
    first
}

fn multi_session_cases() -> Vec<Case> {
    let several = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(MultiSession::default())]);
    vec![
        several("listDeviceSessions", |_, browser| {
            both_signed_in(browser);
            get("/multi-session/list-device-sessions")
        }),
        several("setActiveSession", |_, browser| {
            let first = both_signed_in(browser);
            post("/multi-session/set-active", json!({"sessionToken": first}))
        }),
        several("revokeDeviceSession", |_, browser| {
            let first = both_signed_in(browser);
            browser.post("/multi-session/set-active", json!({"sessionToken": first}));
            post("/multi-session/revoke", json!({"sessionToken": first}))
        }),
        several("signInEmail", |_, browser| {
            both_signed_in(browser);
            post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}))
        })
        .named("again in one browser"),
        several("signOut", |_, browser| {
            both_signed_in(browser);
            post("/sign-out", json!({}))
        })
        .named("of several"),
    ]
}

fn one_time_token_cases() -> Vec<Case> {
    let token = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(OneTimeToken::default())]);
    vec![
        token("generateOneTimeToken", |_, browser| {
            browser.sign_up(EMAIL);
            get("/one-time-token/generate")
        }),
        token("verifyOneTimeToken", |_, browser| {
            browser.sign_up(EMAIL);
            let token = browser.get("/one-time-token/generate").json["token"].clone();
            browser.cookies.clear();
            post("/one-time-token/verify", json!({"token": token}))
        })
        .once(),
    ]
}
