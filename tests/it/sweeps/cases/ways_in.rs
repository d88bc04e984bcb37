//! Names, wallets, and nobody in particular.

use kernia::{
    domain::Plugin,
    plugins::{Anonymous, Siwe, SiweOptions, Username},
    testing::{Browser, PASSWORD, TestRequest},
};
use serde_json::{Value, json};

use super::{Case, EMAIL, Target, case, post};

pub(super) fn cases() -> Vec<Case> {
    [username_cases(), wallet_cases(), anonymous_cases()].into_iter().flatten().collect()
}

fn username_cases() -> Vec<Case> {
    let named = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(Username::default())]);
    vec![
        named("isUsernameAvailable", |_, _| post("/is-username-available", json!({"username": "ada"}))),
        named("signInUsername", |_, browser| {
            let person = json!({"name": "Ada", "email": EMAIL, "password": PASSWORD, "username": "ada"});
            assert_eq!(browser.post("/sign-up/email", person).status, 200);
            browser.cookies.clear();
            post("/sign-in/username", json!({"username": "ada", "password": PASSWORD}))
        }),
        named("signUpEmail", |_, _| {
            let person = json!({"name": "Ada", "email": EMAIL, "password": PASSWORD, "username": "ada"});
            post("/sign-up/email", person)
        })
        .named("with a name")
        .once(),
    ]
}

fn signed(browser: &mut Browser<'_>, seed: u8) -> Target {
    let nonce = browser.post("/siwe/nonce", json!({})).json["nonce"].as_str().unwrap().to_owned();
    let (message, signature) = super::super::super::siwe::signed_message(seed, &nonce);
    post("/siwe/verify", json!({"message": message, "signature": signature}))
}

fn wallet_cases() -> Vec<Case> {
    let siwe = || -> Vec<Box<dyn Plugin>> { vec![Box::new(Siwe::new(SiweOptions::new("app.test")))] };
    let wallet = |route, prelude| case(route, prelude).plugins(siwe);
    vec![
        wallet("getSiweNonce", |_, _| post("/siwe/nonce", json!({}))),
        wallet("getNonce", |_, _| post("/siwe/get-nonce", json!({}))),
        wallet("verifySiweMessage", |_, browser| signed(browser, 7)).named("new").once(),
        wallet("verifySiweMessage", |_, browser| {
            let Target::Http(request) = signed(browser, 7) else { unreachable!("it is posted") };
            assert_eq!(browser.send(&request).status, 200);
            signed(browser, 7)
        })
        .once(),
        wallet("verifySiweMessage", |_, browser| {
            let Target::Http(request) = signed(browser, 7) else { unreachable!("it is posted") };
            let Target::Http(other) = signed(browser, 8) else { unreachable!("it is posted") };
            let signature =
                |request: &TestRequest| -> Value { serde_json::from_slice(request.body.as_ref().unwrap()).unwrap() };
            let body = json!({"message": signature(&request)["message"], "signature": signature(&other)["signature"]});
            post("/siwe/verify", body)
        })
        .named("signed by another")
        .status(401),
    ]
}

fn anonymous_cases() -> Vec<Case> {
    let nobody = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(Anonymous::default())]);
    vec![
        nobody("signInAnonymous", |_, _| post("/sign-in/anonymous", json!({}))),
        nobody("deleteAnonymousUser", |_, browser| {
            browser.post("/sign-in/anonymous", json!({}));
            post("/delete-anonymous-user", json!({}))
        })
        .once(),
    ]
}
