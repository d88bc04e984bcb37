//! The last-login-method plugin.

use kernia::{
    domain::{Plugin, options::Options},
    plugins::{LastLoginMethod, LastLoginMethodOptions, Username},
    testing::{PASSWORD, TestResponse, options},
};
use serde_json::{Value as Json, json};

use super::World;
use crate::provider::{Fake, github, sign_in};

const ADA: &str = "ada@example.com";
const COOKIE: &str = "better-auth.last_used_login_method";

fn world_with(set: impl FnOnce(LastLoginMethodOptions) -> LastLoginMethodOptions, change: fn(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    let method = LastLoginMethod::new(set(LastLoginMethodOptions::default()));
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(method), Box::new(Username::default())];
    World::with_plugins(options, plugins)
}

fn world() -> World {
    world_with(|options| options, |_| {})
}

fn method(answer: &TestResponse) -> Option<&str> {
    let cookies: Vec<_> = answer.cookies.iter().filter(|cookie| cookie.name == COOKIE).collect();
    assert!(cookies.len() < 2, "{cookies:?}");
    cookies.first().map(|cookie| cookie.value())
}

fn password(world: &World, password: &str) -> TestResponse {
    world.browser().post("/sign-in/email", json!({"email": ADA, "password": password}))
}

#[test]
fn the_browser_keeps_how_its_user_came() {
    let world = world_with(|options| options, github);
    let signed_up = world.browser().sign_up(ADA);
    assert_eq!(method(&signed_up), Some("email"));
    let cookie = signed_up.cookie(COOKIE).unwrap();
    assert_eq!((cookie.attributes.max_age, cookie.attributes.http_only), (Some(2_592_000), false));
    assert_eq!(method(&password(&world, PASSWORD)), Some("email"));
    Fake::at(&world).set(|behaviour| behaviour.person.email = Some("grace@example.com".to_owned()));
    let mut browser = world.browser();
    sign_in(&mut browser, "github");
    assert_eq!(browser.cookies[COOKIE], "github");
}

#[test]
fn case_065_no_cookie_is_set_by_a_failed_sign_in_and_none_twice() {
    let world = world();
    let mut ada = world.browser();
    ada.sign_up(ADA);
    assert_eq!(method(&password(&world, "wrong password")), None);
    let refused = ada.post("/sign-in/email", json!({"email": ADA, "password": "wrong password"}));
    assert!(refused.cookies.is_empty(), "{:?}", refused.cookies);
    assert_eq!(method(&ada.get("/get-session")), None, "a look at the session is no sign-in");
    world.advance_secs(2 * 86_400);
    assert_eq!(method(&ada.get("/get-session")), None);
}

#[test]
fn the_application_has_words_of_its_own_and_a_say() {
    let set = |options: LastLoginMethodOptions| {
        let options = options
            .custom_resolve_method(|arrival| (arrival.path == "/sign-in/username").then(|| "username".to_owned()));
        options.before_store_cookie(|arrival, _| !arrival.headers.contains_key("x-no-cookies"))
    };
    let world = world_with(set, |_| {});
    let mut ada = world.browser();
    ada.sign_up(ADA);
    ada.post("/update-user", json!({"username": "ada_l"}));
    let by_name = world.browser().post("/sign-in/username", json!({"username": "ada_l", "password": PASSWORD}));
    assert_eq!((method(&by_name), method(&password(&world, PASSWORD))), (Some("username"), Some("email")));
    let body = json!({"email": ADA, "password": PASSWORD});
    let request = kernia::testing::TestRequest::json("/sign-in/email", &body).header("x-no-cookies", "1");
    assert_eq!(method(&world.browser().send(&request)), None);
}

#[test]
fn the_database_can_keep_it_too() {
    let store = |mut options: LastLoginMethodOptions| {
        options.store_in_database = true;
        options
    };
    let world = world_with(store, github);
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let stored = || world.rows("user")[0].get("lastLoginMethod").as_text().map(str::to_owned);
    assert_eq!(stored().as_deref(), Some("email"));
    let refused = ada.post("/update-user", json!({"lastLoginMethod": "mine"}));
    assert_eq!((refused.status, refused.code()), (400, "FIELD_NOT_ALLOWED"));
    let proven = kernia::store::Row::new().with("emailVerified", true);
    let all = kernia::store::Filter::All;
    let proven = kernia::store::Batch::new().update("user", all, proven, kernia::store::Expect::Any);
    crate::stepping::write(&world, proven);
    Fake::at(&world);
    let mut browser = world.browser();
    sign_in(&mut browser, "github");
    assert_eq!(stored().as_deref(), Some("github"));
    let seen = browser.get("/get-session").json["user"]["lastLoginMethod"].clone();
    assert_eq!(seen, Json::from("github"));
}
