//! The custom-session plugin.

use http::{HeaderMap, StatusCode, header};
use kernia::{
    domain::{Plugin, api::CallError},
    engine::ApiError,
    plugins::{CustomSession, MultiSession},
    testing::{Browser, World as Plain, options},
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::World;

const ADA: &str = "ada@example.com";
const NOT_NOW: ApiError = ApiError::new(StatusCode::FORBIDDEN, "NOT_NOW", "Come back later");

fn world(cached: bool, lists_too: bool) -> World {
    let mut options = options();
    options.session.cookie_cache.enabled = cached;
    let custom = CustomSession::new(async |session: Json, headers: HeaderMap| {
        if headers.contains_key("x-late") {
            return Err(NOT_NOW);
        }
        Ok(json!({ "who": session["user"]["email"], "token": session["session"]["token"], "plan": "free" }))
    });
    let custom = if lists_too { custom.with_device_sessions() } else { custom };
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(custom), Box::new(MultiSession::default())];
    World::with_plugins(options, plugins)
}

#[test]
fn a_session_is_what_the_application_makes_of_it() {
    for cached in [false, true] {
        let world = world(cached, false);
        let mut ada = world.browser();
        assert_eq!(ada.get("/get-session").json, json!(null), "nobody is asked about");
        let token = ada.sign_up(ADA).json["token"].clone();
        assert_eq!(ada.get("/get-session").json, json!({"who": ADA, "token": token, "plan": "free"}));
        assert!(ada.get("/list-sessions").json[0]["id"].is_string(), "other routes are as they were");
    }
}

#[test]
fn a_refusal_is_answered_in_its_place() {
    let world = world(false, false);
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let request = kernia::testing::TestRequest::new(http::Method::GET, "/get-session").header("x-late", "1");
    let refused = ada.send(&request);
    assert_eq!((refused.status, refused.code()), (403, "NOT_NOW"));
}

#[test]
fn a_renewal_keeps_its_cookies() {
    let world = world(true, false);
    let mut ada = world.browser();
    ada.sign_up(ADA);
    world.advance_secs(2 * 86_400);
    let renewed = ada.get("/get-session");
    assert_eq!(renewed.json["who"], ADA);
    assert!(renewed.cookie("better-auth.session_token").is_some());
}

#[test]
fn listed_sessions_are_made_alike_if_asked_for() {
    for lists_too in [false, true] {
        let world = world(false, lists_too);
        let mut browser = world.browser();
        browser.sign_up(ADA);
        browser.sign_up("grace@example.com");
        let listed = browser.get("/multi-session/list-device-sessions").json;
        assert_eq!(listed.as_array().unwrap().iter().all(|item| item["plan"] == "free"), lists_too, "{listed}");
    }
}

#[derive(Deserialize)]
struct Mine {
    who: String,
    plan: String,
}

fn now<T>(call: impl IntoFuture<Output = T>) -> T {
    let mut future = std::pin::pin!(call.into_future());
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the world in memory does not wait"),
    }
}

fn carried(browser: &Browser<'_>) -> HeaderMap {
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    [(header::COOKIE, cookies.join("; ").parse().unwrap())].into_iter().collect()
}

#[test]
fn the_servers_own_code_reads_it_by_its_type() {
    let world = world(false, false);
    let plain: &Plain = &world;
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let mine = now(plain.api().get_session_as::<Mine>().headers(&carried(&ada))).unwrap().value.unwrap();
    assert_eq!((mine.who.as_str(), mine.plan.as_str()), (ADA, "free"));
    assert!(now(plain.api().get_session_as::<Mine>()).unwrap().value.is_none());
    let other = now(plain.api().get_session_as::<u32>().headers(&carried(&ada)));
    assert!(matches!(other, Err(CallError::Unreadable(_))));
}
