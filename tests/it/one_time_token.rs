//! The one-time token plugin.

use http::Method;
use kernia::{
    domain::{options::Options, stored_secret::StoreToken},
    plugins::{OneTimeToken, OneTimeTokenOptions},
    testing::{Browser, PASSWORD, TestRequest, TestResponse, options},
};
use serde_json::{Value as Json, json};

use super::{World, race::each_interleaving};
use crate::api::now;

const ADA: &str = "ada@example.com";

fn world_with(one_time_token: OneTimeTokenOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(OneTimeToken::new(one_time_token))])
}

fn changed(change: impl FnOnce(&mut OneTimeTokenOptions)) -> World {
    let mut one_time_token = OneTimeTokenOptions::default();
    change(&mut one_time_token);
    world_with(one_time_token, |_| {})
}

fn world() -> World {
    changed(|_| {})
}

fn ada(world: &World) -> Browser<'_> {
    let mut browser = world.browser();
    browser.sign_up(ADA);
    browser
}

fn token(browser: &mut Browser<'_>) -> String {
    let answer = browser.get("/one-time-token/generate");
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["token"].as_str().unwrap().to_owned()
}

fn verify(browser: &mut Browser<'_>, token: &str) -> TestResponse {
    browser.post("/one-time-token/verify", json!({"token": token}))
}

fn refused(answer: &TestResponse) -> (u16, &Json, bool) {
    (answer.status, &answer.json["message"], answer.cookies.is_empty())
}

#[test]
fn a_token_takes_the_session_over_once() {
    let world = world();
    let mut ada = ada(&world);
    let token = token(&mut ada);
    assert_eq!(token.len(), 32);
    let mut other = world.browser();
    let answer = verify(&mut other, &token);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json, ada.get("/get-session").json);
    assert_eq!(other.get("/get-session").json, answer.json);
    assert_eq!(refused(&verify(&mut world.browser(), &token)), (400, &json!("Invalid token"), true));
    assert_eq!(world.rows("session").len(), 1, "it is the same session");
}

#[test]
fn case_156_a_token_is_short_spent_once_and_of_a_live_session() {
    let world = changed(|options| options.expires_in = 1);
    let mut ada = ada(&world);
    let late = token(&mut ada);
    world.advance_secs(61);
    assert_eq!(refused(&verify(&mut world.browser(), &late)), (400, &json!("Invalid token"), true));
    let early = token(&mut ada);
    world.advance_secs(60);
    assert_eq!(verify(&mut world.browser(), &early).status, 200);
    let ended = token(&mut ada);
    ada.clone().post("/sign-out", json!({}));
    assert_eq!(refused(&verify(&mut world.browser(), &ended)), (400, &json!("Session not found"), true));
    assert_eq!(refused(&verify(&mut world.browser(), &ended)), (400, &json!("Invalid token"), true));
    for nothing in ["", " ", "\0", "*", "😀"] {
        assert_eq!(
            refused(&verify(&mut world.browser(), nothing)),
            (400, &json!("Invalid token"), true),
            "{nothing:?}"
        );
    }
    assert_eq!(world.browser().get("/one-time-token/generate").status, 401);
}

#[test]
fn a_session_whose_time_is_over_is_not_taken_over() {
    let world = world_with(OneTimeTokenOptions::default(), |options| {
        options.session.expires_in = 60;
        options.session.disable_session_refresh = true;
    });
    let mut ada = ada(&world);
    let token = token(&mut ada);
    world.advance_secs(61);
    let answer = verify(&mut world.browser(), &token);
    assert_eq!((answer.status, answer.cookies.is_empty()), (400, true), "{}", answer.text);
}

#[test]
fn tokens_are_stored_as_configured() {
    for form in [StoreToken::Hashed, StoreToken::custom(|token| format!("x{}", token.len()))] {
        let world = changed(|options| options.store_token = form);
        let token = token(&mut ada(&world));
        assert!(world.rows("verification").iter().all(|row| !row.text("identifier").contains(&token)));
        assert_eq!(verify(&mut world.browser(), &token).status, 200);
    }
    let own = OneTimeTokenOptions::default().generate_token(|session| format!("for-{}", session.user.text("email")));
    let world = world_with(own, |_| {});
    assert_eq!(token(&mut ada(&world)), format!("for-{ADA}"));
    assert_eq!(verify(&mut world.browser(), &format!("for-{ADA}")).status, 200);
}

#[test]
fn where_clients_ask_for_none_the_servers_own_code_does() {
    let world = changed(|options| options.disable_client_request = true);
    let mut ada = ada(&world);
    let answer = ada.get("/one-time-token/generate");
    assert_eq!((answer.status, answer.json), (400, json!({"message": "Client requests are disabled"})));
    let cookies: Vec<_> = ada.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookie = http::HeaderValue::try_from(cookies.join("; ")).unwrap();
    let called = now(world.api().generate_one_time_token().header(http::header::COOKIE, cookie)).unwrap();
    assert_eq!(verify(&mut world.browser(), &called.value.token).status, 200);
}

#[test]
fn a_token_sets_no_cookie_where_it_should_not() {
    let world = changed(|options| options.disable_set_session_cookie = true);
    let token = token(&mut ada(&world));
    let answer = verify(&mut world.browser(), &token);
    assert_eq!((answer.status, answer.cookies.len()), (200, 0));
    assert_eq!(answer.json["user"]["email"], ADA);
}

#[test]
fn every_new_session_brings_a_token_along() {
    let world = changed(|options| options.set_ott_header_on_new_session = true);
    let mut browser = world.browser();
    let answer = browser.sign_up(ADA);
    let token = answer.header("set-ott").to_owned();
    assert_eq!(answer.header("access-control-expose-headers"), "set-ott");
    let mut other = world.browser();
    assert_eq!(verify(&mut other, &token).status, 200);
    assert_eq!(other.get("/get-session").json["user"]["email"], ADA);
    assert_eq!(browser.get("/get-session").header("set-ott"), "");
    let wrong = json!({"email": ADA, "password": "wrong password"});
    assert_eq!(world.browser().post("/sign-in/email", wrong).header("set-ott"), "");
    let right = json!({"email": ADA, "password": PASSWORD});
    assert_ne!(world.browser().post("/sign-in/email", right).header("set-ott"), "");
}

#[test]
fn of_two_with_one_token_at_once_one_takes_it_over() {
    let stage = || {
        let world = world();
        let token = token(&mut ada(&world));
        let request = TestRequest::json("/one-time-token/verify", &json!({"token": token}));
        let requests = [world.browser().prepare(&request), world.browser().prepare(&request)];
        (world, requests)
    };
    each_interleaving(stage, |_, first, second| {
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "{} / {}", first.text, second.text);
    });
}

#[test]
fn a_token_is_asked_for_by_get_and_used_by_post() {
    let world = world();
    let mut ada = ada(&world);
    assert_eq!(ada.post("/one-time-token/generate", json!({})).status, 404);
    let request = TestRequest::new(Method::GET, "/one-time-token/verify?token=x");
    assert_eq!(ada.send(&request).status, 404);
}
