//! Listing and revoking sessions.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use kernia::{
    domain::options::Options,
    store::{Batch, Expect, Filter},
    testing::{PASSWORD, TestRequest, TestResponse},
};
use serde_json::json;

use super::{
    Place, World, place,
    race::{each_interleaving, each_stop},
    stepping::{observed, write},
};

const EMAIL: &str = "ada@example.com";

/// Signs Ada in once more and answers the new session's token.
fn another_session(world: &World) -> String {
    let answer = world.browser().post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}));
    answer.json["token"].as_str().unwrap().to_owned()
}

fn tokens(answer: &TestResponse) -> Vec<&str> {
    answer.json.as_array().unwrap().iter().map(|session| session["token"].as_str().unwrap()).collect()
}

fn stored_tokens(world: &World) -> Vec<String> {
    world.rows("session").iter().map(|session| session.text("token").to_owned()).collect()
}

/// How often the database changes when sessions end.
fn writes() -> usize {
    usize::from(place() != Place::Secondary)
}

fn revocations(world: &World) -> Vec<Vec<(&'static str, String)>> {
    let events = world.take_events().into_iter();
    events.filter(|event| event.name == "session.revoked").map(|event| event.detail).collect()
}

fn with_cache(options: &mut Options) {
    options.session.cookie_cache.enabled = true;
}

#[test]
fn a_user_sees_their_own_live_sessions_oldest_first() {
    let world = World::changed(|options| options.session.fresh_age = 0);
    world.browser().sign_up("mallory@example.com");
    let mut browser = world.browser();
    let first = browser.sign_up(EMAIL).json["token"].clone();
    world.advance_secs(1);
    let forgotten = json!({"email": EMAIL, "password": PASSWORD, "rememberMe": false});
    world.browser().post("/sign-in/email", forgotten);
    world.advance_secs(86_400);
    let last = another_session(&world);
    let answer = browser.get("/list-sessions");
    assert_eq!(answer.status, 200);
    assert_eq!(tokens(&answer), [first.as_str().unwrap(), last.as_str()], "the forgotten session ends at this moment");
    let keys: Vec<_> = answer.json[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys.len(), 8, "{keys:?}");
    assert_eq!(answer.json[0]["userId"], world.rows("user")[1].id());
}

#[test]
fn an_idle_session_is_not_listed() {
    let world = World::changed(|options| options.session.idle_lifetime = Some(600));
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    another_session(&world);
    for _ in 0..3 {
        world.advance_secs(300);
        browser.get("/get-session");
    }
    assert_eq!(tokens(&browser.get("/list-sessions")).len(), 1);
}

#[test]
fn the_list_is_for_those_who_signed_in_lately() {
    let world = World::default();
    let nobody = world.browser().get("/list-sessions");
    assert_eq!((nobody.status, nobody.code()), (401, "UNAUTHORIZED"));
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    world.advance_secs(86_399);
    assert_eq!(browser.get("/list-sessions").status, 200);
    world.advance_secs(1);
    let stale = browser.get("/list-sessions");
    assert_eq!((stale.status, stale.code()), (403, "SESSION_NOT_FRESH"));
}

#[test]
fn one_session_is_revoked() {
    let world = World::default();
    let mut browser = world.browser();
    let own = browser.sign_up(EMAIL).json["token"].as_str().unwrap().to_owned();
    let other = another_session(&world);
    let id = world.rows("session")[1].id().to_owned();
    let (answer, effects) =
        observed(&world, world.begin(browser.prepare(&TestRequest::json("/revoke-session", &json!({"token": other})))));
    assert_eq!((answer.status, answer.json), (200, json!({"status": true})));
    assert!(answer.cookies.is_empty());
    assert_eq!(stored_tokens(&world), [own]);
    assert_eq!(effects.iter().filter(|effect| **effect == "Write").count(), writes());
    assert_eq!(revocations(&world), [vec![("session", id)]]);
}

#[test]
fn nobody_revokes_the_session_of_somebody_else_or_learns_of_it() {
    let world = World::default();
    let ada = world.browser().sign_up(EMAIL).json["token"].clone();
    let mut mallory = world.browser();
    mallory.sign_up("mallory@example.com");
    let foreign = mallory.post("/revoke-session", json!({"token": ada}));
    let unknown = mallory.post("/revoke-session", json!({"token": "unknown"}));
    assert_eq!((foreign.status, &foreign.text), (200, &unknown.text));
    assert_eq!(foreign.headers, unknown.headers);
    assert_eq!(stored_tokens(&world).len(), 2);
    assert!(revocations(&world).is_empty());
}

#[test]
fn revoking_the_current_session_signs_out() {
    let world = World::changed(with_cache);
    let mut browser = world.browser();
    let token = browser.sign_up(EMAIL).json["token"].clone();
    let answer = browser.post("/revoke-session", json!({"token": token}));
    assert_eq!(answer.json, json!({"status": true}));
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies.keys());
    assert!(world.rows("session").is_empty());
}

#[test]
fn all_other_sessions_are_revoked() {
    let world = World::default();
    world.browser().sign_up("mallory@example.com");
    let mut browser = world.browser();
    let own = browser.sign_up(EMAIL).json["token"].clone();
    another_session(&world);
    another_session(&world);
    let request = TestRequest::new(http::Method::POST, "/revoke-other-sessions");
    let (answer, effects) = observed(&world, world.begin(browser.prepare(&request)));
    assert_eq!((answer.status, answer.json, answer.cookies.len()), (200, json!({"status": true}), 0));
    assert_eq!(stored_tokens(&world)[1..], [own.as_str().unwrap()]);
    assert_eq!(stored_tokens(&world).len(), 2, "mallory is still signed in");
    assert_eq!(effects.iter().filter(|effect| **effect == "Write").count(), writes());
    assert_eq!(revocations(&world), [vec![("scope", "others".to_owned())]]);
}

#[test]
fn all_sessions_are_revoked() {
    let world = World::changed(with_cache);
    world.browser().sign_up("mallory@example.com");
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    another_session(&world);
    let request = TestRequest::new(http::Method::POST, "/revoke-sessions");
    let (answer, effects) = observed(&world, world.begin(browser.prepare(&request)));
    assert_eq!((answer.status, &answer.json), (200, &json!({"status": true})));
    assert!(answer.cookies.iter().all(|cookie| cookie.attributes.max_age == Some(0)));
    assert_eq!(world.rows("session").len(), 1);
    assert_eq!(effects.iter().filter(|effect| **effect == "Write").count(), writes());
    assert_eq!(revocations(&world), [vec![("scope", "all".to_owned())]]);
}

#[test]
fn a_revoked_session_revokes_nothing_although_its_cookie_is_believed_elsewhere() {
    let world = World::changed(with_cache);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let mut revoked = world.browser();
    let token = revoked.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD})).json["token"].clone();
    let kept = revoked.cookies.clone();
    browser.post("/revoke-session", json!({"token": token}));
    assert_eq!(revoked.get("/get-session").json["session"]["token"], token, "the cache is still believed");
    for path in ["/revoke-session", "/revoke-sessions", "/revoke-other-sessions"] {
        revoked.cookies.clone_from(&kept);
        let answer = revoked.post(path, json!({"token": "x"}));
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"), "{path}");
    }
    assert_eq!(world.rows("session").len(), 1);
}

#[test]
fn a_revoked_session_does_not_see_the_tokens_of_others_although_its_cookie_is_believed_elsewhere() {
    let world = World::changed(with_cache);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let mut revoked = world.browser();
    let token = revoked.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD})).json["token"].clone();
    assert_eq!(revoked.get("/list-sessions").json.as_array().unwrap().len(), 2);
    browser.post("/revoke-session", json!({"token": token}));
    assert_eq!(revoked.get("/get-session").json["session"]["token"], token, "the cache is still believed");
    let refused = revoked.clone().get("/list-sessions");
    assert_eq!((refused.status, refused.code()), (401, "UNAUTHORIZED"));
    let refused = revoked.post("/unlink-account", json!({"accountId": "x"}));
    assert_eq!((refused.status, refused.code()), (401, "UNAUTHORIZED"));
    assert!(revoked.cookies.is_empty(), "it is told so");
}

#[test]
fn a_cached_session_beside_another_user_is_not_believed() {
    let world = World::changed(with_cache);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let mut other = world.browser();
    other.sign_up("mallory@example.com");
    let (own, other) = (browser.get("/get-session").json, other.get("/get-session").json);
    let installation = world.engine.installation();
    let mut seen = |user: &serde_json::Value| {
        let payload = json!({"session": own["session"], "user": user, "updatedAt": 1, "version": "1"}).to_string();
        let now = kernia::wire::date::Clock::now(&*world.clock);
        let entropy = kernia::crypto::entropy::SeededEntropy::new(1);
        let cached = installation.session_cache.encode(&entropy, now, Some(300), &payload);
        browser.cookies.insert("better-auth.session_data".to_owned(), cached);
        browser.get("/get-session").json["user"]["email"].clone()
    };
    assert_eq!(seen(&own["user"]), EMAIL);
    assert_eq!(seen(&other["user"]), EMAIL, "the store is asked");
}

#[test]
fn a_cached_session_is_believed_while_it_is_of_the_version_that_the_application_says() {
    let round = Arc::new(AtomicU32::new(1));
    let current = Arc::clone(&round);
    let world = World::changed(move |options| {
        with_cache(options);
        let cache = std::mem::take(&mut options.session.cookie_cache);
        options.session.cookie_cache =
            cache.version_of(move |_, user| format!("{} {}", user.text("email"), current.load(Ordering::Relaxed)));
    });
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
    assert_eq!(browser.clone().get("/get-session").json["user"]["email"], EMAIL);
    round.store(2, Ordering::Relaxed);
    assert!(browser.get("/get-session").json.is_null());
}

#[test]
fn a_session_that_begins_while_all_are_revoked_can_be_revoked_later() {
    const COOKIE: &str = "better-auth.session_token";
    let credentials = || TestRequest::json("/sign-in/email", &json!({"email": EMAIL, "password": PASSWORD}));
    let stage = || {
        let world = World::default();
        let mut browser = world.browser();
        browser.sign_up(EMAIL);
        let revocation = browser.prepare(&TestRequest::json("/revoke-sessions", &json!({})));
        let sign_in = world.browser().prepare(&credentials());
        (world, [sign_in, revocation])
    };
    each_interleaving(stage, |world, begun, revoked| {
        assert_eq!((begun.status, revoked.status), (200, 200));
        let mut other = world.browser();
        other.cookies.insert(COOKIE.to_owned(), begun.cookie(COOKIE).unwrap().value().to_owned());
        let mut keeper = world.browser();
        keeper.send(&credentials());
        assert_eq!(keeper.post("/revoke-other-sessions", json!({})).status, 200);
        assert!(other.get("/get-session").json.is_null(), "a session that was not found");
    });
}

#[test]
fn a_session_that_is_listed_can_be_revoked_although_its_sign_in_goes_on() {
    const COOKIE: &str = "better-auth.session_token";
    let stage = || {
        let world = World::default();
        let mut keeper = world.browser();
        let own = keeper.sign_up(EMAIL).json["token"].clone();
        let cookies = keeper.cookies.clone();
        let credentials = TestRequest::json("/sign-in/email", &json!({"email": EMAIL, "password": PASSWORD}));
        let sign_in = world.browser().prepare(&credentials);
        (world, sign_in, (cookies, own))
    };
    let listed = Cell::new(false);
    each_stop(
        stage,
        |world, (cookies, own)| {
            let mut keeper = world.browser();
            keeper.cookies = cookies;
            let list = keeper.get("/list-sessions");
            let begun = tokens(&list).into_iter().find(|token| own != *token);
            if let Some(token) = begun {
                assert_eq!(keeper.post("/revoke-session", json!({"token": token})).status, 200);
            }
            begun.is_some()
        },
        |world, answer, revoked| {
            let mut other = world.browser();
            other.cookies.insert(COOKIE.to_owned(), answer.cookie(COOKIE).unwrap().value().to_owned());
            assert_eq!(other.get("/get-session").json.is_null(), revoked);
            listed.set(listed.get() || revoked);
        },
    );
    assert!(listed.get(), "it is listed at the latest when it has begun");
}

#[test]
fn a_token_must_be_named() {
    let world = World::default();
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let answer = browser.post("/revoke-session", json!({"token": 5}));
    let message = "[body.token] Invalid input: expected string, received number";
    assert_eq!((answer.status, answer.json["message"].as_str()), (400, Some(message)));
    assert_eq!(world.browser().post("/revoke-session", json!({})).code(), "VALIDATION_ERROR");
    assert_eq!(world.browser().post("/revoke-session", json!({"token": "x"})).code(), "UNAUTHORIZED");
}

#[test]
fn where_refreshing_is_put_off_reading_says_when_it_is_due() {
    let world = World::changed(|options| options.session.defer_session_refresh = true);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let made = browser.get("/get-session").json;
    assert_eq!(made["needsRefresh"], false);
    world.advance_secs(2 * 86_400);
    let due = browser.get("/get-session").json;
    assert_eq!((&due["needsRefresh"], &due["session"]["expiresAt"]), (&true.into(), &made["session"]["expiresAt"]));
    let renewed = browser.post("/get-session", json!({})).json;
    assert_ne!(renewed["session"]["expiresAt"], made["session"]["expiresAt"]);
    assert_eq!(browser.get("/get-session").json["needsRefresh"], false);
}
