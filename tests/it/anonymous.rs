//! The anonymous plugin.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use kernia::{
    domain::options::Options,
    engine::ApiError,
    plugins::{Anonymous, AnonymousOptions, EmailOtp, MagicLink},
    testing::{Browser, PASSWORD, TestRequest, TestResponse, options},
};
use serde_json::json;

use super::{World, race::each_interleaving};
use crate::provider::{Fake, begin, github, parameter, sign_in};

const ADA: &str = "ada@example.com";
const DATA: &str = "better-auth.session_data";

fn world_with(anonymous: AnonymousOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(
        options,
        vec![Box::new(Anonymous::new(anonymous)), Box::new(EmailOtp::default()), Box::new(MagicLink::default())],
    )
}

fn world() -> World {
    world_with(AnonymousOptions::default(), |_| {})
}

fn changed(change: impl FnOnce(&mut AnonymousOptions)) -> World {
    let mut anonymous = AnonymousOptions::default();
    change(&mut anonymous);
    world_with(anonymous, |_| {})
}

type Moves = Arc<Mutex<Vec<(String, String)>>>;

/// Options that note which users' data moved where.
fn noting() -> (AnonymousOptions, Moves) {
    let moves = Moves::default();
    let seen = Arc::clone(&moves);
    let options = AnonymousOptions::default().on_link_account(move |linked| {
        seen.lock().unwrap().push((linked.anonymous.user_id().to_owned(), linked.new.user_id().to_owned()));
        async { Ok(()) }
    });
    (options, moves)
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

fn nobody(world: &World) -> Browser<'_> {
    let mut browser = world.browser();
    let answer = browser.post("/sign-in/anonymous", json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    browser
}

fn user_id(browser: &mut Browser<'_>) -> String {
    browser.get("/get-session").json["user"]["id"].as_str().unwrap_or_default().to_owned()
}

fn credentials() -> serde_json::Value {
    json!({"name": "Ada", "email": ADA, "password": PASSWORD})
}

#[test]
fn nobody_in_particular_is_signed_in() {
    let world = world();
    let mut browser = world.browser();
    let answer = browser.post("/sign-in/anonymous", json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = browser.get("/get-session").json;
    assert_eq!(answer.json, json!({"token": session["session"]["token"], "user": session["user"]}));
    let user = &session["user"];
    assert_eq!(
        (&user["name"], &user["isAnonymous"], &user["emailVerified"]),
        (&json!("Anonymous"), &json!(true), &json!(false))
    );
    assert_eq!(
        told(&browser.post("/sign-in/anonymous", json!({}))),
        (400, "ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY")
    );
    let mut ada = world.browser();
    assert_eq!(ada.sign_up(ADA).json["user"]["isAnonymous"], false);
    assert_eq!(told(&ada.post("/update-user", json!({"isAnonymous": true}))), (400, "FIELD_NOT_ALLOWED"));
}

#[test]
fn case_165_a_placeholder_address_is_nobodys_and_unproven() {
    let world = world();
    let (mut one, mut other) = (nobody(&world), nobody(&world));
    let mut emails = [&mut one, &mut other]
        .map(|browser| browser.get("/get-session").json["user"]["email"].as_str().unwrap().to_owned());
    for email in &emails {
        let (id, domain) = email.split_once('@').unwrap();
        assert_eq!((id.len(), domain), (32, "anonymous.placeholder.invalid"), "no mail reaches it");
    }
    emails.sort();
    assert_ne!(emails[0], emails[1]);
    assert!(world.rows("user").iter().all(|user| !user.flag("emailVerified")));
}

#[test]
fn names_and_addresses_are_as_the_application_makes_them() {
    let world = changed(|options| options.email_domain_name = Some("anonymous.example.com".to_owned()));
    nobody(&world);
    let email = world.rows("user")[0].text("email").to_owned();
    assert!(email.starts_with("temp-") && email.ends_with("@anonymous.example.com"), "{email}");
    let own = || AnonymousOptions::default().generate_name(async || "Guest".to_owned());
    let world = world_with(own().generate_random_email(async || "Guest-1@example.com".to_owned()), |_| {});
    nobody(&world);
    let user = world.rows("user")[0].clone();
    assert_eq!((user.text("name"), user.text("email")), ("Guest", "guest-1@example.com"));
    let world = world_with(own().generate_random_email(async || "no address".to_owned()), |_| {});
    let answer = world.browser().post("/sign-in/anonymous", json!({}));
    assert_eq!(told(&answer), (400, "INVALID_EMAIL_FORMAT"));
    let world = world_with(own().generate_random_email(async || String::new()), |_| {});
    nobody(&world);
    assert!(world.rows("user")[0].text("email").ends_with(".invalid"));
}

#[test]
fn an_anonymous_user_deletes_themselves() {
    let world = world();
    let mut browser = nobody(&world);
    let other = browser.clone();
    let answer = browser.post("/delete-anonymous-user", json!({}));
    assert_eq!((answer.status, answer.json), (200, json!({"success": true})));
    assert!(world.rows("user").is_empty() && world.rows("session").is_empty() && browser.cookies.is_empty());
    assert!(other.clone().get("/get-session").json.is_null());
    assert_eq!(told(&other.clone().post("/delete-anonymous-user", json!({}))), (401, "UNAUTHORIZED"));
    let mut ada = world.browser();
    ada.sign_up(ADA);
    assert_eq!(told(&ada.post("/delete-anonymous-user", json!({}))), (403, "USER_IS_NOT_ANONYMOUS"));
    let world = changed(|options| options.disable_delete_anonymous_user = true);
    let answer = nobody(&world).post("/delete-anonymous-user", json!({}));
    assert_eq!(told(&answer), (400, "DELETE_ANONYMOUS_USER_DISABLED"));
}

#[test]
fn case_158_what_belongs_to_an_anonymous_user_moves_once_to_who_proved_themselves() {
    type Way = fn(&World, &mut Browser<'_>) -> TestResponse;
    let ways: [(&str, Way); 4] = [
        ("sign up", |_, browser| browser.post("/sign-up/email", credentials())),
        ("sign in", |world, browser| {
            world.browser().sign_up(ADA);
            browser.post("/sign-in/email", credentials())
        }),
        ("magic link", |world, browser| {
            browser.post("/sign-in/magic-link", json!({"email": ADA}));
            let token = world.take_message().token.unwrap();
            browser.get(format!("/magic-link/verify?token={token}"))
        }),
        ("code", |world, browser| {
            browser.post("/email-otp/send-verification-otp", json!({"email": ADA, "type": "sign-in"}));
            browser.post("/sign-in/email-otp", json!({"email": ADA, "otp": world.take_message().otp}))
        }),
    ];
    for (name, way) in ways {
        let (options, moves) = noting();
        let world = world_with(options, |_| {});
        let mut browser = nobody(&world);
        let before = browser.clone();
        let anonymous = user_id(&mut browser);
        let answer = way(&world, &mut browser);
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        let ada = user_id(&mut browser);
        assert_eq!(*moves.lock().unwrap(), [(anonymous.clone(), ada.clone())], "{name}");
        assert!(world.rows("user").iter().all(|user| user.id() != anonymous), "{name}");
        assert!(before.clone().get("/get-session").json.is_null(), "{name}");
        assert_eq!(browser.get("/get-session").json["user"]["email"], ADA, "{name}");
        before.clone().post("/sign-in/email", credentials());
        assert_eq!(moves.lock().unwrap().len(), 1, "{name}: once");
    }
}

#[test]
fn case_158_nothing_moves_when_nobody_has_proven_anything() {
    let (options, moves) = noting();
    let world = world_with(options, |options| options.email_and_password.require_email_verification = true);
    world.browser().post("/sign-up/email", credentials());
    let mut browser = nobody(&world);
    let anonymous = user_id(&mut browser);
    let wrong = json!({"email": ADA, "password": "wrong password"});
    for (path, body) in [
        ("/sign-in/email", wrong),
        ("/sign-in/email", credentials()),
        ("/sign-up/email", credentials()),
        ("/sign-in/email-otp", json!({"email": ADA, "otp": "000000"})),
        ("/sign-in/magic-link", json!({"email": ADA})),
    ] {
        browser.post(path, body);
        assert_eq!(user_id(&mut browser), anonymous, "{path}");
    }
    browser.get("/magic-link/verify?token=nonsense");
    assert_eq!(user_id(&mut browser), anonymous);
    assert!(moves.lock().unwrap().is_empty());
}

#[test]
fn case_090_an_anonymous_user_becomes_nobody_whose_address_is_not_proven() {
    let (options, moves) = noting();
    let world = world_with(options, github);
    Fake::at(&world);
    world.browser().sign_up(ADA);
    let mut browser = nobody(&world);
    let anonymous = user_id(&mut browser);
    let back = sign_in(&mut browser, "github");
    assert!(back.header("location").contains("error=account_not_linked"), "{}", back.header("location"));
    assert_eq!(user_id(&mut browser), anonymous);
    assert!(moves.lock().unwrap().is_empty() && world.rows("user").len() == 2);
}

#[test]
fn case_060_who_has_become_somebody_is_signed_in_nowhere_as_nobody() {
    let world = world_with(AnonymousOptions::default(), |options| options.session.cookie_cache.enabled = true);
    let mut browser = nobody(&world);
    let mut before = browser.clone();
    let anonymous = browser.get("/get-session").json["user"].clone();
    let (id, email) = (anonymous["id"].as_str().unwrap(), anonymous["email"].as_str().unwrap());
    assert_eq!(browser.post("/sign-up/email", credentials()).status, 200);
    assert_eq!(before.post("/update-user", json!({"name": "x"})).status, 401, "whatever its cookie says");
    before.cookies.remove(DATA);
    assert!(before.get("/get-session").json.is_null());
    assert!(world.rows("session").iter().all(|session| session.text("userId") != id));
    let kept = world.outside.cache.snapshot();
    assert!(kept.values().all(|value| !value.contains(email)), "{kept:?}");
}

#[test]
fn what_the_application_refuses_stays_as_it_was() {
    const LATER: ApiError = ApiError::new(StatusCode::CONFLICT, "LATER", "Not now");
    let refuses = AnonymousOptions::default().on_link_account(async |_| Err(LATER));
    let world = world_with(refuses, |_| {});
    let mut browser = nobody(&world);
    let mut before = browser.clone();
    let answer = browser.post("/sign-up/email", credentials());
    assert_eq!(told(&answer), (409, "LATER"));
    let user = before.get("/get-session").json["user"].clone();
    assert_eq!(user["isAnonymous"], true, "and is still anonymous");
}

#[test]
fn an_anonymous_user_may_stay() {
    let (mut options, moves) = noting();
    options.disable_delete_anonymous_user = true;
    let world = world_with(options, |_| {});
    let mut browser = nobody(&world);
    let mut before = browser.clone();
    browser.post("/sign-up/email", credentials());
    assert_eq!(moves.lock().unwrap().len(), 1);
    assert_eq!(before.get("/get-session").json["user"]["isAnonymous"], true);
}

#[test]
fn who_comes_back_from_a_provider_without_cookies_is_known_again() {
    for keeps_cookies in [true, false] {
        let (options, moves) = noting();
        let world = world_with(options, |options| {
            github(options);
            options.account.skip_state_cookie_check = true;
        });
        Fake::at(&world);
        let mut browser = nobody(&world);
        let anonymous = user_id(&mut browser);
        let url = begin(&mut browser, "/sign-in/social", json!({"provider": "github", "callbackURL": "/in"}));
        if !keeps_cookies {
            browser.cookies.clear();
        }
        let answer = browser.get(format!("/callback/github?code=c&state={}", parameter(&url, "state")));
        assert!(answer.header("location").ends_with("/in"), "{} {}", answer.header("location"), answer.text);
        let new = user_id(&mut browser);
        assert_eq!(*moves.lock().unwrap(), [(anonymous, new)], "{keeps_cookies}");
        assert_eq!(world.rows("user").len(), 1);
    }
}

#[test]
fn a_client_names_no_anonymous_user_of_somebody_else() {
    let (options, moves) = noting();
    let world = world_with(options, |options| {
        github(options);
        options.account.skip_state_cookie_check = true;
    });
    Fake::at(&world);
    let anonymous = user_id(&mut nobody(&world));
    let data = json!({"serverContext": {"anonymousUserId": anonymous}, "anonymousUserId": anonymous});
    let mut eve = world.browser();
    let body = json!({"provider": "github", "callbackURL": "/in", "additionalData": data});
    let url = begin(&mut eve, "/sign-in/social", body);
    eve.get(format!("/callback/github?code=c&state={}", parameter(&url, "state")));
    assert!(moves.lock().unwrap().is_empty());
    assert_eq!(world.rows("user").len(), 2);
}

#[test]
fn two_sign_ins_at_once_move_what_there_is_once() {
    let moves = Arc::new(Mutex::new(Moves::default()));
    let stage = || {
        let (options, noted) = noting();
        *moves.lock().unwrap() = noted;
        let world = world_with(options, |_| {});
        world.browser().sign_up(ADA);
        let browser = nobody(&world);
        let request = TestRequest::json("/sign-in/email", &credentials());
        let requests = [browser.prepare(&request), browser.prepare(&request)];
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        assert_eq!((first.status, second.status), (200, 200), "{} / {}", first.text, second.text);
        assert_eq!(moves.lock().unwrap().lock().unwrap().len(), 1);
        assert_eq!(world.rows("user").len(), 1);
    });
}
