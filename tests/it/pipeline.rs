//! What every request passes.

use http::Method;
use kernia::{
    domain::options::{CustomRule, RateLimitStorage},
    testing::TestRequest,
};
use serde_json::json;

use super::{Place, World, place};

fn sign_up_body() -> serde_json::Value {
    json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse"})
}

#[test]
fn a_person_signs_up_and_is_signed_in() {
    let world = World::default();
    let mut browser = world.browser();
    let answer = browser.post("/sign-up/email", sign_up_body());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = browser.get("/get-session");
    assert_eq!(session.json["user"]["email"], "ada@example.com");
    assert_eq!(session.json["session"]["token"], answer.json["token"]);
    assert_eq!(session.header("cache-control"), "no-store");
    assert_eq!((world.rows("user").len(), world.rows("account").len(), world.rows("session").len()), (1, 1, 1));
}

#[test]
fn nobody_is_signed_in_without_a_cookie() {
    let world = World::default();
    assert_eq!(world.browser().get("/get-session").text, "null");
}

#[test]
fn an_address_signs_up_once() {
    let world = World::default();
    world.browser().sign_up("ada@example.com");
    let again = world
        .browser()
        .post("/sign-up/email", json!({"name": "B", "email": "ADA@example.com", "password": "another one"}));
    assert_eq!((again.status, again.code()), (422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"));
    assert_eq!(world.rows("user").len(), 1);
}

#[test]
fn a_stranger_does_not_learn_who_has_signed_up() {
    let world = World::changed(|options| options.email_and_password.require_email_verification = true);
    let first = world.browser().post("/sign-up/email", sign_up_body());
    let second = world.browser().post("/sign-up/email", sign_up_body());
    assert_eq!((first.status, second.status), (200, 200));
    let keys = |answer: &kernia::testing::TestResponse| {
        answer.json["user"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(keys(&first), keys(&second));
    assert!(first.json["token"].is_null() && second.json["token"].is_null());
    assert_eq!(world.rows("user").len(), 1);
}

#[test]
fn unroutable_requests_are_not_found() {
    let world = World::default();
    let mut browser = world.browser();
    for (method, path) in [
        (Method::GET, "/nowhere"),
        (Method::POST, "/ok"),
        (Method::HEAD, "/ok"),
        (Method::OPTIONS, "/ok"),
        (Method::GET, "/ok/"),
        (Method::GET, "//ok"),
        (Method::GET, "/%2Fok"),
        (Method::GET, ""),
    ] {
        let answer = browser.send(&TestRequest::new(method.clone(), path));
        assert_eq!((answer.status, answer.text.as_str()), (404, ""), "{method} {path}");
    }
    assert_eq!(browser.get("/x/../ok").json, json!({"ok": true}));
}

#[test]
fn a_disabled_path_is_not_found_in_any_spelling() {
    let world = World::changed(|options| options.disabled_paths = vec!["/sign-up/email".to_owned()]);
    for path in ["/sign-up/email", "/sign-up/./email", "/x/../sign-up/email", "/sign-up/email/"] {
        let answer = world.browser().post(path, sign_up_body());
        assert_eq!((answer.status, answer.text.as_str()), (404, "Not Found"), "{path}");
    }
}

#[test]
fn too_large_requests_are_refused_before_they_are_read() {
    let world = World::changed(|options| options.limits.body_bytes = 100);
    let mut browser = world.browser();
    assert_eq!(browser.post("/sign-up/email", json!({"name": "x".repeat(200)})).status, 413);
    let long = TestRequest::new(Method::GET, format!("/ok?{}", "x".repeat(20_000)));
    assert_eq!(browser.send(&long).status, 414);
    let wide = TestRequest::new(Method::GET, "/ok").header("x-wide", "x".repeat(70_000));
    assert_eq!(browser.send(&wide).status, 431);
}

#[test]
fn sign_in_paths_are_limited_on_every_counter() {
    let kinds = [RateLimitStorage::Memory, RateLimitStorage::Database, RateLimitStorage::SecondaryStorage];
    // The last is only where there is secondary storage.
    for storage in kinds.into_iter().take(if place() == Place::Database { 2 } else { 3 }) {
        let world = World::changed(|options| {
            options.rate_limit.enabled = Some(true);
            options.rate_limit.storage = Some(storage);
        });
        let attempt = || world.browser().post("/sign-up/email", json!({}));
        let statuses: Vec<_> = (0..5).map(|_| attempt().status).collect();
        assert_eq!(statuses, [400, 400, 400, 429, 429], "{storage:?}");
        let refused = attempt();
        assert_eq!(refused.header("x-retry-after"), "10");
        assert_eq!(refused.text, r#"{"message":"Too many requests. Please try again later."}"#);
        world.advance_secs(11);
        assert_eq!(attempt().status, 400, "{storage:?}");
    }
}

#[test]
fn an_event_names_the_route_and_not_the_token_in_its_path() {
    let world = World::changed(|options| options.rate_limit.enabled = Some(true));
    let ask = |path: &str| (0..101).fold(0, |_, _| world.browser().get(path).status);
    for (path, named) in [("/reset-password/a-secret?callbackURL=/x", "/reset-password/:token"), ("/a-secret/", "")] {
        assert_eq!(ask(path), 429);
        let event = world.take_events().pop().unwrap();
        assert_eq!((event.name, event.detail), ("request.rate_limited", vec![("path", named.to_owned())]));
    }
}

#[test]
fn clients_are_told_apart_by_their_address() {
    let world = World::changed(|options| options.rate_limit.enabled = Some(true));
    let from = |address: &str| {
        let request = TestRequest::json("/sign-up/email", &json!({})).header("x-forwarded-for", address);
        world.browser().send(&request).status
    };
    let drained: Vec<_> = (0..4).map(|_| from("192.0.2.1")).collect();
    assert_eq!(drained, [400, 400, 400, 429]);
    assert_eq!(from("192.0.2.2"), 400);
    let subnet: Vec<_> = (1..=4).map(|host| from(&format!("2001:db8::{host}"))).collect();
    assert_eq!(subnet, [400, 400, 400, 429], "one /64 is one client");
}

#[test]
fn a_custom_rule_lifts_a_limit() {
    let world = World::changed(|options| {
        options.rate_limit.enabled = Some(true);
        options.rate_limit.custom_rules.insert("/sign-up/*".to_owned(), CustomRule::Switch(false));
    });
    assert!((0..10).all(|_| world.browser().post("/sign-up/email", json!({})).status == 400));
}

#[test]
fn of_several_rules_that_fit_the_first_counts() {
    let statuses = |rules: [(&str, CustomRule); 2]| {
        let world = World::changed(|options| {
            options.rate_limit.enabled = Some(true);
            for (paths, rule) in rules {
                options.rate_limit.custom_rules.insert(paths, rule);
            }
        });
        [(); 2].map(|()| world.browser().post("/sign-up/email", json!({})).status)
    };
    let (one, free) = (CustomRule::Limit { window: 60, max: 1 }, CustomRule::Switch(false));
    assert_eq!(statuses([("/sign-up/email", one), ("/sign-up/*", free)]), [400, 429]);
    assert_eq!(statuses([("/sign-up/*", free), ("/sign-up/email", one)]), [400, 400]);
}

#[test]
fn a_trusted_page_of_another_origin_may_use_the_server() {
    let world = World::changed(|options| options.trusted_origins = vec!["https://app.test".to_owned()]);
    let mut browser = world.browser();
    let preflight = TestRequest::new(Method::OPTIONS, "/sign-up/email")
        .header("origin", "https://app.test")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let answer = browser.send(&preflight);
    assert_eq!((answer.status, answer.header("access-control-allow-headers")), (204, "content-type"));
    let request = TestRequest::json("/sign-up/email", &sign_up_body()).header("origin", "https://app.test");
    let answer = browser.send(&request);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "https://app.test"));
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    for origin in ["https://app.test.evil.test", "https://evil.test", "null", "http://app.test"] {
        let preflight = preflight.clone().header("origin", origin);
        let mut preflight = preflight;
        preflight.headers.retain(|(name, value)| *name != "origin" || value == origin);
        let answer = browser.send(&preflight);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (404, ""), "{origin}");
    }
}

#[test]
fn a_fault_in_the_store_is_a_503_with_an_id() {
    let world = World::default();
    let mut browser = world.browser();
    browser.sign_up("ada@example.com");
    let mut exchange = world.begin(browser.prepare(&TestRequest::new(Method::GET, "/get-session")));
    let response = loop {
        match exchange.step() {
            kernia::engine::Step::Perform(effect) => exchange.supply(kernia::testing::Outside::outage(&effect)),
            kernia::engine::Step::Respond(response) => break kernia::testing::TestResponse::read(response),
        }
    };
    assert_eq!((response.status, response.code()), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!(response.header("x-request-id").len(), 16);
    assert!(response.cookies.is_empty(), "an outage signs nobody out");
}

#[test]
fn the_janitor_removes_what_has_expired() {
    let world = World::default();
    world.browser().sign_up("ada@example.com");
    let sweep = || world.outside.perform_now(kernia::engine::Effect::Write(world.engine.janitor(10)));
    let _ = sweep();
    assert_eq!(world.rows("session").len(), 1);
    world.advance_secs(604_801);
    let _ = sweep();
    assert_eq!((world.rows("session").len(), world.rows("user").len()), (0, 1));
}
