//! Deleting oneself.

use http::Method;
use kernia::{
    domain::{options::Options, stored_secret::StoreToken},
    store::{Batch, Expect, Filter},
    testing::{BASE_URL, Browser, PASSWORD, TestRequest, TestResponse},
};
use serde_json::{Value, json};

use super::{
    Place, World,
    email::outcome,
    place,
    race::each_interleaving,
    stepping::{held_at_change, let_go, observed, write},
};

const DELETED: &str = r#"{"success":true,"message":"User deleted"}"#;
const SENT: &str = r#"{"success":true,"message":"Verification email sent"}"#;
const DAY: i64 = 86_400;

fn enabled(options: &mut Options) {
    options.user.delete_user.enabled = true;
}

fn by_link(options: &mut Options) {
    enabled(options);
    options.user.delete_user.send_delete_account_verification = true;
}

fn signed_in<'w>(world: &'w World, email: &str) -> Browser<'w> {
    let mut browser = world.browser();
    browser.sign_up(email);
    let _ = world.take_events();
    browser
}

fn delete(browser: &mut Browser<'_>, body: Value) -> TestResponse {
    browser.post("/delete-user", body)
}

/// Asks for the link and answers its token.
fn deletion_token(world: &World, browser: &mut Browser<'_>) -> String {
    assert_eq!(delete(browser, json!({})).text, SENT);
    world.take_message().token.unwrap()
}

fn left(world: &World) -> [usize; 4] {
    ["user", "account", "session", "verification"].map(|table| world.rows(table).len())
}

#[test]
fn a_fresh_session_deletes_the_user_and_everything_of_theirs() {
    let world = World::changed(enabled);
    let mut ada = signed_in(&world, "ada@example.com");
    let mut phone = world.browser();
    phone.post("/sign-in/email", json!({"email": "ada@example.com", "password": PASSWORD}));
    signed_in(&world, "bob@example.com");
    let answer = delete(&mut ada, json!({"callbackURL": "/bye"}));
    assert_eq!((answer.status, answer.text.as_str()), (200, DELETED));
    assert!(ada.cookies.is_empty());
    assert_eq!(left(&world), [1, 1, 1, 0]);
    assert_eq!(phone.get("/get-session").text, "null");
    assert_eq!(world.take_events().last().unwrap().name, "user.deleted");
    assert_eq!(world.browser().sign_up("ada@example.com").status, 200, "the address is free again");
}

#[test]
fn a_session_that_is_not_fresh_needs_the_password() {
    let world = World::changed(enabled);
    let mut ada = signed_in(&world, "ada@example.com");
    world.advance_secs(DAY - 1);
    assert_eq!(outcome(&delete(&mut ada.clone(), json!({"password": "wrong"}))), (400, "INVALID_PASSWORD"));
    assert_eq!(world.take_events().last().unwrap().name, "password.refused");
    world.advance_secs(1);
    assert_eq!(outcome(&delete(&mut ada, json!({"password": ""}))), (400, "SESSION_EXPIRED"));
    assert_eq!(outcome(&delete(&mut ada, json!({"password": "x".repeat(129)}))), (400, "PASSWORD_TOO_LONG"));
    assert_eq!(outcome(&delete(&mut ada, json!({"password": 5}))), (400, "VALIDATION_ERROR"));
    assert_eq!(left(&world), [1, 1, 1, 0]);
    assert_eq!(delete(&mut ada, json!({"password": PASSWORD})).text, DELETED);
    assert_eq!(left(&world), [0, 0, 0, 0]);
}

#[test]
fn every_session_is_fresh_where_age_does_not_count() {
    let world = World::changed(|options| {
        enabled(options);
        options.session.fresh_age = 0;
    });
    let mut ada = signed_in(&world, "ada@example.com");
    world.advance_secs(3 * DAY);
    assert_eq!(delete(&mut ada, json!({})).text, DELETED);
}

#[test]
fn a_user_without_a_password_cannot_give_one() {
    let world = World::changed(enabled);
    let mut ada = signed_in(&world, "ada@example.com");
    let account = Filter::eq("providerId", "credential");
    let batch = Batch::new().delete("account", account, Expect::Rows(1));
    write(&world, batch);
    assert_eq!(outcome(&delete(&mut ada, json!({"password": PASSWORD}))), (400, "CREDENTIAL_ACCOUNT_NOT_FOUND"));
    assert_eq!(delete(&mut ada, json!({})).text, DELETED);
}

#[test]
fn nothing_is_deleted_while_it_is_switched_off() {
    let world = World::default();
    let mut ada = signed_in(&world, "ada@example.com");
    let refused = delete(&mut ada, json!({"password": PASSWORD}));
    assert_eq!((refused.status, refused.text.as_str()), (404, ""));
    assert_eq!(outcome(&ada.get("/delete-user/callback?token=x")), (404, "NOT_FOUND"));
    assert_eq!(outcome(&delete(&mut world.browser(), json!({}))), (401, "UNAUTHORIZED"));
    assert_eq!(left(&world), [1, 1, 1, 0]);
}

#[test]
fn the_link_deletes_the_user_and_leads_on() {
    let world = World::changed(by_link);
    let mut ada = signed_in(&world, "ada@example.com");
    assert_eq!(delete(&mut ada, json!({"callbackURL": "/bye?x=1"})).text, SENT);
    assert_eq!(left(&world), [1, 1, 1, 1]);
    let message = world.take_message();
    let (token, url) = (message.token.unwrap(), message.url.unwrap());
    assert_eq!((message.kind, message.to.as_str()), ("delete-account", "ada@example.com"));
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()));
    assert_eq!(url, format!("{BASE_URL}/api/auth/delete-user/callback?token={token}&callbackURL=%2Fbye%3Fx%3D1"));
    assert_eq!(world.rows("verification")[0].text("identifier"), format!("delete-account-{token}"));
    let answer = ada.get(url.strip_prefix(BASE_URL).and_then(|url| url.strip_prefix("/api/auth")).unwrap());
    assert_eq!((answer.status, answer.header("location")), (302, "/bye?x=1"));
    assert!(ada.cookies.is_empty());
    assert_eq!(left(&world), [0, 0, 0, 0]);
    assert_eq!(world.take_events().last().unwrap().name, "user.deleted");
}

#[test]
fn the_token_deletes_with_and_without_a_page_and_in_a_body() {
    let world = World::changed(by_link);
    let mut ada = signed_in(&world, "ada@example.com");
    let token = deletion_token(&world, &mut ada);
    assert_eq!(ada.get(format!("/delete-user/callback?token={token}&callbackURL=")).text, DELETED);
    let mut bob = signed_in(&world, "bob@example.com");
    let token = deletion_token(&world, &mut bob);
    let refused = delete(&mut bob, json!({"token": token, "password": "wrong"}));
    assert_eq!(outcome(&refused), (400, "INVALID_PASSWORD"), "a password that is given must be right");
    assert_eq!(delete(&mut bob, json!({"token": token})).text, DELETED);
    assert_eq!(left(&world), [0, 0, 0, 0]);
}

#[test]
fn a_token_is_its_owners_and_stays_good_when_somebody_else_tries_it() {
    for (storage, plain) in [(StoreToken::Plain, true), (StoreToken::Hashed, false)] {
        let world = World::changed(|options| {
            by_link(options);
            options.verification.store_identifier = storage.into();
        });
        let mut ada = signed_in(&world, "ada@example.com");
        let mut eve = signed_in(&world, "eve@example.com");
        let token = deletion_token(&world, &mut ada);
        let link = format!("/delete-user/callback?token={token}");
        assert_eq!(outcome(&eve.get(&link)), (404, "INVALID_TOKEN"));
        assert_eq!(outcome(&delete(&mut eve, json!({"token": token}))), (404, "INVALID_TOKEN"));
        assert_eq!(outcome(&world.browser().get(&link)), (404, "FAILED_TO_GET_USER_INFO"));
        assert_eq!(left(&world), [2, 2, 2, 1]);
        let stored = world.rows("verification")[0].text("identifier").to_owned();
        assert_eq!(stored.contains(&token), plain);
        assert_eq!(ada.get(&link).text, DELETED);
        assert_eq!(world.rows("user")[0].text("email"), "eve@example.com");
    }
}

#[test]
fn a_token_that_is_unknown_or_malformed_deletes_nobody() {
    let world = World::changed(by_link);
    let mut ada = signed_in(&world, "ada@example.com");
    for token in ["unknown", "", "%20", "%00", "a%00b", "%25", "%C3%A9"] {
        let refused = ada.get(format!("/delete-user/callback?token={token}"));
        assert_eq!(outcome(&refused), (404, "INVALID_TOKEN"), "{token}");
    }
    assert_eq!(outcome(&delete(&mut ada, json!({"token": "a\u{0}b"}))), (404, "INVALID_TOKEN"));
    for query in ["", "?token=a&token=b"] {
        assert_eq!(outcome(&ada.get(format!("/delete-user/callback{query}"))), (400, "VALIDATION_ERROR"));
    }
    assert_eq!(delete(&mut ada, json!({"token": ""})).text, SENT, "an empty token is none");
    assert_eq!(left(&world), [1, 1, 1, 1]);
}

#[test]
fn a_token_expires() {
    for (age, good) in [(600, true), (601, false)] {
        let world = World::changed(|options| {
            by_link(options);
            options.user.delete_user.delete_token_expires_in = 600;
        });
        let mut ada = signed_in(&world, "ada@example.com");
        let token = deletion_token(&world, &mut ada);
        world.advance_secs(age);
        let answer = ada.get(format!("/delete-user/callback?token={token}"));
        assert_eq!(outcome(&answer), if good { (200, "") } else { (404, "INVALID_TOKEN") });
        assert_eq!(world.rows("user").is_empty(), good);
    }
}

#[test]
fn a_page_that_is_not_trusted_is_refused_before_anything_is_done() {
    let world = World::changed(by_link);
    let mut ada = signed_in(&world, "ada@example.com");
    let token = deletion_token(&world, &mut ada);
    for page in ["https://evil.test", "//evil.test", "/%5Cevil.test", "javascript:x"] {
        let refused = ada.get(format!("/delete-user/callback?token={token}&callbackURL={page}"));
        assert_eq!(outcome(&refused), (403, "INVALID_CALLBACK_URL"), "{page}");
    }
    assert_eq!(outcome(&delete(&mut ada, json!({"callbackURL": "https://evil.test"}))), (403, "INVALID_CALLBACK_URL"));
    assert_eq!(left(&world), [1, 1, 1, 1]);
}

#[test]
fn a_revoked_session_deletes_nothing_although_its_cookie_is_cached() {
    let world = World::changed(|options| {
        by_link(options);
        options.session.cookie_cache.enabled = true;
    });
    let mut ada = signed_in(&world, "ada@example.com");
    let token = deletion_token(&world, &mut ada);
    let thief = ada.clone();
    ada.post("/sign-out", json!({}));
    assert_eq!(outcome(&delete(&mut thief.clone(), json!({"token": token}))), (401, "UNAUTHORIZED"));
    let refused = thief.clone().get(format!("/delete-user/callback?token={token}"));
    assert_eq!(outcome(&refused), (404, "FAILED_TO_GET_USER_INFO"));
    assert_eq!(left(&world), [1, 1, 0, 1]);
}

#[test]
fn of_two_who_spend_a_token_at_once_one_succeeds() {
    let stage = || {
        let world = World::changed(by_link);
        let mut ada = signed_in(&world, "ada@example.com");
        let token = deletion_token(&world, &mut ada);
        let click = ada.prepare(&TestRequest::new(Method::GET, format!("/delete-user/callback?token={token}")));
        let post = ada.prepare(&TestRequest::json("/delete-user", &json!({"token": token})));
        (world, [click, post])
    };
    each_interleaving(stage, |world, click, post| {
        let deleted = [&click, &post].into_iter().filter(|answer| answer.text == DELETED).count();
        assert_eq!(deleted, 1, "{} {}", click.text, post.text);
        let late = if click.status == 200 { &post } else { &click };
        let refusals = [(404, "INVALID_TOKEN"), (404, "FAILED_TO_GET_USER_INFO"), (401, "UNAUTHORIZED")];
        assert!(refusals.contains(&outcome(late)), "{}", late.text);
        assert_eq!(left(world), [0, 0, 0, 0]);
    });
}

#[test]
fn a_password_that_is_replaced_meanwhile_deletes_nobody() {
    let stage = || {
        let world = World::changed(enabled);
        let mut ada = signed_in(&world, "ada@example.com");
        let mut phone = world.browser();
        phone.post("/sign-in/email", json!({"email": "ada@example.com", "password": PASSWORD}));
        let delete = ada.prepare(&TestRequest::json("/delete-user", &json!({"password": PASSWORD})));
        let body = json!({"currentPassword": PASSWORD, "newPassword": "another password"});
        let change = phone.prepare(&TestRequest::json("/change-password", &body));
        ada.cookies.clear();
        (world, [delete, change])
    };
    each_interleaving(stage, |world, delete, change| {
        match change.status {
            200 => assert!(
                [(400, "INVALID_PASSWORD"), (401, "UNAUTHORIZED")].contains(&outcome(&delete)),
                "{}",
                delete.text
            ),
            _ => assert_eq!((delete.text.as_str(), change.status), (DELETED, 401)),
        }
        assert_eq!(world.rows("user").len(), usize::from(change.status == 200));
    });
}

#[test]
fn a_session_that_ends_meanwhile_deletes_nobody() {
    for token in [false, true] {
        let world = World::changed(if token { by_link } else { enabled });
        let mut ada = signed_in(&world, "ada@example.com");
        let body = if token { json!({"token": deletion_token(&world, &mut ada)}) } else { json!({}) };
        let mut exchange = world.begin(ada.prepare(&TestRequest::json("/delete-user", &body)));
        let held = held_at_change(&world, &mut exchange);
        assert_eq!(ada.post("/sign-out", json!({})).status, 200);
        let refused = let_go(&world, exchange, held);
        assert_eq!(outcome(&refused), if token { (404, "INVALID_TOKEN") } else { (401, "UNAUTHORIZED") });
        // What is taken out of secondary storage is spent, also by whoever fails then.
        let kept = token && place() != Place::Secondary;
        assert_eq!(left(&world), [1, 1, 0, usize::from(kept)]);
    }
}

#[test]
fn what_no_token_can_be_is_not_looked_up() {
    let world = World::changed(by_link);
    let ada = signed_in(&world, "ada@example.com");
    let effects = |token: &str| {
        let link = TestRequest::new(Method::GET, format!("/delete-user/callback?token={token}"));
        observed(&world, world.begin(ada.prepare(&link))).1
    };
    let look_up = effects("ab");
    assert_eq!(effects("a%00b")[..], look_up[..look_up.len() - 1], "not every store takes every character");
}
