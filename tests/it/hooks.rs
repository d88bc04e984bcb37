//! The application's own hooks.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use kernia::{
    domain::{Hooks, WriteHook, WriteKind},
    engine::ApiError,
    schema::{SESSION, USER},
    testing::{Browser, PASSWORD, World, options},
};
use serde_json::json;

use crate::provider::{Fake, begin, come_back, error_of, github};

const EMAIL: &str = "ada@example.com";
const REFUSED: ApiError = ApiError::new(StatusCode::FORBIDDEN, "NOT_INVITED", "Ask for an invitation first");

fn world(hooks: Hooks) -> World {
    let mut options = options();
    options.user.delete_user.enabled = true;
    github(&mut options);
    World::built(options, |builder| builder.hooks(hooks))
}

fn sign_up(browser: &mut Browser<'_>, email: &str) -> kernia::testing::TestResponse {
    browser.post("/sign-up/email", json!({"name": "Ada", "email": email, "password": PASSWORD}))
}

#[test]
fn a_hook_before_a_route_refuses_or_changes_its_input() {
    let world = world(Hooks::default().before_route("/sign-up/email", async |mut request| {
        let body = request.body.as_mut().ok_or(REFUSED)?;
        if body["email"] == "eve@example.com" {
            return Err(REFUSED);
        }
        body["name"] = json!("Countess");
        Ok(request)
    }));
    let refused = sign_up(&mut world.browser(), "eve@example.com");
    assert_eq!((refused.status, refused.code()), (403, "NOT_INVITED"));
    assert!(world.rows("user").is_empty());
    assert_eq!(sign_up(&mut world.browser(), EMAIL).json["user"]["name"], "Countess");
}

#[test]
fn a_hook_after_a_route_sees_and_changes_its_answer() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let hooks = Hooks::default().after_route("/sign-up/email", move |mut answer| {
        let told = Arc::clone(&told);
        async move {
            told.lock().unwrap().push((answer.status.as_u16(), answer.new_session.is_some()));
            if let Some(body) = &mut answer.body {
                body["welcome"] = json!(true);
            }
            Ok(answer)
        }
    });
    let world = world(hooks);
    assert_eq!(sign_up(&mut world.browser(), EMAIL).json["welcome"], true);
    assert_eq!(sign_up(&mut world.browser(), EMAIL).json["welcome"], true);
    assert_eq!(*seen.lock().unwrap(), [(200, true), (422, false)]);
}

#[test]
fn hooks_see_what_a_client_sent_along_to_a_provider() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let mut hooks = Hooks::default().after_route("/callback/:id", move |answer| {
        told.lock().unwrap().push((answer.oauth_data.clone(), answer.new_session.is_some()));
        async { Ok(answer) }
    });
    hooks.writes.push(WriteHook::new(USER, WriteKind::Create, |cx, user| {
        Box::pin(async {
            let by = cx.local.oauth_data.get("referredBy").and_then(|by| by.as_str()).unwrap_or("nobody");
            user.row.set("image", format!("https://example.com/{by}.png"));
            Ok(())
        })
    }));
    let world = world(hooks);
    let _fake = Fake::at(&world);
    let mut browser = world.browser();
    // The server's own names are not the client's to set.
    let data = json!({ "referredBy": "grace", "count": 2, "callbackURL": "https://evil.example", "serverContext": {} });
    let body = json!({ "provider": "github", "callbackURL": "/in", "additionalData": data });
    let url = begin(&mut browser, "/sign-in/social", body);
    assert_eq!(error_of(&come_back(&mut browser, "github", &url)), "");
    let expected = json!({ "referredBy": "grace", "count": 2 }).as_object().unwrap().clone();
    assert_eq!(*seen.lock().unwrap(), [(expected, true)]);
    assert_eq!(world.rows("user")[0].text("image"), "https://example.com/grace.png");
}

#[test]
fn hooks_around_writes_change_refuse_and_are_told() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let tell = |what: &'static str| {
        let seen = Arc::clone(&seen);
        move |row: kernia::store::Row| {
            seen.lock().unwrap().push(format!("{what} {}", row.text("name")));
            async {}
        }
    };
    let hooks = Hooks::default()
        .before_create(USER, async |row| match row.text("email") {
            "eve@example.com" => Err(REFUSED),
            _ => Ok(row.with("image", "https://example.com/a.png")),
        })
        .before_update(USER, async |row| Ok(row.with("image", "https://example.com/b.png")))
        .before_delete(USER, async |row| if row.text("name") == "Kept" { Err(REFUSED) } else { Ok(()) })
        .after_create(USER, tell("made"))
        .after_update(USER, tell("changed"))
        .after_delete(USER, tell("removed"))
        .after_delete(SESSION, tell("ended"));
    let world = world(hooks);
    assert_eq!(sign_up(&mut world.browser(), "eve@example.com").code(), "NOT_INVITED");
    assert!(seen.lock().unwrap().is_empty() && world.rows("user").is_empty());

    let mut browser = world.browser();
    assert_eq!(sign_up(&mut browser, EMAIL).json["user"]["image"], "https://example.com/a.png");
    assert_eq!(browser.post("/update-user", json!({"name": "Kept"})).status, 200);
    assert_eq!(browser.get("/get-session").json["user"]["image"], "https://example.com/b.png");
    let refused = browser.post("/delete-user", json!({"password": PASSWORD}));
    assert_eq!((refused.status, refused.code()), (403, "NOT_INVITED"));
    assert_eq!(world.rows("user").len(), 1, "the whole change is refused");
    browser.post("/update-user", json!({"name": "Going"}));
    assert_eq!(browser.post("/delete-user", json!({"password": PASSWORD})).status, 200);
    let mut told = seen.lock().unwrap().clone();
    told.sort();
    assert_eq!(told, ["changed Going", "changed Kept", "ended ", "made Ada", "removed Going"]);
}
