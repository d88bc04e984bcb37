//! Changing one's own user and session.

use std::collections::BTreeSet;

use kernia::{
    crypto::entropy::Entropy,
    domain::options::{AdditionalField, AdditionalFieldType, Options},
    testing::{Browser, PASSWORD, TestRequest},
    wire::{
        date::{Clock as _, Timestamp},
        id::{Alphabet, random_string},
    },
};
use serde_json::{Value, json};

use super::{Place, World, email::outcome, place, race::each_interleaving};

const OK: &str = r#"{"status":true}"#;

fn field(description: Value) -> AdditionalField {
    serde_json::from_value(description).unwrap()
}

fn added(options: &mut Options) {
    let user = &mut options.user.additional_fields;
    user.insert("nickname".to_owned(), field(json!({"type": "string", "required": false, "unique": true})));
    user.insert("plan".to_owned(), field(json!({"type": "string", "default_value": "free", "input": false})));
    let session = &mut options.session.additional_fields;
    session.insert("theme".to_owned(), field(json!({"type": "string", "required": false})));
    session.insert("level".to_owned(), field(json!({"type": "number", "required": false, "input": false})));
}

fn signed_in<'w>(world: &'w World, email: &str) -> Browser<'w> {
    let mut browser = world.browser();
    browser.sign_up(email);
    let _ = world.take_events();
    browser
}

#[test]
fn name_and_picture_are_changed() {
    let world = World::default();
    let mut ada = signed_in(&world, "ada@example.com");
    world.advance_secs(5);
    let answer = ada.post("/update-user", json!({"name": "Ada L.", "image": "https://example.com/a.png"}));
    assert_eq!((answer.status, answer.text.as_str()), (200, OK));
    assert!(answer.cookie("better-auth.session_token").is_some(), "the session's cookie is set again");
    let user = ada.get("/get-session").json["user"].clone();
    assert_eq!((&user["name"], &user["image"]), (&json!("Ada L."), &json!("https://example.com/a.png")));
    assert_ne!(user["updatedAt"], user["createdAt"]);
    let events = world.take_events();
    assert_eq!(
        (events.len(), events[0].name, &events[0].detail),
        (1, "user.updated", &vec![("fields", "name,image".to_owned())])
    );
    assert_eq!(ada.post("/update-user", json!({"image": null})).text, OK);
    assert_eq!(ada.get("/get-session").json["user"]["image"], Value::Null);
    assert_eq!(ada.post("/update-user", json!({"name": ""})).text, OK);
    assert_eq!(ada.get("/get-session").json["user"]["name"], "");
}

#[test]
fn the_cached_session_shows_the_change() {
    let world = World::changed(|options| options.session.cookie_cache.enabled = true);
    let mut ada = signed_in(&world, "ada@example.com");
    ada.post("/update-user", json!({"name": "Ada L."}));
    let mut exchange = world.begin(ada.prepare(&TestRequest::new(http::Method::GET, "/get-session")));
    let kernia::engine::Step::Respond(response) = exchange.step() else { panic!("the cache was not believed") };
    assert_eq!(kernia::testing::TestResponse::read(response).json["user"]["name"], "Ada L.");
}

#[test]
fn a_session_that_ends_with_the_browser_still_does() {
    let world = World::default();
    let mut ada = world.browser();
    let body = json!({"name": "Ada", "email": "ada@example.com", "password": "long enough", "rememberMe": false});
    ada.post("/sign-up/email", body);
    let answer = ada.post("/update-user", json!({"name": "Ada L."}));
    assert_eq!(answer.cookie("better-auth.session_token").unwrap().attributes.max_age, None);
}

#[test]
fn fields_of_the_installation_are_changed_as_it_allows() {
    let world = World::changed(added);
    let mut ada = signed_in(&world, "ada@example.com");
    assert_eq!(ada.post("/update-user", json!({"nickname": "ada", "unknown": 1})).text, OK);
    assert_eq!(world.rows("user")[0].text("nickname"), "ada");
    let refused = ada.post("/update-user", json!({"name": "N", "plan": "gold"}));
    assert_eq!(outcome(&refused), (400, "FIELD_NOT_ALLOWED"));
    assert_eq!(refused.json["message"], "plan is not allowed to be set");
    let user = &world.rows("user")[0];
    assert_eq!((user.text("plan"), user.text("name")), ("free", "Test User"));
    let mut bob = signed_in(&world, "bob@example.com");
    assert_eq!(bob.post("/update-user", json!({"nickname": "ada"})).status, 409, "a value that must be unique");
    assert_eq!(bob.post("/update-user", json!({"nickname": "bob"})).text, OK);
}

#[test]
fn what_clients_may_not_change_stays() {
    let world = World::default();
    let mut ada = signed_in(&world, "ada@example.com");
    let before = world.rows("user");
    let none = json!({"message": "No fields to update"});
    for body in [
        json!({}),
        json!({"nickname": "Al"}),
        json!({"email": ""}),
        json!({"email": null}),
        json!({"id": "x", "emailVerified": true, "createdAt": "2020-01-01T00:00:00.000Z", "__proto__": {"name": "x"}}),
    ] {
        let refused = ada.post("/update-user", body.clone());
        assert_eq!((refused.status, &refused.json), (400, &none), "{body}");
    }
    for body in
        [json!({"email": "new@example.com"}), json!({"email": "new@example.com", "name": "N"}), json!({"email": [0]})]
    {
        assert_eq!(outcome(&ada.post("/update-user", body)), (400, "EMAIL_CAN_NOT_BE_UPDATED"));
    }
    assert_eq!(world.rows("user"), before);
    assert!(world.take_events().is_empty());
}

#[test]
fn values_of_other_types_are_refused_and_not_stored() {
    let world = World::changed(added);
    let mut ada = signed_in(&world, "ada@example.com");
    let before = world.rows("user");
    for body in [
        json!({"name": 5}),
        json!({"name": null}),
        json!({"name": ["x"]}),
        json!({"image": false}),
        json!({"image": {"url": "x"}}),
        json!({"name": "fine", "image": 1}),
        json!({"nickname": 7}),
        json!({"name": "a\u{0}b"}),
        json!(["name"]),
        json!("name"),
        json!(null),
    ] {
        let refused = ada.post("/update-user", body.clone());
        assert_eq!(outcome(&refused), (400, "VALIDATION_ERROR"), "{body}");
    }
    assert_eq!(
        ada.post("/update-user", json!(["name"])).json["message"],
        "[body] Invalid input: expected record, received array"
    );
    assert_eq!(world.rows("user"), before);
}

#[test]
fn only_whoever_is_signed_in_changes_anything() {
    let world = World::changed(added);
    for path in ["/update-user", "/update-session"] {
        let body = json!({"name": "N", "theme": "dark"});
        assert_eq!(outcome(&world.browser().post(path, body)), (401, "UNAUTHORIZED"));
        assert_eq!(
            outcome(&world.browser().post(path, json!([]))),
            (400, "VALIDATION_ERROR"),
            "the shape is looked at first"
        );
    }
}

#[test]
fn a_revoked_session_changes_nothing_although_its_cookie_is_cached() {
    let world = World::changed(|options| {
        added(options);
        options.session.cookie_cache.enabled = true;
    });
    for (path, body, code) in [
        ("/update-user", json!({"name": "Thief"}), "UNAUTHORIZED"),
        ("/update-session", json!({"theme": "dark"}), "FAILED_TO_GET_SESSION"),
    ] {
        let mut ada = signed_in(&world, &format!("{}@example.com", &path[1..]));
        let mut thief = ada.clone();
        ada.post("/sign-out", json!({}));
        assert!(!thief.get("/get-session").json.is_null(), "the cookie is still believed");
        let refused = thief.post(path, body);
        assert_eq!(outcome(&refused), (401, code), "{path}");
        assert!(thief.cookies.is_empty(), "and its copies are gone: {:?}", thief.cookies.keys());
    }
    assert!(world.rows("user").iter().all(|user| user.text("name") == "Test User"));
}

#[test]
fn fields_of_the_session_are_changed() {
    let world = World::changed(added);
    let mut ada = signed_in(&world, "ada@example.com");
    world.advance_secs(5);
    let answer =
        ada.post("/update-session", json!({"theme": "dark", "token": "mine", "userId": "other", "expiresAt": 0}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.cookie("better-auth.session_token").is_some());
    let session = ada.get("/get-session").json["session"].clone();
    assert_eq!((&answer.json["session"], &session["theme"]), (&session, &json!("dark")));
    assert_ne!(session["updatedAt"], session["createdAt"]);
    assert_ne!(session["token"], "mine");
    assert_eq!(ada.post("/update-session", json!({"theme": null})).json["session"]["theme"], Value::Null);
}

#[test]
fn a_session_is_changed_only_as_the_installation_allows() {
    let world = World::changed(added);
    let mut ada = signed_in(&world, "ada@example.com");
    let none = json!({"message": "No fields to update"});
    for body in [json!({}), json!({"token": "x"}), json!({"userId": "x", "expiresAt": "2099-01-01T00:00:00.000Z"})] {
        let refused = ada.post("/update-session", body);
        assert_eq!((refused.status, &refused.json), (400, &none));
    }
    assert_eq!(outcome(&ada.post("/update-session", json!({"level": 9}))), (400, "FIELD_NOT_ALLOWED"));
    assert_eq!(outcome(&ada.post("/update-session", json!({"theme": 9}))), (400, "VALIDATION_ERROR"));
    let refused = ada.post("/update-session", json!([1]));
    assert_eq!(refused.json["message"], "[body] Invalid input: expected record, received array");
}

#[test]
fn an_update_does_not_bring_back_a_session_that_ends_meanwhile() {
    for path in ["/update-user", "/update-session"] {
        let stage = || {
            let world = World::changed(|options| {
                added(options);
                options.session.cookie_cache.enabled = true;
            });
            let mut ada = signed_in(&world, "ada@example.com");
            // Without the cached copy, so that the store is asked.
            ada.cookies.remove("better-auth.session_data");
            let update = ada.prepare(&TestRequest::json(path, &json!({"name": "Changed", "theme": "dark"})));
            let sign_out = ada.prepare(&TestRequest::json("/sign-out", &json!({})));
            (world, [update, sign_out])
        };
        each_interleaving(stage, |world, update, sign_out| {
            assert_eq!((sign_out.status, world.rows("session").len()), (200, 0));
            let changed = world.rows("user")[0].text("name") == "Changed";
            let token = update.cookie("better-auth.session_token");
            match update.status {
                200 => assert!(path == "/update-session" || changed),
                401 => assert!(token.is_none_or(|cookie| cookie.attributes.max_age == Some(0)), "nothing is renewed"),
                _ => panic!("{}", update.text),
            }
        });
    }
}

#[test]
fn the_application_has_a_say_in_what_is_stored_and_shown() {
    let world = World::changed(|options| {
        let phone = kernia::domain::options::AdditionalField::text()
            .accepts(|value| match value.as_str() {
                Some(text) if text.len() > 3 => Ok(text.replace(' ', "").into()),
                _ => Err("That is no phone number".to_owned()),
            })
            .accepts(|value| Ok(format!("+{}", value.as_str().unwrap_or_default().trim_start_matches('+')).into()))
            .shows(|value| {
                let text = value.as_str().unwrap_or_default();
                format!("…{}", text.trim_start_matches('…').chars().rev().take(2).collect::<String>()).into()
            });
        options.user.additional_fields.insert("phone".to_owned(), phone);
    });
    let mut ada = world.browser();
    let body = |phone: &str| json!({"name": "Ada", "email": "ada@example.com", "password": kernia::testing::PASSWORD, "phone": phone});
    let refused = ada.post("/sign-up/email", body("1"));
    assert_eq!((refused.status, refused.code()), (400, "VALIDATION_ERROR"));
    assert_eq!(refused.json["message"], "That is no phone number");
    let made = ada.post("/sign-up/email", body("1 23 45"));
    assert_eq!((made.status, &made.json["user"]["phone"]), (200, &json!("…54")));
    assert_eq!(world.rows("user")[0].text("phone"), "+12345");
    assert_eq!(ada.post("/update-user", json!({"phone": "x"})).code(), "VALIDATION_ERROR");
    ada.post("/update-user", json!({"phone": "99 99"}));
    assert_eq!(world.rows("user")[0].text("phone"), "+9999");
}

/// A field that clients may not set, with a moment and a random number in it.
fn made() -> AdditionalField {
    let mut field = AdditionalField::text().server_only();
    field.required = false;
    field
}

fn stamp(word: &'static str) -> impl Fn(Timestamp, &dyn Entropy) -> Value + Send + Sync + 'static {
    move |now, entropy| format!("{word} {} {}", now.as_secs(), random_string(entropy, Alphabet::A62, 8)).into()
}

#[test]
fn values_are_made_when_rows_are() {
    let world = World::changed(|options| {
        let fields = &mut options.user.additional_fields;
        fields.insert("referral".to_owned(), made().default_with(stamp("made")));
        fields.insert(
            "joined".to_owned(),
            AdditionalField::new(AdditionalFieldType::Date).default_with(|now, _| now.to_iso().into()),
        );
        fields.insert("seen".to_owned(), made().on_update(stamp("changed")));
        options.session.additional_fields.insert("mark".to_owned(), made().default_with(stamp("made")));
        options.account.additional_fields.insert("mark".to_owned(), made().default_with(stamp("made")));
    });
    let now = world.clock.now();
    let users: Vec<_> =
        ["ada", "bob"].map(|name| world.browser().sign_up(&format!("{name}@example.com")).json["user"].clone()).into();
    let made = format!("made {} ", now.as_secs());
    for (shown, stored) in users.iter().zip(world.rows("user")) {
        assert!(stored.text("referral").starts_with(&made), "{stored:?}");
        assert_eq!((&shown["referral"], &shown["joined"]), (&json!(stored.text("referral")), &json!(now.to_iso())));
        assert!(shown["seen"].is_null(), "what updates set begins as nothing: {shown}");
    }
    assert_ne!(users[0]["referral"], users[1]["referral"]);
    for table in ["session", "account"] {
        let marks: BTreeSet<_> = world.rows(table).iter().map(|row| row.text("mark").to_owned()).collect();
        assert!(marks.len() == 2 && marks.iter().all(|mark| mark.starts_with(&made)), "{table}: {marks:?}");
    }
}

#[test]
fn values_are_made_when_rows_change_unless_they_are_named() {
    let world = World::changed(|options| {
        let fields = &mut options.user.additional_fields;
        fields.insert("seen".to_owned(), made().on_update(stamp("changed")));
        fields
            .insert("turn".to_owned(), AdditionalField::text().default_value("first").on_update(|_, _| "next".into()));
        options.session.additional_fields.insert("note".to_owned(), AdditionalField::text().default_value(""));
        options.session.additional_fields.insert("seen".to_owned(), made().on_update(stamp("changed")));
    });
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    world.advance_secs(10);
    let changed = format!("changed {} ", world.clock.now().as_secs());
    let seen = |browser: &mut Browser<'_>| {
        let shown = browser.get("/get-session").json;
        let stored = world.rows("user").remove(0);
        assert_eq!(
            (&shown["user"]["seen"], &shown["user"]["turn"]),
            (&json!(stored.text("seen")), &json!(stored.text("turn")))
        );
        (stored.text("seen").to_owned(), stored.text("turn").to_owned())
    };
    ada.post("/update-user", json!({"name": "Ada B."}));
    let (first, turn) = seen(&mut ada);
    assert!(first.starts_with(&changed) && turn == "next", "{first} {turn}");
    ada.post("/update-user", json!({"turn": "own"}));
    let (second, turn) = seen(&mut ada);
    assert!(second.starts_with(&changed) && second != first && turn == "own", "{second} {turn}");
    assert_eq!(ada.post("/update-session", json!({"note": "x"})).status, 200);
    assert!(world.rows("session")[0].text("seen").starts_with(&changed));
}

#[test]
fn a_field_is_one_of_several_texts() {
    let world = World::changed(|options| {
        let role = serde_json::from_value(json!({"type": ["reader", "writer"], "default_value": "reader"})).unwrap();
        options.user.additional_fields.insert("role".to_owned(), role);
    });
    let mut ada = world.browser();
    assert_eq!(ada.sign_up("ada@example.com").json["user"]["role"], "reader");
    assert_eq!(ada.post("/update-user", json!({"role": "writer"})).status, 200);
    for wrong in [json!("owner"), json!(""), json!(5)] {
        let answer = ada.post("/update-user", json!({"role": wrong}));
        let message = "[body.role] Invalid option: expected one of \"reader\"|\"writer\"";
        assert_eq!((answer.status, answer.json), (400, json!({"code": "VALIDATION_ERROR", "message": message})));
    }
    assert_eq!(world.rows("user")[0].text("role"), "writer");
}

#[test]
fn a_field_points_at_another_row() {
    for (on_delete, left) in [("cascade", 0), ("set null", 1)] {
        let world = World::changed(|options| {
            options.user.delete_user.enabled = true;
            let to = json!({"model": "user", "field": "id", "on_delete": on_delete});
            let mentor = serde_json::from_value(json!({"type": "string", "required": false, "references": to}));
            options.user.additional_fields.insert("mentor".to_owned(), mentor.unwrap());
        });
        let (mut ada, mut bob) = (world.browser(), world.browser());
        let id = ada.sign_up("ada@example.com").json["user"]["id"].clone();
        bob.sign_up("bob@example.com");
        assert_eq!(bob.post("/update-user", json!({"mentor": id})).status, 200);
        assert_eq!(bob.get("/get-session").json["user"]["mentor"], id);
        assert_eq!(bob.post("/update-user", json!({"mentor": "999999"})).code(), "CONFLICT");
        let body = json!({"name": "Eve", "email": "eve@example.com", "password": PASSWORD, "mentor": "999999"});
        assert_eq!(world.browser().post("/sign-up/email", body).code(), "FAILED_TO_CREATE_USER");
        assert_eq!(ada.post("/delete-user", json!({"password": PASSWORD})).status, 200);
        let users = world.rows("user");
        assert_eq!((users.len(), users.iter().all(|user| user.get("mentor").is_null())), (left, true), "{on_delete}");
    }
}

#[test]
fn one_time_values_have_fields_of_the_applications_own() {
    let world = World::changed(|options| {
        options.verification.additional_fields.insert("origin".to_owned(), made().default_with(stamp("made")));
    });
    world.browser().sign_up("ada@example.com");
    let forgot = json!({"email": "ada@example.com", "redirectTo": "/new-password"});
    assert_eq!(world.browser().post("/request-password-reset", forgot).status, 200);
    let rows = world.rows("verification");
    let stored = !rows.is_empty() && rows.iter().all(|row| row.text("origin").starts_with("made "));
    // Secondary storage keeps what the server itself has written.
    assert!(stored || place() == Place::Secondary, "{rows:?}");
}
