//! The multi-session plugin.

use kernia::{
    domain::Plugin,
    plugins::{Bearer, MultiSession, MultiSessionOptions, TwoFactor, TwoFactorOptions},
    store::{Batch, Expect, Filter},
    testing::{Browser, PASSWORD, TestResponse, options},
    wire::cookie::sign_cookie_value,
};
use serde_json::{Value as Json, json};

use super::World;
use crate::stepping::write;

const TOKEN: &str = "better-auth.session_token";
const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";
const INVALID: (u16, &str) = (401, "INVALID_SESSION_TOKEN");

fn world_with(maximum: usize, cached: bool) -> World {
    let mut several = MultiSessionOptions::default();
    several.maximum_sessions = maximum;
    let mut options = options();
    options.session.cookie_cache.enabled = cached;
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(Bearer::default()), Box::new(MultiSession::new(several))];
    World::with_plugins(options, plugins)
}

fn world() -> World {
    world_with(5, false)
}

fn sign_up(browser: &mut Browser<'_>, email: &str) -> String {
    browser.sign_up(email).json["token"].as_str().unwrap().to_owned()
}

fn sign_in(browser: &mut Browser<'_>, email: &str) -> String {
    let answer = browser.post("/sign-in/email", json!({"email": email, "password": PASSWORD}));
    answer.json["token"].as_str().unwrap().to_owned()
}

fn listed(browser: &Browser<'_>) -> Vec<String> {
    let list = browser.clone().get("/multi-session/list-device-sessions").json;
    let email = |item: &Json| item["user"]["email"].as_str().unwrap().to_owned();
    let mut emails: Vec<_> = list.as_array().unwrap().iter().map(email).collect();
    emails.sort();
    emails
}

fn active(browser: &Browser<'_>) -> Json {
    browser.clone().get("/get-session").json["user"]["email"].clone()
}

fn set_active(browser: &mut Browser<'_>, token: &str) -> TestResponse {
    browser.post("/multi-session/set-active", json!({"sessionToken": token}))
}

fn revoke(browser: &mut Browser<'_>, token: &str) -> TestResponse {
    browser.post("/multi-session/revoke", json!({"sessionToken": token}))
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

fn cookie(token: &str) -> String {
    format!("{TOKEN}_multi-{}", token.to_lowercase())
}

#[test]
fn a_browser_changes_between_people() {
    for cached in [false, true] {
        let world = world_with(5, cached);
        let mut browser = world.browser();
        let (ada, grace) = (sign_up(&mut browser, ADA), sign_up(&mut browser, GRACE));
        assert_eq!((listed(&browser), active(&browser)), (vec![ADA.to_owned(), GRACE.to_owned()], json!(GRACE)));
        let changed = set_active(&mut browser, &ada);
        assert_eq!((&changed.json["user"]["email"], &changed.json["session"]["token"]), (&json!(ADA), &json!(ada)));
        assert_eq!(active(&browser), ADA);
        set_active(&mut browser, &grace);
        assert_eq!(active(&browser), GRACE);
        assert!(world.browser().get("/multi-session/list-device-sessions").json == json!([]));
    }
}

#[test]
fn one_person_has_one_session_in_a_browser() {
    let world = world();
    let mut browser = world.browser();
    let first = sign_up(&mut browser, ADA);
    let second = sign_in(&mut browser, ADA);
    assert_eq!((world.rows("session").len(), listed(&browser)), (1, vec![ADA.to_owned()]));
    assert!(!browser.cookies.contains_key(&cookie(&first)) && browser.cookies.contains_key(&cookie(&second)));
    sign_in(&mut world.browser(), ADA);
    assert_eq!(world.rows("session").len(), 2, "another browser's session is none of this one's");
}

#[test]
fn a_browser_remembers_so_many_and_no_more() {
    let world = world_with(2, false);
    let mut browser = world.browser();
    for email in [ADA, GRACE, "mary@example.com"] {
        sign_up(&mut browser, email);
    }
    assert_eq!(listed(&browser), [ADA, GRACE]);
    assert_eq!(active(&browser), "mary@example.com");
}

#[test]
fn an_ended_session_gives_way_to_another() {
    let world = world();
    let mut browser = world.browser();
    let (ada, grace) = (sign_up(&mut browser, ADA), sign_up(&mut browser, GRACE));
    assert_eq!(revoke(&mut browser, &grace).json, json!({"status": true}));
    assert_eq!((active(&browser), listed(&browser)), (json!(ADA), vec![ADA.to_owned()]));
    assert_eq!(told(&set_active(&mut browser, &grace)), INVALID);
    assert_eq!(revoke(&mut browser, &ada).json, json!({"status": true}));
    assert_eq!((active(&browser), world.rows("session").len()), (json!(null), 0));
    assert_eq!(told(&revoke(&mut browser, &ada)), (401, "UNAUTHORIZED"));
}

#[test]
fn a_session_that_is_not_active_ends_alone() {
    let world = world();
    let mut browser = world.browser();
    let ada = sign_up(&mut browser, ADA);
    sign_up(&mut browser, GRACE);
    revoke(&mut browser, &ada);
    assert_eq!((active(&browser), listed(&browser)), (json!(GRACE), vec![GRACE.to_owned()]));
}

#[test]
fn signing_out_ends_them_all() {
    let world = world();
    let mut browser = world.browser();
    sign_up(&mut browser, ADA);
    sign_up(&mut browser, GRACE);
    assert_eq!(browser.post("/sign-out", json!({})).json, json!({"success": true}));
    assert_eq!((world.rows("session").len(), browser.cookies.len()), (0, 0));
}

#[test]
fn what_has_ended_elsewhere_is_not_listed_and_not_changed_to() {
    let world = world();
    let mut browser = world.browser();
    let ada = sign_up(&mut browser, ADA);
    sign_up(&mut browser, GRACE);
    write(&world, Batch::new().delete("session", Filter::eq("token", ada.as_str()), Expect::Any));
    assert_eq!(listed(&browser), [GRACE]);
    assert_eq!(told(&set_active(&mut browser, &ada)), INVALID);
    assert!(!browser.cookies.contains_key(&cookie(&ada)));
    world.advance_secs(8 * 86_400);
    assert_eq!(listed(&browser), Vec::<String>::new());
}

#[test]
fn case_157_a_forged_cookie_ends_no_session_and_opens_none() {
    let world = world();
    let token = sign_up(&mut world.browser(), ADA);
    let signer = &world.engine.installation().signer;
    let other = sign_up(&mut world.browser(), "mary@example.com");
    for forged in [
        format!("{token}.x"),
        token.clone(),
        sign_cookie_value(signer, "another value"),
        // Validly signed, and of another session than its name says.
        sign_cookie_value(signer, &other),
    ] {
        let mut eve = world.browser();
        sign_up(&mut eve, &format!("eve{}@example.com", world.rows("user").len()));
        eve.cookies.insert(cookie(&token), forged);
        assert_eq!(told(&set_active(&mut eve, &token)), INVALID);
        assert_eq!(told(&revoke(&mut eve, &token)), INVALID);
        assert!(listed(&eve).iter().all(|email| email.starts_with("eve")));
        let before = world.rows("session").len();
        eve.post("/sign-out", json!({}));
        assert_eq!(world.rows("session").len(), before - 1);
    }
    assert!(world.rows("session").iter().any(|row| row.text("token") == token));
}

#[test]
fn case_157_a_forged_cookie_is_no_reason_to_end_a_session_at_sign_in() {
    let world = world();
    let token = sign_up(&mut world.browser(), ADA);
    let mut browser = world.browser();
    browser.cookies.insert(cookie(&token), format!("{token}.{}", "x".repeat(44)));
    sign_in(&mut browser, ADA);
    assert_eq!(world.rows("session").len(), 2);
}

#[test]
fn a_session_that_is_replaced_keeps_its_place() {
    let mut two_factor = TwoFactorOptions::default();
    two_factor.otp_options.send = true;
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(MultiSession::default()), Box::new(TwoFactor::new(two_factor))];
    let world = World::with_plugins(options(), plugins);
    let mut browser = world.browser();
    let ada = sign_up(&mut browser, ADA);
    sign_up(&mut browser, GRACE);
    set_active(&mut browser, &ada);
    let change = json!({"currentPassword": PASSWORD, "newPassword": PASSWORD, "revokeOtherSessions": true});
    assert_eq!(browser.post("/change-password", change).status, 200);
    let enable = json!({"password": PASSWORD, "method": "otp"});
    assert_eq!(browser.post("/two-factor/enable", enable).status, 200);
    assert_eq!((active(&browser), listed(&browser)), (json!(ADA), vec![ADA.to_owned(), GRACE.to_owned()]));
    assert_eq!(world.rows("session").len(), 2);
    // A sign-in that waits for its second factor leaves the others, and is none yet.
    let held = browser.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
    assert_eq!(held.json["twoFactorRedirect"], true);
    assert!(held.cookies.iter().all(|cookie| !cookie.name.contains("_multi-")), "{:?}", held.cookies);
    assert_eq!(active(&browser), json!(null));
}
