//! The username plugin.

use http::Method;
use kernia::{
    domain::{Plugin, options::Options},
    plugins::{
        Bearer, Username, UsernameOptions,
        username::{Moment, Normalization},
    },
    store::{Batch, Expect, Filter, Value},
    testing::{Browser, PASSWORD, TestRequest, TestResponse, options},
};
use serde_json::{Value as Json, json};

use super::{
    World,
    race::each_interleaving,
    stepping::{held_at_write, let_go, observed, write},
};

const TAKEN: (u16, &str) = (400, "USERNAME_IS_ALREADY_TAKEN");
const REFUSED: (u16, &str) = (401, "INVALID_USERNAME_OR_PASSWORD");

fn world_with(username: UsernameOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(Username::new(username))])
}

fn world() -> World {
    world_with(UsernameOptions::default(), |_| {})
}

fn changed(change: impl FnOnce(&mut UsernameOptions)) -> World {
    let mut username = UsernameOptions::default();
    change(&mut username);
    world_with(username, |_| {})
}

fn body(who: &str, more: &Json) -> Json {
    let mut body = json!({"name": who, "email": format!("{who}@example.com"), "password": PASSWORD});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn sign_up(browser: &mut Browser<'_>, who: &str, more: &Json) -> TestResponse {
    browser.post("/sign-up/email", body(who, more))
}

/// Signs up and answers both names.
fn names(world: &World, who: &str, more: &Json) -> (Json, Json) {
    let answer = sign_up(&mut world.browser(), who, more);
    assert_eq!(answer.status, 200, "{}", answer.text);
    (answer.json["user"]["username"].clone(), answer.json["user"]["displayUsername"].clone())
}

fn sign_in(world: &World, username: &str, password: &str) -> TestResponse {
    world.browser().post("/sign-in/username", json!({"username": username, "password": password}))
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

fn stored(world: &World) -> Vec<Value> {
    world.rows("user").iter().map(|user| user.get("username").clone()).collect()
}

#[test]
fn a_name_is_stored_in_lower_case_and_shown_as_chosen() {
    let world = world();
    assert_eq!(names(&world, "ada", &json!({"username": "Ada_L"})), (json!("ada_l"), json!("Ada_L")));
    let both = json!({"username": "Bob", "displayUsername": "Bob! The 1st"});
    assert_eq!(names(&world, "bob", &both), (json!("bob"), json!("Bob! The 1st")));
    assert_eq!(
        names(&world, "cleo", &json!({"username": "Cleo", "displayUsername": ""})),
        (json!("cleo"), json!("Cleo"))
    );
    assert_eq!(names(&world, "dave", &json!({"displayUsername": "Dave.D"})), (json!("dave.d"), json!("Dave.D")));
    assert_eq!(names(&world, "erin", &json!({"displayUsername": "not a name"})), (Json::Null, json!("not a name")));
    assert_eq!(names(&world, "fred", &json!({})), (Json::Null, Json::Null));
    let null = json!({"username": null, "displayUsername": "Free.Name"});
    assert_eq!(names(&world, "gina", &null), (Json::Null, json!("Free.Name")));
}

#[test]
fn a_name_that_is_not_allowed_is_refused() {
    let world = world();
    for (username, code) in [
        ("", "USERNAME_TOO_SHORT"),
        ("ab", "USERNAME_TOO_SHORT"),
        (&"x".repeat(31), "USERNAME_TOO_LONG"),
        ("a b c", "INVALID_USERNAME"),
        ("a@b.c", "INVALID_USERNAME"),
        ("äöü", "INVALID_USERNAME"),
    ] {
        let answer = sign_up(&mut world.browser(), "ada", &json!({"username": username}));
        assert_eq!(told(&answer), (400, code), "{username}");
        let answer = sign_in(&world, username, PASSWORD);
        assert_eq!(told(&answer), if username.is_empty() { REFUSED } else { (422, code) }, "{username}");
        let answer = world.browser().post("/is-username-available", json!({"username": username}));
        let code = if username.is_empty() { "INVALID_USERNAME" } else { code };
        assert_eq!(told(&answer), (422, code), "{username}");
    }
    assert_eq!(told(&sign_up(&mut world.browser(), "ada", &json!({"username": 5}))), (400, "VALIDATION_ERROR"));
    assert!(world.rows("user").is_empty());
}

#[test]
fn a_name_belongs_to_one_user() {
    let world = world();
    let mut ada = world.browser();
    sign_up(&mut ada, "ada", &json!({"username": "Ada"}));
    let mut bob = world.browser();
    sign_up(&mut bob, "bob", &json!({}));
    assert_eq!(told(&sign_up(&mut world.browser(), "eve", &json!({"username": "ADA"}))), TAKEN);
    assert_eq!(
        told(&sign_up(&mut world.browser(), "ada", &json!({"username": "ada"}))),
        TAKEN,
        "the name is judged first"
    );
    assert_eq!(told(&bob.post("/update-user", json!({"username": "ADA"}))), TAKEN);
    assert_eq!(told(&world.browser().post("/update-user", json!({"username": "ada"}))), TAKEN);
    assert_eq!(ada.post("/update-user", json!({"username": "ADA"})).status, 200, "it is her own");
    assert_eq!(stored(&world), [Value::from("ada"), Value::Null]);
    for (username, available) in [("ADA", false), ("adb", true)] {
        let answer = world.browser().post("/is-username-available", json!({"username": username}));
        assert_eq!((answer.status, answer.json), (200, json!({"available": available})), "{username}");
    }
}

#[test]
fn of_two_at_once_one_gets_the_name_and_the_other_learns_why_not() {
    let request = |world: &World, who: &str| {
        world.browser().prepare(&TestRequest::json("/sign-up/email", &body(who, &json!({"username": "Same"}))))
    };
    for discreet in [false, true] {
        let stage = || {
            let world = world_with(UsernameOptions::default(), |options| {
                options.email_and_password.require_email_verification = discreet;
            });
            let requests = [request(&world, "ada"), request(&world, "bob")];
            (world, requests)
        };
        each_interleaving(stage, |world, first, second| {
            let mut answers = [told(&first), told(&second)];
            answers.sort_unstable();
            assert_eq!(answers, [(200, ""), TAKEN]);
            assert_eq!(stored(world), [Value::from("same")]);
        });
    }
}

#[test]
fn of_two_updates_at_once_one_gets_the_name() {
    let stage = || {
        let world = world();
        let update = |who: &str| {
            let mut browser = world.browser();
            sign_up(&mut browser, who, &json!({}));
            browser.prepare(&TestRequest::json("/update-user", &json!({"username": "Same"})))
        };
        let requests = [update("ada"), update("bob")];
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        let mut answers = [told(&first), told(&second)];
        answers.sort_unstable();
        assert_eq!(answers, [(200, ""), TAKEN]);
        assert!(first.status != 400 || first.cookies.is_empty(), "nobody is signed out for it");
        assert_eq!(stored(world).iter().filter(|name| **name == Value::from("same")).count(), 1);
    });
}

#[test]
fn names_change_and_are_looked_up_by_the_new_form() {
    let world = world();
    let mut ada = world.browser();
    sign_up(&mut ada, "ada", &json!({"username": "Ada"}));
    assert_eq!(ada.post("/update-user", json!({"username": "New_Name"})).status, 200);
    assert_eq!(ada.post("/update-user", json!({"displayUsername": "Any Thing"})).status, 200);
    let user = ada.get("/get-session").json["user"].clone();
    assert_eq!((&user["username"], &user["displayUsername"]), (&json!("new_name"), &json!("Any Thing")));
    assert_eq!(told(&sign_in(&world, "ada", PASSWORD)), REFUSED);
    assert_eq!(sign_in(&world, "NEW_NAME", PASSWORD).status, 200);
    assert_eq!(ada.post("/update-user", json!({"username": null})).status, 200);
    assert_eq!(stored(&world), [Value::Null]);
    assert_eq!(told(&ada.post("/update-user", json!({"username": "x"}))), (400, "USERNAME_TOO_SHORT"));
    assert_eq!(told(&world.browser().post("/update-user", json!({"username": "free"}))), (401, "UNAUTHORIZED"));
}

#[test]
fn a_name_signs_in() {
    let world = world();
    let user = sign_up(&mut world.browser(), "ada", &json!({"username": "Ada"})).json["user"].clone();
    let mut browser = world.browser();
    let answer = browser.post("/sign-in/username", json!({"username": "aDA", "password": PASSWORD}));
    let token = browser.get("/get-session").json["session"]["token"].clone();
    assert_eq!(answer.json, json!({"redirect": false, "token": token, "user": user}));
    let leading = json!({"username": "ada", "password": PASSWORD, "callbackURL": "/in", "rememberMe": false});
    let answer = world.browser().post("/sign-in/username", leading);
    assert_eq!(
        (answer.header("location"), &answer.json["url"], &answer.json["redirect"]),
        ("/in", &json!("/in"), &json!(true))
    );
    assert_eq!(answer.cookie("better-auth.session_token").unwrap().attributes.max_age, None);
    let foreign = json!({"username": "ada", "password": PASSWORD, "callbackURL": "https://evil.example"});
    assert_eq!(told(&world.browser().post("/sign-in/username", foreign)), (403, "INVALID_CALLBACK_URL"));
    let form = TestRequest::new(Method::POST, "/sign-in/username")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("username=ada&password={PASSWORD}"));
    assert_eq!(told(&world.browser().send(&form)), (415, "UNSUPPORTED_MEDIA_TYPE"));
}

#[test]
fn case_012_who_is_refused_does_not_learn_why_and_waits_for_one_hash() {
    let world = world();
    sign_up(&mut world.browser(), "ada", &json!({"username": "ada"}));
    sign_up(&mut world.browser(), "bob", &json!({"username": "bob"}));
    let bob = world.rows("user")[1].id().to_owned();
    write(&world, Batch::new().delete("account", Filter::eq("userId", bob), Expect::Rows(1)));
    sign_up(&mut world.browser(), "cleo", &json!({"username": "cleo"}));
    let cleo = world.rows("user")[2].id().to_owned();
    let no_password = ("password", Value::Null).into();
    write(&world, Batch::new().update("account", Filter::eq("userId", cleo), no_password, Expect::Rows(1)));
    for username in ["ada", "bob", "cleo", "nobody"] {
        let request =
            TestRequest::json("/sign-in/username", &json!({"username": username, "password": "wrong password"}));
        let (answer, effects) = observed(&world, world.begin(world.browser().prepare(&request)));
        assert_eq!(answer.text, r#"{"message":"Invalid username or password","code":"INVALID_USERNAME_OR_PASSWORD"}"#);
        assert_eq!((answer.status, answer.cookies.len()), (401, 0));
        let slow = effects.iter().filter(|name| ["Hash", "Verify"].contains(name)).count();
        assert_eq!(slow, 1, "{username}: {effects:?}");
    }
    assert_eq!(told(&sign_in(&world, "ada", "")), REFUSED);
    for username in ["ada", "nobody"] {
        assert_eq!(told(&sign_in(&world, username, &"x".repeat(129))), (400, "PASSWORD_TOO_LONG"));
    }
}

#[test]
fn a_password_that_was_just_replaced_signs_nobody_in() {
    let world = world();
    let mut ada = world.browser();
    sign_up(&mut ada, "ada", &json!({"username": "ada"}));
    let request = TestRequest::json("/sign-in/username", &json!({"username": "ada", "password": PASSWORD}));
    let mut exchange = world.begin(world.browser().prepare(&request));
    let held = held_at_write(&world, &mut exchange);
    let change = json!({"currentPassword": PASSWORD, "newPassword": "another password"});
    assert_eq!(ada.post("/change-password", change).status, 200);
    assert_eq!(told(&let_go(&world, exchange, held)), REFUSED);
    assert_eq!(world.rows("session").len(), 1);
}

#[test]
fn an_unverified_address_does_not_sign_in_where_it_must_be_verified() {
    let world = world_with(UsernameOptions::default(), |options| {
        options.email_and_password.require_email_verification = true;
        options.email_verification.send_on_sign_in = true;
    });
    sign_up(&mut world.browser(), "ada", &json!({"username": "Ada"}));
    let _ = world.take_messages();
    let attempt = json!({"username": "ada", "password": PASSWORD, "callbackURL": "/in"});
    let answer = world.browser().post("/sign-in/username", attempt);
    assert_eq!(told(&answer), (403, "EMAIL_NOT_VERIFIED"));
    let message = world.take_message();
    assert!(message.url.unwrap().ends_with("&callbackURL=%2Fin"));
    assert_eq!(told(&sign_in(&world, "ada", "wrong password")), REFUSED);
}

#[test]
fn case_015_a_stranger_does_not_learn_from_the_names_who_has_signed_up() {
    let world = world_with(UsernameOptions::default(), |options| {
        options.email_and_password.require_email_verification = true;
    });
    let shape = |username: &str| {
        let answer = sign_up(&mut world.browser(), "ada", &json!({"username": username}));
        assert_eq!(answer.status, 200);
        let user = answer.json["user"].as_object().unwrap();
        let keys: Vec<_> = user.keys().cloned().collect();
        (keys, user["username"] == username.to_lowercase(), user["displayUsername"] == username)
    };
    assert_eq!(shape("First.Name"), shape("Second.Name"));
    assert_eq!(world.rows("user").len(), 1);
}

#[test]
fn limits_and_forms_are_the_operators() {
    let world = changed(|options| {
        options.min_username_length = 5;
        options.max_username_length = 8;
        options.username_normalization = Normalization::Off;
        options.display_username = false;
    });
    assert_eq!(told(&sign_up(&mut world.browser(), "ada", &json!({"username": "abcd"}))), (400, "USERNAME_TOO_SHORT"));
    assert_eq!(
        told(&sign_up(&mut world.browser(), "ada", &json!({"username": "abcdefghi"}))),
        (400, "USERNAME_TOO_LONG")
    );
    let upper = sign_up(&mut world.browser(), "ada", &json!({"username": "Adaada"}));
    assert_eq!(upper.json["user"]["username"], "Adaada");
    assert!(upper.json["user"].get("displayUsername").is_none());
    assert_eq!(sign_up(&mut world.browser(), "bob", &json!({"username": "adaada"})).status, 200);
    assert_eq!(told(&sign_in(&world, "ADAADA", PASSWORD)), REFUSED);
    let adopted = sign_up(&mut world.browser(), "cleo", &json!({"displayUsername": "Ignored"}));
    assert_eq!(adopted.json["user"]["username"], "Ignored");
}

#[test]
fn the_applications_own_rules_are_asked() {
    let mut options = UsernameOptions::default()
        .username_validator(|name| name.starts_with("team-"))
        .display_username_validator(|shown| !shown.contains("admin"));
    options.validation_order.display_username = Moment::PostNormalization;
    options.display_username_normalization = Normalization::Lowercase;
    let world = world_with(options, |_| {});
    assert_eq!(told(&sign_up(&mut world.browser(), "ada", &json!({"username": "Team-A"}))), (400, "INVALID_USERNAME"));
    let shown = json!({"username": "team-a", "displayUsername": "The ADMIN"});
    assert_eq!(told(&sign_up(&mut world.browser(), "ada", &shown)), (400, "INVALID_DISPLAY_USERNAME"));
    let mut ada = world.browser();
    assert_eq!(sign_up(&mut ada, "ada", &json!({"username": "team-a"})).status, 200);
    let answer = ada.post("/update-user", json!({"displayUsername": "ADMIN"}));
    assert_eq!(told(&answer), (400, "INVALID_DISPLAY_USERNAME"));
    assert_eq!(ada.post("/update-user", json!({"displayUsername": "Ada"})).status, 200);
    assert_eq!(world.rows("user")[0].text("displayUsername"), "ada");
}

#[test]
fn an_immutable_name_stays() {
    let world = changed(|options| options.immutable_username = true);
    let mut ada = world.browser();
    sign_up(&mut ada, "ada", &json!({"username": "Ada"}));
    let immutable = (400, "USERNAME_IS_IMMUTABLE");
    assert_eq!(told(&ada.post("/update-user", json!({"username": "other"}))), immutable);
    assert_eq!(told(&ada.post("/update-user", json!({"username": null}))), immutable);
    assert_eq!(ada.post("/update-user", json!({"username": "ADA", "displayUsername": "A"})).status, 200);
    let mut bob = world.browser();
    sign_up(&mut bob, "bob", &json!({}));
    assert_eq!(bob.post("/update-user", json!({"username": "bob"})).status, 200, "the first choice is free");
    assert_eq!(told(&bob.post("/update-user", json!({"username": "rob"}))), immutable);
    assert_eq!(stored(&world), [Value::from("ada"), Value::from("bob")]);
}

#[test]
fn of_two_first_choices_at_once_one_stays() {
    let stage = || {
        let world = changed(|options| options.immutable_username = true);
        let mut ada = world.browser();
        sign_up(&mut ada, "ada", &json!({}));
        let update = |name: &str| ada.prepare(&TestRequest::json("/update-user", &json!({"username": name})));
        let requests = [update("first"), update("second")];
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        let expected = if first.status == 200 { "first" } else { "second" };
        assert_eq!(stored(world), [Value::from(expected)]);
        let mut answers = [told(&first), told(&second)];
        answers.sort_unstable();
        assert_eq!(answers, [(200, ""), (400, "USERNAME_IS_IMMUTABLE")]);
    });
}

#[test]
fn names_work_with_bearer_tokens() {
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(Username::default()), Box::new(Bearer::default())];
    let world = World::with_plugins(options(), plugins);
    sign_up(&mut world.browser(), "ada", &json!({"username": "ada"}));
    let answer = sign_in(&world, "ada", PASSWORD);
    assert!(answer.header("set-auth-token").starts_with(answer.json["token"].as_str().unwrap()));
}
