//! Replacing an email address.

use http::Method;
use kernia::testing::{Browser, TestRequest};
use serde_json::json;

use super::{
    Place, World,
    email::{forge, outcome, sign_up_verified},
    place,
    race::each_interleaving,
    stepping::{held_at_write, let_go},
};

const OK: &str = r#"{"status":true}"#;

fn enabled() -> World {
    World::changed(|options| options.user.change_email.enabled = true)
}

fn at_once() -> World {
    World::changed(|options| {
        options.user.change_email.enabled = true;
        options.user.change_email.update_email_without_verification = true;
    })
}

/// Asks for a change and answers the token of its message.
fn change_token(world: &World, browser: &mut Browser<'_>, new_email: &str) -> String {
    let answer = browser.post("/change-email", json!({"newEmail": new_email}));
    assert_eq!((answer.status, answer.text.as_str()), (200, OK));
    world.take_message().token.unwrap()
}

fn emails(world: &World) -> Vec<String> {
    let mut emails: Vec<_> = world.rows("user").iter().map(|user| user.text("email").to_owned()).collect();
    emails.sort();
    emails
}

#[test]
fn case_041_the_new_address_is_proven_before_it_takes_effect() {
    let world = enabled();
    let mut ada = world.browser();
    sign_up_verified(&world, &mut ada, "ada@example.com");
    let answer = ada.post("/change-email", json!({"newEmail": "Next@example.com", "callbackURL": "/changed"}));
    assert_eq!((answer.status, answer.text.as_str()), (200, OK));
    let message = world.take_message();
    assert_eq!((message.kind, message.to.as_str()), ("verify-email", "next@example.com"));
    assert!(message.url.unwrap().ends_with("&callbackURL=%2Fchanged"));
    assert_eq!(ada.get("/get-session").json["user"]["email"], "ada@example.com");
    let token = message.token.unwrap();
    let answer = ada.get(format!("/verify-email?token={token}"));
    let user = answer.json["user"].clone();
    assert_eq!(
        (answer.status, &user["email"], &user["emailVerified"]),
        (200, &json!("next@example.com"), &json!(true))
    );
    assert_eq!(ada.get("/get-session").json["user"], user);
    let names: Vec<_> = world.take_events().into_iter().map(|event| event.name).collect();
    assert_eq!(names, ["email.changed", "email.verified"]);
    let again = ada.get(format!("/verify-email?token={token}&callbackURL=%2Fchanged"));
    assert_eq!(again.header("location"), "/changed?error=INVALID_TOKEN");
}

#[test]
fn the_old_address_agrees_first_where_configured() {
    let world = World::changed(|options| {
        options.user.change_email.enabled = true;
        options.user.change_email.send_change_email_confirmation = true;
    });
    let mut ada = world.browser();
    sign_up_verified(&world, &mut ada, "ada@example.com");
    ada.post("/change-email", json!({"newEmail": "next@example.com", "callbackURL": "/c"}));
    let first = world.take_message();
    assert_eq!((first.kind, first.to.as_str()), ("change-email-confirmation", "ada@example.com"));
    assert_eq!(first.new_email.as_deref(), Some("next@example.com"));
    let token = first.token.unwrap();
    let answer = ada.get(format!("/verify-email?token={token}&callbackURL=%2Fc"));
    assert_eq!((answer.status, answer.header("location")), (302, "/c"));
    let second = world.take_message();
    assert_eq!((second.kind, second.to.as_str()), ("verify-email", "next@example.com"));
    assert!(second.url.unwrap().ends_with("&callbackURL=%2Fc"));
    assert_eq!(emails(&world), ["ada@example.com"]);
    assert_eq!(world.browser().get(format!("/verify-email?token={token}")).text, OK, "without a page it says so");
    let _ = world.take_messages();
    ada.get(format!("/verify-email?token={}", second.token.unwrap()));
    assert_eq!(emails(&world), ["next@example.com"]);
    let late = ada.get(format!("/verify-email?token={token}"));
    assert_eq!(outcome(&late), (401, "INVALID_TOKEN"), "the old address has no say any more");
    assert!(world.take_messages().is_empty());
    let mut new = world.browser();
    new.sign_up("new@example.com");
    new.post("/change-email", json!({"newEmail": "other@example.com"}));
    assert_eq!(world.take_message().to, "other@example.com", "an address that was never proven is not asked");
}

#[test]
fn an_address_that_was_never_proven_is_replaced_at_once_where_allowed() {
    let world = at_once();
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let answer = ada.post("/change-email", json!({"newEmail": "Next@example.com", "callbackURL": "/n"}));
    assert_eq!((answer.status, answer.text.as_str()), (200, OK));
    assert!(answer.cookie("better-auth.session_token").is_some());
    let user = ada.get("/get-session").json["user"].clone();
    assert_eq!((&user["email"], &user["emailVerified"]), (&json!("next@example.com"), &json!(false)));
    let message = world.take_message();
    assert_eq!((message.kind, message.to.as_str()), ("verify-email", "next@example.com"));
    ada.get(format!("/verify-email?token={}", message.token.unwrap()));
    ada.post("/change-email", json!({"newEmail": "third@example.com"}));
    assert_eq!(
        (emails(&world), world.take_message().to),
        (vec!["next@example.com".to_owned()], "third@example.com".to_owned())
    );
}

#[test]
fn at_once_needs_no_sender() {
    let world = World::changed(|options| {
        options.user.change_email.enabled = true;
        options.user.change_email.update_email_without_verification = true;
        options.email_verification.send_verification_email = false;
    });
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    assert_eq!(ada.post("/change-email", json!({"newEmail": "next@example.com"})).text, OK);
    assert_eq!((emails(&world), world.take_messages().len()), (vec!["next@example.com".to_owned()], 0));
}

#[test]
fn a_change_that_cannot_be_is_refused() {
    let off = World::default();
    let mut ada = off.browser();
    ada.sign_up("ada@example.com");
    let refused = ada.post("/change-email", json!({"newEmail": "next@example.com"}));
    assert_eq!(outcome(&refused), (400, "CHANGE_EMAIL_DISABLED"));
    let mute = World::changed(|options| {
        options.user.change_email.enabled = true;
        options.email_verification.send_verification_email = false;
    });
    let mut ada = mute.browser();
    ada.sign_up("ada@example.com");
    for free_or_taken in ["next@example.com", "bob@example.com"] {
        let refused = ada.post("/change-email", json!({"newEmail": free_or_taken}));
        assert_eq!((refused.status, refused.text.as_str()), (400, r#"{"message":"Verification email isn't enabled"}"#));
    }
    let world = enabled();
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let same = ada.post("/change-email", json!({"newEmail": "ADA@example.com"}));
    assert_eq!((same.status, same.text.as_str()), (400, r#"{"message":"Email is the same"}"#));
    assert_eq!(outcome(&ada.post("/change-email", json!({}))), (400, "VALIDATION_ERROR"));
    assert_eq!(outcome(&ada.post("/change-email", json!({"newEmail": "x"}))), (400, "VALIDATION_ERROR"));
    let stranger = world.browser().post("/change-email", json!({"newEmail": "next@example.com"}));
    assert_eq!(outcome(&stranger), (401, "UNAUTHORIZED"));
    assert_eq!((emails(&world), world.take_messages().len()), (vec!["ada@example.com".to_owned()], 0));
}

#[test]
fn case_014_a_taken_address_is_answered_like_a_free_one() {
    for world in [enabled(), at_once()] {
        let mut ada = world.browser();
        sign_up_verified(&world, &mut ada, "ada@example.com");
        world.browser().sign_up("bob@example.com");
        let free = ada.post("/change-email", json!({"newEmail": "free@example.com"}));
        assert_eq!(world.take_messages().len(), 1);
        let taken = ada.post("/change-email", json!({"newEmail": "BOB@example.com"}));
        assert_eq!((free.status, &free.text, &free.headers), (taken.status, &taken.text, &taken.headers));
        assert_eq!(
            (emails(&world), world.take_messages().len()),
            (vec!["ada@example.com".into(), "bob@example.com".into()], 0)
        );
    }
}

#[test]
fn an_address_that_was_taken_meanwhile_is_not_overwritten() {
    let world = enabled();
    let mut ada = world.browser();
    sign_up_verified(&world, &mut ada, "ada@example.com");
    let token = change_token(&world, &mut ada, "next@example.com");
    world.browser().sign_up("next@example.com");
    assert_eq!(outcome(&ada.get(format!("/verify-email?token={token}"))), (401, "INVALID_TOKEN"));
    let redirected = ada.get(format!("/verify-email?token={token}&callbackURL=%2Fc"));
    assert_eq!((redirected.status, redirected.header("location")), (302, "/c?error=INVALID_TOKEN"));
    assert_eq!(emails(&world), ["ada@example.com", "next@example.com"]);
}

#[test]
fn case_042_a_link_is_for_one_user_and_one_pair_of_addresses() {
    let world = enabled();
    let (mut ada, mut bob) = (world.browser(), world.browser());
    sign_up_verified(&world, &mut ada, "ada@example.com");
    bob.sign_up("bob@example.com");
    let stale = change_token(&world, &mut ada, "first@example.com");
    let token = change_token(&world, &mut ada, "second@example.com");
    assert_eq!(outcome(&bob.get(format!("/verify-email?token={token}"))), (401, "INVALID_USER"));
    assert_eq!(emails(&world), ["ada@example.com", "bob@example.com"]);
    let anywhere = world.browser().get(format!("/verify-email?token={token}"));
    assert_eq!((anywhere.status, anywhere.cookies.len()), (200, 0), "a browser without a session may follow it");
    assert_eq!(outcome(&ada.get(format!("/verify-email?token={stale}"))), (401, "INVALID_TOKEN"));
    assert_eq!(emails(&world), ["bob@example.com", "second@example.com"]);
}

#[test]
fn a_change_expires_with_its_link() {
    let world = enabled();
    let mut ada = world.browser();
    sign_up_verified(&world, &mut ada, "ada@example.com");
    let token = change_token(&world, &mut ada, "next@example.com");
    world.advance_secs(3600);
    assert_eq!(outcome(&ada.get(format!("/verify-email?token={token}"))), (401, "TOKEN_EXPIRED"));
    assert_eq!(emails(&world), ["ada@example.com"]);
}

#[test]
fn a_link_of_the_older_form_changes_at_once_and_asks_for_proof() {
    let world = enabled();
    let mut ada = world.browser();
    sign_up_verified(&world, &mut ada, "ada@example.com");
    let id = world.rows("user")[0].id().to_owned();
    let token = forge(&world, &json!({"email": "ada@example.com", "updateTo": "next@example.com", "userId": id}));
    let answer = ada.get(format!("/verify-email?token={token}"));
    let user = &answer.json["user"];
    assert_eq!((&user["email"], &user["emailVerified"]), (&json!("next@example.com"), &json!(false)));
    let message = world.take_message();
    assert_eq!((message.kind, message.to.as_str()), ("verify-email", "next@example.com"));
    ada.get(format!("/verify-email?token={}", message.token.unwrap()));
    assert!(world.rows("user")[0].flag("emailVerified"));
}

#[test]
fn a_revoked_session_changes_no_address_although_its_cookie_is_cached() {
    let world = World::changed(|options| {
        options.user.change_email.enabled = true;
        options.session.cookie_cache.enabled = true;
    });
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let mut thief = ada.clone();
    ada.post("/sign-out", json!({}));
    let refused = thief.post("/change-email", json!({"newEmail": "thief@example.com"}));
    assert_eq!(outcome(&refused), (401, "UNAUTHORIZED"));
    assert!(world.take_messages().is_empty());
}

#[test]
fn of_two_users_who_follow_links_to_one_address_one_gets_it() {
    let stage = || {
        let world = enabled();
        let tokens = ["ada@example.com", "bob@example.com"].map(|email| {
            let mut browser = world.browser();
            sign_up_verified(&world, &mut browser, email);
            change_token(&world, &mut browser, "next@example.com")
        });
        let clicks = tokens.map(|token| {
            world.browser().prepare(&TestRequest::new(Method::GET, format!("/verify-email?token={token}")))
        });
        (world, clicks)
    };
    each_interleaving(stage, |world, first, second| {
        let refused = [&first, &second].into_iter().filter(|answer| outcome(answer) == (401, "INVALID_TOKEN")).count();
        let changed = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
        assert_eq!((changed, refused), (1, 1));
        assert_eq!(emails(world).iter().filter(|email| *email == "next@example.com").count(), 1);
    });
}

#[test]
fn of_two_users_who_take_one_address_at_once_one_gets_it_and_neither_learns_of_the_other() {
    let stage = || {
        let world = at_once();
        let changes = ["ada@example.com", "bob@example.com"].map(|email| {
            let mut browser = world.browser();
            browser.sign_up(email);
            browser.prepare(&TestRequest::json("/change-email", &json!({"newEmail": "next@example.com"})))
        });
        (world, changes)
    };
    each_interleaving(stage, |world, first, second| {
        assert_eq!((first.text.as_str(), second.text.as_str()), (OK, OK));
        assert_eq!(emails(world).iter().filter(|email| *email == "next@example.com").count(), 1);
        assert_eq!(world.rows("user").len(), 2);
    });
}

#[test]
fn a_session_that_ends_meanwhile_changes_no_address() {
    let world = at_once();
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let change = ada.prepare(&TestRequest::json("/change-email", &json!({"newEmail": "next@example.com"})));
    let mut exchange = world.begin(change);
    let held = held_at_write(&world, &mut exchange);
    assert_eq!(ada.post("/sign-out", json!({})).status, 200);
    let refused = let_go(&world, exchange, held);
    if place() == Place::Secondary {
        // The database cannot see the session's end: what was decided before it happens before it.
        assert_eq!((refused.text.as_str(), emails(&world)), (OK, vec!["next@example.com".to_owned()]));
        assert!(world.rows("session").is_empty());
        return;
    }
    assert_eq!((outcome(&refused), refused.cookies.len()), ((401, "UNAUTHORIZED"), 0));
    assert_eq!((emails(&world), world.take_messages().len()), (vec!["ada@example.com".to_owned()], 0));
}
