//! Coming back from a provider while none is configured.

use http::Method;
use kernia::{
    domain::options::Options,
    store::{Batch, Row},
    testing::{TestRequest, TestResponse},
    wire::{cookie::sign_cookie_value, date::Clock},
};
use serde_json::{Value as Json, json};

use super::{World, race::each_interleaving, stepping::write};

const ERROR_PAGE: &str = "http://localhost:3000/api/auth/error?error=";
const COOKIE: &str = "better-auth.state";

/// What a server with providers remembers of a browser that it has sent to one.
fn remembered(world: &World, state: &str) -> Json {
    let expires_at = world.clock.now().plus_secs(600).as_millis();
    json!({"callbackURL": "/in", "codeVerifier": "v", "expiresAt": expires_at, "oauthState": state})
}

fn remember(world: &World, state: &str, value: &str) {
    let row = Row::new()
        .with("identifier", format!("auth-state:{state}"))
        .with("value", value)
        .with("expiresAt", world.clock.now().plus_secs(600))
        .with("createdAt", world.clock.now())
        .with("updatedAt", world.clock.now())
        .with("id", state);
    write(world, Batch::new().insert("verification", row));
}

fn remember_with(world: &World, state: &str, more: &Json) {
    let mut value = remembered(world, state);
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    remember(world, state, &value.to_string());
}

/// Comes back to `path`, with the cookie of `state` if there is one.
fn come_back(world: &World, path: &str, state: Option<&str>) -> TestResponse {
    let mut browser = world.browser();
    if let Some(state) = state {
        let signed = sign_cookie_value(&world.engine.installation().signer, state);
        browser.cookies.insert(COOKIE.to_owned(), signed);
    }
    browser.get(path)
}

fn location(answer: &TestResponse) -> &str {
    assert_eq!((answer.status, answer.text.as_str()), (302, ""));
    answer.header("location")
}

#[test]
fn without_a_known_state_the_browser_ends_on_the_error_page() {
    let world = World::default();
    for (query, error) in [
        ("", "state_not_found"),
        ("?code=c", "state_not_found"),
        ("?code=c&state=", "state_not_found"),
        ("?error=access_denied", "state_not_found"),
        ("?state=s", "state_mismatch"),
        ("?code=c&state=s", "state_mismatch"),
        ("?error=access_denied&state=s", "state_mismatch"),
    ] {
        let answer = come_back(&world, &format!("/callback/github{query}"), Some("s"));
        assert_eq!(location(&answer), format!("{ERROR_PAGE}{error}"), "{query}");
    }
    let twice = come_back(&world, "/callback/github?state=a&state=b&code=c", None);
    let message = "[query.state] Invalid input: expected string, received array";
    assert_eq!((twice.status, twice.json["message"].as_str()), (400, Some(message)));
}

#[test]
fn a_state_is_spent_by_the_browser_that_it_was_made_for() {
    let world = World::default();
    remember_with(&world, "s", &json!({"errorURL": "/oops?x=1"}));
    let path = "/callback/github?code=c&state=s";
    for stranger in [None, Some("another")] {
        let answer = come_back(&world, path, stranger);
        assert_eq!(location(&answer), "/oops?x=1&error=state_mismatch");
        assert!(answer.cookies.is_empty());
    }
    assert_eq!(world.rows("verification").len(), 1, "a stranger spends nothing");
    let answer = come_back(&world, path, Some("s"));
    assert_eq!(location(&answer), "/oops?x=1&error=oauth_provider_not_found");
    assert_eq!(answer.cookie(COOKIE).unwrap().attributes.max_age, Some(0));
    assert!(world.rows("verification").is_empty());
    assert_eq!(location(&come_back(&world, path, Some("s"))), format!("{ERROR_PAGE}state_mismatch"));
}

#[test]
fn what_the_provider_says_is_told_on_the_page_that_the_request_named() {
    let world = World::default();
    for (query, more, expected) in [
        (
            "error=access_denied&error_description=no%20x",
            json!({"errorURL": "/oops"}),
            "/oops?error=access_denied&error_description=no+x".to_owned(),
        ),
        ("code=", json!({}), format!("{ERROR_PAGE}no_code")),
        ("error=&code=c", json!({"errorURL": ""}), format!("{ERROR_PAGE}oauth_provider_not_found")),
        ("code=c", json!({"errorURL": "not a page"}), format!("{ERROR_PAGE}oauth_provider_not_found")),
        ("code=c", json!({"expiresAt": 0, "errorURL": "/late"}), "/late?error=state_mismatch".to_owned()),
    ] {
        remember_with(&world, "s", &more);
        let answer = come_back(&world, &format!("/callback/github?{query}&state=s"), Some("s"));
        assert_eq!(location(&answer), expected, "{query}");
        assert!(world.rows("verification").is_empty(), "{query}");
    }
}

#[test]
fn a_state_that_is_not_this_ones_or_not_readable_is_refused() {
    let world = World::default();
    remember_with(&world, "other", &json!({"oauthState": "x", "errorURL": "/oops"}));
    remember(&world, "torn", "{");
    remember(&world, "short", &json!({"callbackURL": "/in"}).to_string());
    for (state, expected) in [
        ("other", "/oops?error=state_mismatch".to_owned()),
        ("torn", format!("{ERROR_PAGE}internal_server_error")),
        ("short", format!("{ERROR_PAGE}internal_server_error")),
    ] {
        let answer = come_back(&world, &format!("/callback/github?code=c&state={state}"), Some(state));
        assert_eq!(location(&answer), expected);
    }
    world.advance_secs(601);
    remember_with(&world, "late", &json!({}));
    world.advance_secs(601);
    let late = come_back(&world, "/callback/github?code=c&state=late", Some("late"));
    assert_eq!(location(&late), format!("{ERROR_PAGE}state_mismatch"));
}

#[test]
fn two_windows_do_not_spend_one_state_twice() {
    let stage = || {
        let world = World::default();
        remember_with(&world, "s", &json!({}));
        let signed = sign_cookie_value(&world.engine.installation().signer, "s");
        let request = TestRequest::new(Method::GET, "/callback/github?code=c&state=s")
            .header("cookie", format!("{COOKIE}={signed}"));
        let requests = [request.build("/api/auth"), request.build("/api/auth")];
        (world, requests)
    };
    each_interleaving(stage, |_, first, second| {
        let mut told = [location(&first), location(&second)].map(|page| page.strip_prefix(ERROR_PAGE).unwrap());
        told.sort_unstable();
        assert_eq!(told, ["oauth_provider_not_found", "state_mismatch"]);
    });
}

#[test]
fn a_form_becomes_a_navigation() {
    let world = World::default();
    let mut browser = world.browser();
    let base = "http://localhost:3000/api/auth/callback";
    let form = |body: &str| {
        TestRequest::new(Method::POST, "/callback/github?code=q")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned())
    };
    let answer = browser.send(&form("code=b&state=%C3%A4+%26&user=%7B%7D"));
    assert_eq!(location(&answer), format!("{base}/github?code=q&state=%C3%A4+%26&user=%7B%7D"));
    let answer = browser.send(&TestRequest::new(Method::POST, "/callback/a%20b%2Fc"));
    assert_eq!(location(&answer), format!("{base}/a%20b%2Fc?"));
    let answer = browser.post("/callback/github", json!({"code": 5}));
    assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"));
}

#[test]
fn the_installations_own_error_page_is_used() {
    let own = |options: &mut Options| {
        options.on_api_error.error_url = Some("https://app.example.com/oops?from=auth#top".to_owned());
    };
    let world = World::changed(own);
    let answer = come_back(&world, "/callback/github", None);
    assert_eq!(location(&answer), "https://app.example.com/oops?from=auth&error=state_not_found#top");
}
