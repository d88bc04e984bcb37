//! Checking, changing and setting one's own password while signed in.

use http::header;
use kernia::{
    domain::api::ServerCall,
    store::{Batch, Expect, Filter, Row},
    testing::{Browser, PASSWORD, TestRequest, TestResponse},
};
use serde_json::{Value as Json, json};

use super::{
    Place, World, place,
    stepping::{held_at_change, held_at_write, let_go, observed, steps, write},
};

const EMAIL: &str = "ada@example.com";
const NEW: &str = "a brand new password";

fn change(revoke: bool) -> Json {
    json!({"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": revoke})
}

fn sign_in_request(password: &str) -> TestRequest {
    TestRequest::json("/sign-in/email", &json!({"email": EMAIL, "password": password}))
}

fn sign_in<'w>(world: &'w World, password: &str) -> Option<Browser<'w>> {
    let mut browser = world.browser();
    (browser.send(&sign_in_request(password)).status == 200).then_some(browser)
}

fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.get("/get-session").text != "null"
}

fn signed_up(world: &World) -> Browser<'_> {
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let _ = (world.take_messages(), world.take_events());
    browser
}

fn forget_password(world: &World) {
    let set = Row::new().with("password", None::<String>);
    write(world, Batch::new().update("account", Filter::All, set, Expect::Rows(1)));
}

fn call(cookie: &str, body: Json) -> ServerCall {
    let headers = [(header::COOKIE, cookie.parse().unwrap())].into_iter().collect();
    ServerCall { headers, body: Some(body), ..ServerCall::default() }
}

/// Calls the server's own `setPassword` as whoever `browser` is.
fn set_password(world: &World, browser: &Browser<'_>, password: &str) -> TestResponse {
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let call = call(&cookies.join("; "), json!({"newPassword": password}));
    let exchange = world.engine.begin_call("setPassword", call).unwrap();
    TestResponse::read(world.outside.finish(exchange))
}

fn events(world: &World) -> Vec<&'static str> {
    world.take_events().iter().map(|event| event.name).collect()
}

#[test]
fn ones_own_password_is_verified() {
    let world = World::default();
    let mut ada = signed_up(&world);
    let verify =
        |browser: &mut Browser<'_>, password: &str| browser.post("/verify-password", json!({"password": password}));
    let answer = verify(&mut ada, PASSWORD);
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"status":true}"#));
    assert!(events(&world).is_empty());
    for wrong in ["", "wrong password!"] {
        let answer = verify(&mut ada, wrong);
        assert_eq!((answer.status, answer.code()), (400, "INVALID_PASSWORD"));
        assert_eq!(events(&world), ["password.refused"]);
    }
    assert_eq!(verify(&mut ada, &"x".repeat(129)).code(), "PASSWORD_TOO_LONG");
    let answer = verify(&mut world.browser(), PASSWORD);
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"));
    assert_eq!(world.browser().post("/verify-password", json!({})).code(), "VALIDATION_ERROR");
    forget_password(&world);
    assert_eq!(verify(&mut ada, "").code(), "INVALID_PASSWORD");
}

#[test]
fn a_password_is_changed_by_who_knows_it() {
    let world = World::default();
    let mut ada = signed_up(&world);
    let user = ada.get("/get-session").json["user"].clone();
    let mut other = sign_in(&world, PASSWORD).unwrap();
    let _ = world.take_events();
    let answer = ada.post("/change-password", change(false));
    assert_eq!((answer.status, &answer.json), (200, &json!({"token": null, "user": user})));
    assert!(answer.cookies.is_empty());
    assert_eq!(events(&world), ["password.changed"]);
    assert!(is_signed_in(&mut ada) && is_signed_in(&mut other));
    assert!(sign_in(&world, PASSWORD).is_none());
    assert!(sign_in(&world, NEW).is_some());
}

#[test]
fn other_sessions_end_with_the_old_password_on_request() {
    let world = World::default();
    let mut ada = signed_up(&world);
    let mut other = sign_in(&world, PASSWORD).unwrap();
    world.browser().sign_up("eve@example.com");
    let before = ada.cookies.clone();
    let _ = world.take_events();
    let answer = ada.post("/change-password", change(true));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(ada.get("/get-session").json["session"]["token"], answer.json["token"]);
    assert_eq!(answer.cookie("better-auth.session_token").unwrap().attributes.max_age, Some(604_800));
    assert!(!is_signed_in(&mut other));
    let mut thief = world.browser();
    thief.cookies = before;
    assert!(!is_signed_in(&mut thief), "the old cookie is worth nothing");
    assert_eq!(world.rows("session").len(), 2, "one here, and Eve's");
    assert_eq!(events(&world), ["session.created", "session.revoked", "password.changed"]);
}

#[test]
fn a_browser_that_forgets_still_forgets() {
    let world = World::default();
    signed_up(&world);
    let mut ada = world.browser();
    ada.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD, "rememberMe": false}));
    let answer = ada.post("/change-password", change(true));
    assert_eq!(answer.cookie("better-auth.session_token").unwrap().attributes.max_age, None);
    assert!(answer.cookie("better-auth.dont_remember").is_some());
}

#[test]
fn the_checks_of_a_change_come_in_the_order_of_the_reference() {
    let world = World::default();
    let mut ada = signed_up(&world);
    let long = "x".repeat(129);
    let cases = [
        (json!({}), "VALIDATION_ERROR"),
        (json!({"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": "yes"}), "VALIDATION_ERROR"),
        (json!({"currentPassword": long, "newPassword": "short"}), "PASSWORD_TOO_SHORT"),
        (json!({"currentPassword": long, "newPassword": long}), "PASSWORD_TOO_LONG"),
        (json!({"currentPassword": long, "newPassword": NEW}), "PASSWORD_TOO_LONG"),
        (json!({"currentPassword": "wrong password!", "newPassword": NEW}), "INVALID_PASSWORD"),
    ];
    for (body, code) in &cases {
        let answer = ada.post("/change-password", body.clone());
        assert_eq!((answer.status, answer.code()), (400, *code), "{body}");
        let stranger = world.browser().post("/change-password", body.clone());
        let expected = if *code == "VALIDATION_ERROR" { code } else { "UNAUTHORIZED" };
        assert_eq!(stranger.code(), expected, "{body}");
    }
    assert_eq!(events(&world), ["password.refused"]);
    assert!(sign_in(&world, PASSWORD).is_some());
    forget_password(&world);
    assert_eq!(ada.post("/change-password", change(false)).code(), "CREDENTIAL_ACCOUNT_NOT_FOUND");
    write(&world, Batch::new().delete("account", Filter::All, Expect::Rows(1)));
    assert_eq!(ada.post("/change-password", change(false)).code(), "CREDENTIAL_ACCOUNT_NOT_FOUND");
}

#[test]
fn a_password_that_is_too_long_is_never_hashed() {
    let world = World::default();
    let ada = signed_up(&world);
    let long = "x".repeat(1_000_000 / 2);
    for (path, body) in [
        ("/verify-password", json!({"password": long})),
        ("/change-password", json!({"currentPassword": long, "newPassword": NEW})),
        ("/change-password", json!({"currentPassword": PASSWORD, "newPassword": long})),
    ] {
        let exchange = world.begin(ada.prepare(&TestRequest::json(path, &body)));
        let (answer, effects) = observed(&world, exchange);
        let read = if place() == Place::Database { vec!["Read"] } else { vec!["Cache", "Cache"] };
        assert_eq!((answer.code(), effects), ("PASSWORD_TOO_LONG", read), "only the session is read");
    }
}

#[test]
fn a_revoked_session_changes_nothing_although_its_cookie_is_still_believed() {
    let world = World::changed(|options| options.session.cookie_cache.enabled = true);
    let ada = signed_up(&world);
    write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
    assert!(is_signed_in(&mut ada.clone()), "the cookie is believed for a while");
    assert_eq!(ada.clone().post("/verify-password", json!({"password": PASSWORD})).code(), "UNAUTHORIZED");
    assert_eq!(set_password(&world, &ada, NEW).code(), "UNAUTHORIZED");
    let guess = json!({"currentPassword": "wrong password!", "newPassword": NEW});
    for body in [guess, change(true)] {
        assert_eq!(ada.clone().post("/change-password", body).code(), "UNAUTHORIZED");
    }
    assert!(sign_in(&world, PASSWORD).is_some());
}

#[test]
fn a_session_that_is_revoked_meanwhile_changes_nothing() {
    for revoke in [true, false] {
        let world = World::default();
        let ada = signed_up(&world);
        let mut exchange = world.begin(ada.prepare(&TestRequest::json("/change-password", &change(revoke))));
        let held = held_at_change(&world, &mut exchange);
        write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
        let answer = let_go(&world, exchange, held);
        if place() == Place::Secondary && !revoke {
            // The database cannot see the session's end: what was decided before it happens before it.
            assert_eq!(answer.status, 200);
            continue;
        }
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"));
        assert!(world.rows("session").is_empty());
        assert!(sign_in(&world, PASSWORD).is_some());
    }
}

#[test]
fn of_two_changes_at_once_one_wins() {
    let world = World::default();
    let first = signed_up(&world);
    let second = sign_in(&world, PASSWORD).unwrap();
    let mut racers = [(first, "the first password"), (second, "the second password")].map(|(browser, password)| {
        let body = json!({"currentPassword": PASSWORD, "newPassword": password});
        let mut exchange = world.begin(browser.prepare(&TestRequest::json("/change-password", &body)));
        let held = held_at_write(&world, &mut exchange);
        Some((exchange, held))
    });
    let codes = [1, 0].map(|at: usize| {
        let (exchange, held) = racers[at].take().unwrap();
        let_go(&world, exchange, held).code().to_owned()
    });
    assert_eq!(codes, ["", "INVALID_PASSWORD"]);
    assert!(sign_in(&world, "the second password").is_some() && sign_in(&world, "the first password").is_none());
}

/// Whose request is stopped in the middle.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held {
    SignIn,
    Change,
}

/// A change that ends all sessions meets a sign-in with the old password. The one is held after `count` effects while the
/// other runs to its end.
fn meeting(world: &World, ada: &Browser<'_>, held: Held, count: usize) -> TestResponse {
    let change = world.begin(ada.prepare(&TestRequest::json("/change-password", &change(true))));
    let sign_in = world.begin(world.browser().prepare(&sign_in_request(PASSWORD)));
    let (mut first, second) = if held == Held::SignIn { (sign_in, change) } else { (change, sign_in) };
    let over = steps(world, &mut first, count);
    let second = world.outside.finish(second);
    let first = over.unwrap_or_else(|| world.outside.finish(first));
    TestResponse::read(if held == Held::SignIn { second } else { first })
}

/// Stores Ada's password as a hash that a sign-in replaces.
fn weaken(world: &World) {
    let weak = World::changed(|options| options.email_and_password.password.memory_kib = 16);
    signed_up(&weak);
    let stored = Row::new().with("password", weak.rows("account")[0].text("password"));
    write(world, Batch::new().update("account", Filter::All, stored, Expect::Rows(1)));
}

#[test]
fn case_207_no_session_of_the_old_password_survives_a_change_however_they_meet() {
    for (held, count, rehash) in [Held::SignIn, Held::Change]
        .into_iter()
        .flat_map(|held| (0..12).flat_map(move |count| [(held, count, false), (held, count, true)]))
    {
        let world = World::default();
        let ada = signed_up(&world);
        if rehash {
            weaken(&world);
        }
        let changed = meeting(&world, &ada, held, count);
        let context = format!("{held:?} held after {count}, rehash {rehash}: {}", changed.text);
        if changed.status == 200 {
            let tokens: Vec<_> = world.rows("session").iter().map(|row| row.text("token").to_owned()).collect();
            assert_eq!(json!(tokens), json!([changed.json["token"]]), "{context}");
        } else {
            // The sign-in put a better hash in the place of the one that the change had verified.
            assert!(rehash && held == Held::Change && changed.code() == "INVALID_PASSWORD", "{context}");
            assert!(sign_in(&world, PASSWORD).is_some(), "{context}");
        }
    }
}

#[test]
fn a_first_password_is_set_by_the_server_only() {
    let world = World::default();
    let mut ada = signed_up(&world);
    assert_eq!(ada.post("/set-password", json!({"newPassword": NEW})).status, 404);
    let taken = set_password(&world, &ada, NEW);
    assert_eq!((taken.status, taken.code()), (400, "PASSWORD_ALREADY_SET"));
    assert_eq!(set_password(&world, &world.browser(), NEW).code(), "UNAUTHORIZED");
    let forgotten = Row::new().with("password", None::<String>);
    let without_password = Batch::new().update("account", Filter::All, forgotten, Expect::Rows(1));
    let without_account = Batch::new().delete("account", Filter::All, Expect::Rows(1));
    for emptied in [without_password, without_account] {
        write(&world, emptied);
        assert_eq!(set_password(&world, &ada, "short").code(), "PASSWORD_TOO_SHORT");
        assert_eq!(set_password(&world, &ada, &"x".repeat(129)).code(), "PASSWORD_TOO_LONG");
        let _ = world.take_events();
        let answer = set_password(&world, &ada, NEW);
        assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"status":true}"#));
        assert_eq!(events(&world), ["password.set"]);
        assert!(sign_in(&world, NEW).is_some());
        assert_eq!(world.rows("account").len(), 1);
    }
}

#[test]
fn two_first_passwords_set_at_once_make_one_account() {
    let world = World::default();
    let ada = signed_up(&world);
    write(&world, Batch::new().delete("account", Filter::All, Expect::Rows(1)));
    let cookie = format!("better-auth.session_token={}", ada.cookies["better-auth.session_token"]);
    let call = call(&cookie, json!({"newPassword": "a late password"}));
    let mut late = world.engine.begin_call("setPassword", call).unwrap();
    let held = held_at_write(&world, &mut late);
    assert_eq!(set_password(&world, &ada, NEW).status, 200);
    assert_eq!(let_go(&world, late, held).code(), "PASSWORD_ALREADY_SET");
    assert_eq!(world.rows("account").len(), 1);
    assert!(sign_in(&world, NEW).is_some());
}
