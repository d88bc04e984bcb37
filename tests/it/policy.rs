//! What goes beyond the reference: session lifetimes, events, overload.

use http::{HeaderName, HeaderValue};
use kernia::{
    domain::{api::ServerCall, event},
    engine::{Effect, HashFailure, Outcome, Step},
    testing::{PASSWORD, TestRequest, TestResponse},
};
use serde_json::json;

use super::World;

const EMAIL: &str = "ada@example.com";
const DAY: i64 = 86_400;

fn is_signed_in(browser: &mut kernia::testing::Browser<'_>) -> bool {
    !browser.get("/get-session").json.is_null()
}

#[test]
fn a_session_ends_at_its_absolute_lifetime_however_much_it_is_used() {
    let world = World::changed(|options| options.session.absolute_lifetime = Some(10 * DAY));
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    for day in 1..10 {
        world.advance_secs(DAY);
        assert!(is_signed_in(&mut browser), "day {day}");
    }
    world.advance_secs(DAY);
    assert!(!is_signed_in(&mut browser));
    assert!(world.rows("session").is_empty());
}

#[test]
fn a_session_ends_when_nobody_uses_it() {
    let world = World::changed(|options| options.session.idle_lifetime = Some(3600));
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    for _ in 0..5 {
        world.advance_secs(3000);
        assert!(is_signed_in(&mut browser));
    }
    world.advance_secs(3600);
    assert!(!is_signed_in(&mut browser));
}

#[test]
fn the_oldest_sessions_end_when_there_are_too_many() {
    let world = World::changed(|options| options.session.max_sessions = Some(2));
    let mut first = world.browser();
    first.sign_up(EMAIL);
    let mut later: Vec<_> = (0..2).map(|_| world.browser()).collect();
    for browser in &mut later {
        world.advance_secs(1);
        assert_eq!(browser.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD})).status, 200);
    }
    assert!(!is_signed_in(&mut first));
    assert!(later.iter_mut().all(is_signed_in));
    assert_eq!(world.rows("session").len(), 2);
}

#[test]
fn case_227_what_happens_is_told_without_secrets() {
    let world = World::default();
    let mut browser = world.browser();
    let token = browser.sign_up(EMAIL).json["token"].as_str().unwrap().to_owned();
    browser.post("/sign-in/email", json!({"email": EMAIL, "password": "not the password"}));
    browser.post("/change-password", json!({"newPassword": "another password", "currentPassword": PASSWORD}));
    browser.post("/sign-out", json!({}));
    let events = world.take_events();
    let names: Vec<_> = events.iter().map(|event| event.name).collect();
    for expected in
        [event::USER_CREATED, event::SIGNED_IN, event::SIGN_IN_FAILED, event::PASSWORD_CHANGED, event::SIGNED_OUT]
    {
        assert!(names.contains(&expected), "{expected} is missing in {names:?}");
    }
    let text = format!("{events:?}");
    for secret in [token.as_str(), PASSWORD, "not the password", "another password"] {
        assert!(!text.contains(secret));
    }
}

#[test]
fn too_many_sign_ins_at_once_are_put_off() {
    let world = World::default();
    world.browser().sign_up(EMAIL);
    let request = TestRequest::json("/sign-in/email", &json!({"email": EMAIL, "password": PASSWORD}));
    let mut exchange = world.begin(world.browser().prepare(&request));
    let answer = loop {
        match exchange.step() {
            Step::Perform(Effect::Verify(_)) => exchange.supply(Outcome::Verify(Err(HashFailure::Overloaded))),
            Step::Perform(effect) => exchange.supply(world.outside.perform_now(effect)),
            Step::Respond(response) => break TestResponse::read(response),
        }
    };
    assert_eq!((answer.status, answer.code(), answer.header("retry-after")), (503, "SERVICE_UNAVAILABLE", "1"));
}

#[test]
fn the_servers_own_code_calls_a_route_without_being_taken_for_a_stranger() {
    let world = World::default();
    world.browser().sign_up(EMAIL);
    let headers = [("cookie", "a=b"), ("sec-fetch-site", "cross-site")];
    let headers = headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let call = ServerCall { headers: headers.into_iter().collect(), body: Some(body), ..ServerCall::default() };
    let exchange = world.engine.begin_call("signInEmail", call).unwrap();
    let answer = TestResponse::read(world.outside.finish(exchange));
    assert_eq!((answer.status, &answer.json["user"]["email"]), (200, &json!(EMAIL)), "{}", answer.text);
    assert!(world.engine.begin_call("noSuchRoute", ServerCall::default()).is_none());
}
