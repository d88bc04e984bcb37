//! The bearer plugin.

use http::Method;
use kernia::{
    domain::options::Options,
    plugins::{Bearer, BearerOptions},
    testing::{PASSWORD, TestRequest, TestResponse, options},
    wire::cookie::sign_cookie_value,
};
use serde_json::{Value as Json, json};

use super::World;

const EMAIL: &str = "ada@example.com";

fn world_with(bearer: Bearer, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(bearer)])
}

fn world() -> World {
    world_with(Bearer::default(), |_| {})
}

fn strict() -> Bearer {
    let mut options = BearerOptions::default();
    options.require_signature = true;
    Bearer::new(options)
}

/// A client without cookies and origin, as a program is one.
fn call(world: &World, request: &TestRequest, authorization: &str) -> TestResponse {
    let request = request.clone().header("authorization", authorization);
    TestResponse::read(world.answer(request.build("/api/auth")))
}

fn get_session(world: &World, authorization: &str) -> Json {
    call(world, &TestRequest::new(Method::GET, "/get-session"), authorization).json
}

fn signed(world: &World, token: &str) -> String {
    let encoded = sign_cookie_value(&world.engine.installation().signer, token);
    kernia::wire::percent::percent_decode(&encoded).unwrap().into_owned()
}

#[test]
fn a_sign_in_answers_a_token_that_signs_requests() {
    let world = world();
    let answer = world.browser().sign_up(EMAIL);
    let token = answer.json["token"].as_str().unwrap();
    let given = answer.header("set-auth-token");
    assert_eq!(given, signed(&world, token));
    assert_eq!(answer.header("access-control-expose-headers"), "set-auth-token");
    let encoded = sign_cookie_value(&world.engine.installation().signer, token);
    for authorization in [
        format!("Bearer {given}"),
        format!("Bearer {encoded}"),
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("BEARER  {given} "),
    ] {
        assert_eq!(get_session(&world, &authorization)["session"]["token"], token, "{authorization}");
    }
    for authorization in [
        format!("Basic {given}"),
        given.to_owned(),
        "Bearer ".to_owned(),
        "Bearer".to_owned(),
        "Bearer abcdefghijklmnopqrstuvwxyzABCDEF".to_owned(),
        format!("Bearer {token}.abc"),
        format!("Bearer {token}."),
        format!("Bearer {given}.x"),
        format!("Bearer {}", signed(&world, "unknown")),
        format!("Bearer {token}%zz.{}", &given[token.len() + 1..]),
    ] {
        assert_eq!(get_session(&world, &authorization), Json::Null, "{authorization}");
    }
}

#[test]
fn a_signature_can_be_required() {
    let world = world_with(strict(), |_| {});
    let answer = world.browser().sign_up(EMAIL);
    let token = answer.json["token"].as_str().unwrap();
    assert_eq!(get_session(&world, &format!("Bearer {token}")), Json::Null);
    let session = get_session(&world, &format!("Bearer {}", answer.header("set-auth-token")));
    assert_eq!(session["session"]["token"], token);
}

#[test]
fn without_the_plugin_the_header_means_nothing() {
    let world = World::default();
    let answer = world.browser().sign_up(EMAIL);
    assert_eq!(answer.header("set-auth-token"), "");
    assert_eq!(get_session(&world, &format!("Bearer {}", answer.json["token"].as_str().unwrap())), Json::Null);
}

#[test]
fn a_token_wins_over_a_cookie_and_an_unacceptable_one_does_not() {
    let world = world();
    let ada = world.browser().sign_up(EMAIL).json["token"].as_str().unwrap().to_owned();
    let mut bob = world.browser();
    bob.sign_up("bob@example.com");
    bob.cookies.insert("theme".to_owned(), "dark%20blue".to_owned());
    let mut visit = |authorization: String| {
        let kept = bob.cookies.clone();
        let answer = bob.send(&TestRequest::new(Method::GET, "/get-session").header("authorization", authorization));
        bob.cookies = kept;
        answer
    };
    assert_eq!(visit(format!("Bearer {ada}")).json["user"]["email"], EMAIL);
    assert_eq!(visit(format!("Bearer {ada}.wrong")).json["user"]["email"], "bob@example.com");
    let unknown = visit("Bearer unknown".to_owned());
    assert_eq!(unknown.json, Json::Null);
    assert_eq!(unknown.cookie("better-auth.session_token").unwrap().attributes.max_age, Some(0));
    assert_eq!(unknown.header("set-auth-token"), "", "an expired cookie is no token");
}

#[test]
fn a_request_without_cookies_needs_no_origin() {
    let world = world();
    let token = world.browser().sign_up(EMAIL).json["token"].as_str().unwrap().to_owned();
    let authorization = format!("Bearer {token}");
    let update = TestRequest::json("/update-user", &json!({"name": "Ada"}));
    assert_eq!(call(&world, &update, &authorization).status, 200);
    let foreign = update.header("origin", "https://evil.example");
    assert_eq!(call(&world, &foreign, &authorization).status, 200);
    let sign_in = TestRequest::json("/sign-in/email", &json!({"email": EMAIL, "password": PASSWORD}));
    assert_eq!(call(&world, &sign_in, &authorization).status, 200, "the token does not make it a browser");
    let foreign = sign_in.header("origin", "https://evil.example");
    assert_eq!(call(&world, &foreign, &authorization).code(), "INVALID_ORIGIN");
}

#[test]
fn a_token_does_not_excuse_a_browser_from_naming_its_origin() {
    let world = world();
    let mut browser = world.browser();
    let token = browser.sign_up(EMAIL).json["token"].as_str().unwrap().to_owned();
    let authorization = format!("Bearer {token}");
    browser.origin = None;
    for (path, body) in
        [("/update-user", json!({"name": "x"})), ("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}))]
    {
        let request = TestRequest::json(path, &body).header("authorization", authorization.clone());
        let answer = browser.send(&request);
        assert_eq!((answer.status, answer.code()), (403, "MISSING_OR_NULL_ORIGIN"), "{path}");
    }
}

#[test]
fn a_new_session_answers_its_own_token_and_the_end_of_one_none() {
    let world = world();
    let answer = world.browser().sign_up(EMAIL);
    let first = answer.json["token"].as_str().unwrap().to_owned();
    let change = json!({"currentPassword": PASSWORD, "newPassword": "another password", "revokeOtherSessions": true});
    let answer = call(&world, &TestRequest::json("/change-password", &change), &format!("Bearer {first}"));
    let second = answer.json["token"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("set-auth-token"), signed(&world, &second));
    assert_eq!(get_session(&world, &format!("Bearer {first}")), Json::Null);
    let answer = call(&world, &TestRequest::json("/sign-out", &json!({})), &format!("Bearer {second}"));
    assert_eq!((answer.json, answer.headers.get("set-auth-token")), (json!({"success": true}), None));
    assert_eq!(get_session(&world, &format!("Bearer {second}")), Json::Null);
    let wrong = TestRequest::json("/sign-in/email", &json!({"email": EMAIL, "password": "wrong password"}));
    assert_eq!(call(&world, &wrong, "Bearer x").headers.get("set-auth-token"), None);
}

#[test]
fn a_renewed_session_answers_its_token_again() {
    let world = world_with(Bearer::default(), |options| options.session.update_age = 0);
    let answer = world.browser().sign_up(EMAIL);
    world.advance_secs(1);
    let given = answer.header("set-auth-token");
    let request = TestRequest::new(Method::GET, "/get-session");
    let renewed = call(&world, &request, &format!("Bearer {given}"));
    assert_eq!(renewed.header("set-auth-token"), given);
}
