//! Signing in with a password, and signing out.

use http::Method;
use kernia::{
    crypto::{
        password::{HashAlgorithm, HashJob},
        secret::Secret,
    },
    domain::account,
    engine::{Effect, HashFailure, Outcome, Step},
    store::{Batch, Expect, Filter, Row, Value},
    testing::{Outside, PASSWORD, TestRequest, TestResponse},
};
use serde_json::{Value as Json, json};

use super::{
    World,
    stepping::{held_at_change, held_at_write, let_go, observed, write},
};

const EMAIL: &str = "ada@example.com";

fn credentials(password: &str) -> Json {
    json!({"email": EMAIL, "password": password})
}

fn request(body: &Json) -> TestRequest {
    TestRequest::json("/sign-in/email", body)
}

fn sign_in(world: &World, body: &Json) -> TestResponse {
    world.browser().send(&request(body))
}

/// A world in which Ada has signed up and nothing is signed in.
fn world_with_ada(change: impl FnOnce(&mut kernia::domain::options::Options)) -> World {
    let world = World::changed(change);
    world.browser().sign_up(EMAIL);
    write(&world, Batch::new().delete("session", Filter::All, Expect::Any));
    let _ = (world.take_messages(), world.take_events());
    world
}

fn set_password(world: &World, stored: impl Into<Value>) {
    let set = Row::new().with("password", stored);
    write(world, Batch::new().update("account", Filter::All, set, Expect::Rows(1)));
}

fn scrypt(password: &str) -> String {
    HashJob { password: Secret::from(password), algorithm: HashAlgorithm::Scrypt, salt: [7; 16] }.run().unwrap()
}

fn events(world: &World) -> Vec<(&'static str, Option<String>)> {
    world.take_events().into_iter().map(|event| (event.name, event.subject)).collect()
}

#[test]
fn the_right_password_signs_in() {
    let world = world_with_ada(|_| {});
    let mut browser = world.browser();
    let answer = browser.post("/sign-in/email", credentials(PASSWORD));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = browser.get("/get-session").json;
    let expected = json!({"redirect": false, "token": session["session"]["token"], "user": session["user"]});
    assert_eq!(answer.json, expected);
    assert_eq!(answer.header("location"), "");
    assert_eq!(answer.cookie("better-auth.session_token").unwrap().attributes.max_age, Some(604_800));
    assert_eq!(events(&world), [("session.created", session["user"]["id"].as_str().map(str::to_owned))]);
}

#[test]
fn an_address_is_the_same_in_any_case() {
    let world = world_with_ada(|_| {});
    let answer = sign_in(&world, &json!({"email": "ADA@Example.COM", "password": PASSWORD}));
    assert_eq!((answer.status, &answer.json["user"]["email"]), (200, &json!(EMAIL)));
}

#[test]
fn case_012_who_is_refused_does_not_learn_why_and_waits_for_one_hash() {
    let refused = |world: &World, body: &Json| {
        let (answer, effects) = observed(world, world.begin(world.browser().prepare(&request(body))));
        assert_eq!(answer.text, r#"{"message":"Invalid email or password","code":"INVALID_EMAIL_OR_PASSWORD"}"#);
        assert_eq!((answer.status, answer.cookies.len(), world.rows("session").len()), (401, 0, 0));
        let slow = effects.iter().filter(|name| ["Hash", "Verify"].contains(name)).count();
        assert_eq!(slow, 1, "{effects:?}");
        assert!(!effects.contains(&"Write"));
        let event = world.take_events().pop().unwrap();
        assert!(!format!("{event:?}").contains("wrong password!"), "{event:?}");
        (event.name, event.subject, event.detail[0].1.clone())
    };
    let world = world_with_ada(|_| {});
    let ada = Some(world.rows("user")[0].id().to_owned());
    let wrong = credentials("wrong password!");
    let stranger = json!({"email": "eve@example.com", "password": "wrong password!"});
    assert_eq!(refused(&world, &wrong), ("sign_in.failed", ada.clone(), "wrong password".to_owned()));
    assert_eq!(refused(&world, &stranger), ("sign_in.failed", None, "unknown user".to_owned()));
    for absent in [Value::Null, Value::from("")] {
        set_password(&world, absent);
        assert_eq!(refused(&world, &wrong), ("sign_in.failed", ada.clone(), "no password".to_owned()));
    }
    let foreign = Row::new().with("providerId", "github");
    write(&world, Batch::new().update("account", Filter::All, foreign, Expect::Rows(1)));
    assert_eq!(refused(&world, &credentials(PASSWORD)), ("sign_in.failed", ada, "no password".to_owned()));
}

#[test]
fn a_password_that_is_too_long_is_refused_before_anything_is_done_with_it() {
    let world = world_with_ada(|_| {});
    for email in [EMAIL, "eve@example.com"] {
        let body = json!({"email": email, "password": "x".repeat(129)});
        let (answer, effects) = observed(&world, world.begin(world.browser().prepare(&request(&body))));
        assert_eq!((answer.status, answer.code()), (400, "PASSWORD_TOO_LONG"));
        assert!(effects.is_empty(), "{effects:?}");
    }
    assert_eq!(sign_in(&world, &credentials(&"\u{1F600}".repeat(64))).status, 401, "128 UTF-16 units are not too long");
    assert_eq!(sign_in(&world, &credentials(&"\u{1F600}".repeat(65))).code(), "PASSWORD_TOO_LONG");
}

#[test]
fn the_checks_come_in_the_order_of_the_reference() {
    let world = world_with_ada(|_| {});
    let long = "x".repeat(129);
    let cases = [
        (json!({"email": "nope"}), "VALIDATION_ERROR"),
        (json!([]), "VALIDATION_ERROR"),
        (json!({"email": 1, "password": 2}), "VALIDATION_ERROR"),
        (json!({"email": EMAIL, "password": PASSWORD, "rememberMe": "false"}), "VALIDATION_ERROR"),
        (json!({"email": "nope", "password": long}), "INVALID_EMAIL"),
        (json!({"email": "", "password": ""}), "INVALID_EMAIL"),
        (json!({"email": EMAIL, "password": long}), "PASSWORD_TOO_LONG"),
        (json!({"email": EMAIL, "password": ""}), "INVALID_EMAIL_OR_PASSWORD"),
    ];
    for (body, code) in cases {
        assert_eq!(sign_in(&world, &body).code(), code, "{body}");
    }
    let off = World::changed(|options| options.email_and_password.enabled = false);
    let answer = sign_in(&off, &json!({"email": "nope", "password": long}));
    assert_eq!((answer.status, answer.code()), (400, "EMAIL_PASSWORD_DISABLED"));
    assert_eq!(sign_in(&off, &json!({})).code(), "VALIDATION_ERROR");
}

#[test]
fn a_callback_is_answered_and_put_into_the_location() {
    let world = world_with_ada(|_| {});
    let with = |url: &str| sign_in(&world, &json!({"email": EMAIL, "password": PASSWORD, "callbackURL": url}));
    for url in ["/dashboard", "http://localhost:3000/x?y=1#z"] {
        let answer = with(url);
        assert_eq!((answer.status, answer.header("location")), (200, url));
        assert_eq!((&answer.json["redirect"], &answer.json["url"]), (&json!(true), &json!(url)));
    }
    let empty = with("");
    assert_eq!((&empty.json["redirect"], &empty.json["url"]), (&json!(false), &json!("")));
    assert!(empty.headers.get("location").is_none());
    for url in ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"] {
        let answer = with(url);
        assert_eq!((answer.status, answer.code()), (403, "INVALID_CALLBACK_URL"), "{url}");
        assert!(answer.headers.get("location").is_none());
    }
}

#[test]
fn a_session_that_is_not_remembered_ends_with_the_browser() {
    let world = world_with_ada(|_| {});
    let answer = sign_in(&world, &json!({"email": EMAIL, "password": PASSWORD, "rememberMe": false}));
    assert_eq!(answer.cookie("better-auth.session_token").unwrap().attributes.max_age, None);
    assert!(answer.cookie("better-auth.dont_remember").is_some());
    let session = &world.rows("session")[0];
    let until = session.date("createdAt").map(|created| created.plus_secs(86_400));
    assert_eq!(session.date("expiresAt"), until);
}

#[test]
fn only_who_knows_the_password_learns_that_the_address_is_unverified() {
    let world = world_with_ada(|options| {
        options.email_and_password.require_email_verification = true;
        options.email_verification.send_on_sign_in = true;
    });
    assert_eq!(sign_in(&world, &credentials("wrong password!")).code(), "INVALID_EMAIL_OR_PASSWORD");
    assert!(world.take_messages().is_empty());
    let answer = sign_in(&world, &json!({"email": EMAIL, "password": PASSWORD, "callbackURL": "/in?x=1"}));
    assert_eq!((answer.status, answer.code()), (403, "EMAIL_NOT_VERIFIED"));
    assert!(answer.cookies.is_empty() && world.rows("session").is_empty());
    let message = world.take_message();
    assert_eq!((message.kind, message.to.as_str()), ("verify-email", EMAIL));
    assert!(message.url.unwrap().ends_with("&callbackURL=%2Fin%3Fx%3D1"));
    let event = world.take_events().pop().unwrap();
    assert_eq!((event.name, event.detail[0].1.as_str()), ("sign_in.failed", "email not verified"));
}

#[test]
fn no_verification_message_is_sent_unless_it_is_wanted() {
    let world = world_with_ada(|options| options.email_and_password.require_email_verification = true);
    assert_eq!(sign_in(&world, &credentials(PASSWORD)).code(), "EMAIL_NOT_VERIFIED");
    assert!(world.take_messages().is_empty());
    let verified = Row::new().with("emailVerified", true);
    write(&world, Batch::new().update("user", Filter::All, verified, Expect::Rows(1)));
    assert_eq!(sign_in(&world, &credentials(PASSWORD)).status, 200);
}

#[test]
fn a_hash_of_the_reference_signs_in_and_is_replaced_once() {
    let world = world_with_ada(|_| {});
    set_password(&world, scrypt(PASSWORD));
    let before = world.rows("account")[0].date("updatedAt");
    world.advance_secs(60);
    assert_eq!(sign_in(&world, &credentials("wrong password!")).status, 401);
    assert_eq!(world.rows("account")[0].text("password"), scrypt(PASSWORD));
    assert_eq!(sign_in(&world, &credentials(PASSWORD)).status, 200);
    let account = world.rows("account").remove(0);
    assert!(account.text("password").starts_with("$argon2id$"));
    assert_eq!(account.date("updatedAt"), before, "the password itself did not change");
    let names = |world: &World| world.take_events().iter().map(|event| event.name).collect::<Vec<_>>();
    assert_eq!(names(&world), ["sign_in.failed", "session.created", "password.rehashed"]);
    assert_eq!(sign_in(&world, &credentials(PASSWORD)).status, 200);
    assert_eq!(world.rows("account"), [account]);
    assert_eq!(names(&world), ["session.created"]);
}

#[test]
fn hashes_stay_as_they_are_where_that_is_configured() {
    let world = world_with_ada(|options| options.email_and_password.password.rehash = false);
    set_password(&world, scrypt(PASSWORD));
    assert_eq!(sign_in(&world, &credentials(PASSWORD)).status, 200);
    assert_eq!(world.rows("account")[0].text("password"), scrypt(PASSWORD));
}

#[test]
fn a_hash_that_cannot_be_replaced_now_does_not_keep_anybody_out() {
    let world = world_with_ada(|_| {});
    set_password(&world, scrypt(PASSWORD));
    let mut exchange = world.begin(world.browser().prepare(&request(&credentials(PASSWORD))));
    let answer = loop {
        match exchange.step() {
            Step::Perform(Effect::Hash(_)) => exchange.supply(Outcome::Hash(Err(HashFailure::Overloaded))),
            Step::Perform(effect) => exchange.supply(world.outside.perform_now(effect)),
            Step::Respond(response) => break TestResponse::read(response),
        }
    };
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(world.rows("account")[0].text("password"), scrypt(PASSWORD));
}

#[test]
fn two_sign_ins_that_replace_the_same_hash_both_succeed() {
    let world = world_with_ada(|_| {});
    set_password(&world, scrypt(PASSWORD));
    let mut first = world.begin(world.browser().prepare(&request(&credentials(PASSWORD))));
    let held = held_at_write(&world, &mut first);
    assert_eq!(sign_in(&world, &credentials(PASSWORD)).status, 200);
    assert_eq!(let_go(&world, first, held).status, 200);
    assert_eq!((world.rows("session").len(), world.rows("account").len()), (2, 1));
}

#[test]
fn a_password_that_is_replaced_while_it_is_verified_makes_no_session() {
    let world = world_with_ada(|_| {});
    let mut racer = world.begin(world.browser().prepare(&request(&credentials(PASSWORD))));
    let held = held_at_write(&world, &mut racer);
    set_password(&world, scrypt("another password"));
    let answer = let_go(&world, racer, held);
    assert_eq!((answer.status, answer.code()), (401, "INVALID_EMAIL_OR_PASSWORD"));
    assert!(answer.cookies.is_empty() && world.rows("session").is_empty());
}

#[test]
fn a_user_who_is_removed_while_signing_in_gets_no_session() {
    let world = world_with_ada(|_| {});
    let mut racer = world.begin(world.browser().prepare(&request(&credentials(PASSWORD))));
    let held = held_at_write(&world, &mut racer);
    let gone = Batch::new().delete("account", Filter::All, Expect::Any).delete("user", Filter::All, Expect::Rows(1));
    write(&world, gone);
    assert_eq!(let_go(&world, racer, held).code(), "INVALID_EMAIL_OR_PASSWORD");
    assert!(world.rows("session").is_empty());
}

#[test]
fn another_site_cannot_sign_a_browser_in() {
    let world = world_with_ada(|_| {});
    let form = TestRequest::new(Method::POST, "/sign-in/email")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("email=ada%40example.com&password={}", PASSWORD.replace(' ', "+")));
    assert_eq!(world.browser().send(&form).status, 200);
    let foreign = form.clone().header("origin", "https://evil.test");
    assert_eq!(world.browser().send(&foreign).code(), "INVALID_ORIGIN");
    let navigation = form.header("sec-fetch-site", "cross-site").header("sec-fetch-mode", "navigate");
    let answer = world.browser().send(&navigation);
    assert_eq!((answer.status, answer.code()), (403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED"));
    assert_eq!(world.rows("session").len(), 1);
}

#[test]
fn a_copy_of_the_account_of_another_user_is_not_the_password() {
    let world = world_with_ada(|_| {});
    world.browser().sign_up("eve@example.com");
    let (ada, eve) = (world.rows("user")[0].id().to_owned(), world.rows("user")[1].id().to_owned());
    let moved = Row::new().with("accountId", ada);
    write(&world, Batch::new().update("account", account::credential_of(&eve), moved, Expect::Rows(1)));
    let answer = sign_in(&world, &json!({"email": "eve@example.com", "password": PASSWORD}));
    assert_eq!(answer.code(), "INVALID_EMAIL_OR_PASSWORD");
}

#[test]
fn signing_out_ends_the_session_and_then_its_cookies() {
    let world = world_with_ada(|_| {});
    let mut browser = world.browser();
    browser.post("/sign-in/email", credentials(PASSWORD));
    let stolen = browser.cookies.clone();
    let session = world.rows("session").remove(0);
    let _ = world.take_events();
    let answer = browser.post("/sign-out", json!({}));
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"success":true}"#));
    let names: Vec<_> = answer.cookies.iter().map(|cookie| cookie.name.as_str()).collect();
    assert_eq!(names, ["better-auth.session_token", "better-auth.session_data", "better-auth.dont_remember"]);
    assert!(answer.cookies.iter().all(|cookie| cookie.attributes.max_age == Some(0) && cookie.value().is_empty()));
    assert!(world.rows("session").is_empty());
    assert_eq!(events(&world), [("session.ended", Some(session.text("userId").to_owned()))]);
    browser.cookies = stolen;
    assert_eq!(browser.get("/get-session").text, "null");
}

#[test]
fn signing_out_without_a_session_is_done_already() {
    let world = world_with_ada(|_| {});
    for body in [None, Some("{}"), Some(r#"{"callbackURL":"/bye","disableRedirect":true,"state":"x"}"#)] {
        let mut request = TestRequest::new(Method::POST, "/sign-out");
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = world.browser().send(&request);
        assert_eq!((answer.status, answer.text.as_str(), answer.cookies.len()), (200, r#"{"success":true}"#, 3));
    }
    assert!(world.take_events().is_empty());
    let foreign = world.browser().post("/sign-out", json!({"callbackURL": "https://evil.test"}));
    assert_eq!((foreign.status, foreign.code()), (403, "INVALID_CALLBACK_URL"));
    assert_eq!(world.browser().post("/sign-out", json!({"state": 5})).code(), "VALIDATION_ERROR");
}

#[test]
fn a_forged_cookie_signs_nobody_out() {
    let world = world_with_ada(|_| {});
    sign_in(&world, &credentials(PASSWORD));
    let token = world.rows("session")[0].text("token").to_owned();
    let signature = format!("{}%3D", "A".repeat(43));
    for forged in [token.clone(), format!("{token}."), format!("{token}.{signature}")] {
        let mut browser = world.browser();
        browser.cookies.insert("better-auth.session_token".to_owned(), forged.clone());
        assert_eq!(browser.post("/sign-out", json!({})).status, 200);
        assert_eq!(world.rows("session").len(), 1, "{forged}");
    }
}

#[test]
fn nobody_is_told_to_be_signed_out_while_the_session_lives() {
    let world = world_with_ada(|_| {});
    let mut browser = world.browser();
    browser.post("/sign-in/email", credentials(PASSWORD));
    let request = browser.prepare(&TestRequest::json("/sign-out", &json!({})));
    let mut exchange = world.begin(request);
    let held = held_at_change(&world, &mut exchange);
    exchange.supply(Outside::outage(&held));
    let answer = TestResponse::read(world.outside.finish(exchange));
    assert_eq!((answer.status, answer.cookies.len()), (503, 0));
}
