//! Where a request finds its session, and how often it looks.

use http::Method;
use kernia::{
    domain::{
        Hooks, Plugin,
        session::{self, Source},
    },
    engine::{BeforeHook, Effect, PathMatch},
    store::{Batch, CacheOp, Expect, Filter},
    testing::{TestRequest, options},
};
use serde_json::json;

use super::{Place, World, place, stepping::observed};
use crate::stepping::write;

const EMAIL: &str = "ada@example.com";
const TOKEN: &str = "better-auth.session_token";

/// A plugin that wants to know who is there, before every route, and believes a cookie.
struct Onlooker;

impl Plugin for Onlooker {
    fn id(&self) -> &'static str {
        "onlooker"
    }

    fn hooks(&self) -> Hooks {
        let look = BeforeHook::new(PathMatch::Any, |cx| {
            Box::pin(async {
                session::current(cx, Source::Any).await?;
                Ok(())
            })
        });
        Hooks { before: vec![look], ..Hooks::default() }
    }
}

fn world(watched: bool, cached: bool) -> World {
    let mut options = options();
    options.session.cookie_cache.enabled = cached;
    let plugins: Vec<Box<dyn Plugin>> = if watched { vec![Box::new(Onlooker)] } else { Vec::new() };
    World::with_plugins(options, plugins)
}

#[test]
fn it_looks_once_however_many_want_to_know() {
    let list = TestRequest::new(Method::GET, "/list-sessions");
    for request in [list, TestRequest::json("/revoke-other-sessions", &json!({}))] {
        let [alone, watched] = [false, true].map(|watched| {
            let world = world(watched, false);
            let mut browser = world.browser();
            browser.sign_up(EMAIL);
            let (answer, effects) = observed(&world, world.begin(browser.prepare(&request)));
            assert_eq!(answer.status, 200);
            effects
        });
        assert_eq!(alone, watched, "{request:?}");
    }
}

#[test]
fn it_looks_again_where_a_cookie_is_not_enough() {
    let world = world(true, true);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    assert_eq!(browser.clone().post("/revoke-other-sessions", json!({})).status, 200);
    write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
    assert_eq!(browser.clone().get("/get-session").json["user"]["email"], EMAIL, "the cookie is believed");
    assert_eq!(browser.clone().get("/list-sessions").status, 401);
    assert_eq!(browser.post("/revoke-other-sessions", json!({})).status, 401);
}

#[test]
fn it_looks_in_the_database_for_what_secondary_storage_has_lost() {
    let world = world(false, false);
    let mut browser = world.browser();
    let answer = browser.sign_up(EMAIL);
    let key = answer.json["token"].as_str().unwrap().to_owned();
    let _ = world.outside.perform_now(Effect::Cache(CacheOp::Take { key }));
    let found = browser.get("/get-session");
    assert_eq!(found.json.is_null(), place() == Place::Secondary);
    assert_eq!(found.cookie(TOKEN).is_some(), place() == Place::Secondary, "a cookie that is good for nothing goes");
}
