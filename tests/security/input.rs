//! What bodies, queries and fields may hold, and what is made of the rest.

use std::time::{Duration, Instant};

use http::Method;
use kernia::{
    domain::options::Options,
    engine::Exposure,
    testing::{PASSWORD, TestRequest},
};
use serde_json::json;

use crate::bodies::{bodies, fields, raw};
use crate::given::{ADA, call, changes, get, open, post, reset_token, sign_in, signed_up};

fn with_fields(options: &mut Options) {
    let own = json!({
        "role": {"type": "string", "required": false, "input": false, "default_value": "user"},
        "credits": {"type": "number", "required": false, "input": false, "default_value": 0},
        "nickname": {"type": "string", "required": false},
        "secretNote": {"type": "string", "required": false, "input": false, "returned": false},
    });
    options.user.additional_fields = fields(own);
    options.session.additional_fields = fields(
        json!({"level": {"type": "number", "required": false, "input": false}, "device": {"type": "string", "required": false}}),
    );
}

#[test]
fn case_162_fields_that_are_not_input_are_set_by_nobody() {
    let world = open(with_fields);
    let body =
        json!({"email": ADA, "name": "x", "password": PASSWORD, "role": "admin", "credits": 100, "secretNote": "x"});
    let answer = world.browser().post("/sign-up/email", body);
    let stored = || world.rows("user").into_iter().next();
    assert!(answer.status == 400 || stored().unwrap().text("role") == "user", "{}", answer.text);
    let mut ada = world.browser();
    if answer.status == 400 {
        ada.sign_up(ADA);
    } else {
        ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
    }
    for body in [
        json!({"role": "admin"}),
        json!({"credits": 1}),
        json!({"secretNote": "x"}),
        json!({"nickname": "n", "role": "admin"}),
    ] {
        let answer = ada.post("/update-user", body.clone());
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    }
    assert_eq!(ada.post("/update-session", json!({"level": 9})).status, 400);
    assert_eq!(ada.post("/update-session", json!({"device": "phone"})).status, 200);
    let (user, session) = (stored().unwrap(), world.rows("session").pop().unwrap());
    assert_eq!((user.text("role"), user.get("credits").as_int(), user.text("nickname")), ("user", Some(0), ""));
    assert!(session.get("level").is_null() && user.get("secretNote").is_null());
    assert!(!ada.get("/get-session").text.contains("secretNote"));
}

#[test]
fn case_163_an_update_sets_nothing_that_has_its_own_way() {
    let world = open(|_| {});
    let mut ada = signed_up(&world, ADA);
    ada.post("/update-user", json!({"username": "ada_1"}));
    let mut eve = signed_up(&world, "eve@example.com");
    eve.post("/update-user", json!({"username": "eve_1"}));
    let before = world.rows("user");
    for (field, value) in [
        ("email", json!("new@example.com")),
        ("emailVerified", json!(true)),
        ("id", json!("x")),
        ("role", json!("admin")),
        ("banned", json!(false)),
        ("twoFactorEnabled", json!(false)),
        ("phoneNumberVerified", json!(true)),
        ("createdAt", json!("2000-01-01T00:00:00Z")),
        ("updatedAt", json!("2000-01-01T00:00:00Z")),
        ("password", json!("another password")),
        ("username", json!("EVE_1")),
    ] {
        let answer = ada.post("/update-user", json!({field: value}));
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
        assert_eq!(world.rows("user"), before, "{field}");
    }
    // Beside something that may be set, it is left out.
    ada.post("/update-user", json!({"name": "Ada L", "emailVerified": true, "id": "x", "role": "admin"}));
    let user = world.rows("user").remove(0);
    assert_eq!((user.id(), user.flag("emailVerified"), user.text("email")), (before[0].id(), false, ADA));
    assert!(user.find("role").is_none());
}

#[test]
fn case_164_what_is_the_servers_own_is_not_reachable() {
    let world = open(|_| {});
    let ada = signed_up(&world, ADA);
    let own: Vec<_> =
        world.engine.routes().iter().filter(|route| route.exposure == Exposure::ServerOnly).cloned().collect();
    assert!(!own.is_empty());
    for route in own {
        for method in [Method::GET, Method::POST, Method::PUT] {
            for path in [route.path.to_owned(), format!("{}/", route.path), format!("/x/..{}", route.path)] {
                let request = TestRequest::new(method.clone(), path.clone())
                    .header("content-type", "application/json")
                    .body(json!({"newPassword": "another password"}).to_string());
                let answer = ada.clone().send(&request);
                assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
            }
        }
    }
    assert_eq!(sign_in(&world, ADA, PASSWORD).status, 200);
}

#[test]
fn case_185_a_nul_is_stored_nowhere() {
    let world = open(|_| {});
    let mut ada = signed_up(&world, ADA);
    let token = reset_token(&world, ADA);
    let bodies = [
        ("/sign-up/email", json!({"email": "new@example.com", "name": "a\0b", "password": PASSWORD})),
        ("/sign-up/email", json!({"email": "new\0@example.com", "name": "x", "password": PASSWORD})),
        ("/sign-up/email", json!({"email": "new@example.com", "name": "x", "image": "\0", "password": PASSWORD})),
        (
            "/sign-up/email",
            json!({"email": "new@example.com", "name": "x", "username": "na\0me", "password": PASSWORD}),
        ),
        ("/update-user", json!({"name": "a\0b"})),
        ("/update-user", json!({"image": "\0"})),
        ("/update-user", json!({"username": "na\0me"})),
        ("/update-user", json!({"displayUsername": "na\0me"})),
        ("/change-email", json!({"newEmail": "a\0@example.com"})),
        ("/reset-password", json!({"newPassword": PASSWORD, "token": format!("{token}\0")})),
        ("/sign-in/username", json!({"username": "na\0me", "password": PASSWORD})),
        ("/is-username-available", json!({"username": "na\0me"})),
        ("/phone-number/send-otp", json!({"phoneNumber": "+1\0"})),
        ("/phone-number/verify", json!({"phoneNumber": "+1\0", "code": "1"})),
        ("/sign-in/phone-number", json!({"phoneNumber": "+1\0", "password": PASSWORD})),
    ];
    for (path, body) in bodies {
        let answer = ada.post(path, body.clone());
        assert!((400..500).contains(&answer.status), "{path} {body}: {} {}", answer.status, answer.text);
    }
    let tables = world.outside.store.snapshot();
    let texts = tables
        .values()
        .flatten()
        .flat_map(|row| row.fields().filter_map(|(_, value)| value.as_text().map(str::to_owned)).collect::<Vec<_>>());
    for text in texts {
        assert!(!text.contains('\0'), "{text:?}");
    }
    // Other control characters are letters like others, and reach no header.
    assert_eq!(ada.post("/update-user", json!({"name": "a\u{1b}[31m\r\nb"})).status, 200);
    let answer = ada.get("/get-session");
    assert_eq!(answer.json["user"]["name"], "a\u{1b}[31m\r\nb");
    let agent = get("/get-session").header("user-agent", "x\u{9}y").header("cookie", "a=b");
    assert_eq!(call(&world, &agent).status, 200);
}

#[test]
fn case_188_queries_have_one_reading_and_a_limit() {
    let world = open(|_| {});
    let ada = signed_up(&world, ADA);
    for (query, status) in [
        ("?token=a&token=b", 400),
        ("?token[]=a", 400),
        ("?token[a]=b", 400),
        ("?token=%zz", 401),
        ("?token=%", 401),
        ("?token=%ff", 401),
        ("?token=a+b", 401),
        ("?token=%00", 401),
        ("?=x", 400),
        ("?&&&", 400),
        ("?token", 401),
        ("?TOKEN=a", 400),
        ("?token=a#&token=b", 401),
    ] {
        let answer = ada.clone().get(format!("/verify-email{query}"));
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
    }
    let many = "a=b&".repeat(3_000);
    assert_eq!(ada.clone().get(format!("/verify-email?{many}token=x")).status, 400, "too many");
    assert_eq!(ada.clone().get(format!("/verify-email?token={}", "x".repeat(20_000))).status, 414);
}

#[test]
fn case_189_no_check_takes_longer_than_its_input_is_long() {
    let world = open(|options| {
        options.trusted_origins = vec!["https://*.*.*.app.test".to_owned(), "https://**a**b**.test".to_owned()];
        options.limits.target_bytes = 1 << 20;
    });
    let mut ada = signed_up(&world, ADA);
    let long = |piece: &str| piece.repeat(100_000 / piece.len());
    let texts = [
        long("a"),
        long("a."),
        long("@"),
        long("a@a."),
        long(".."),
        long("%2e%2e/"),
        long("https://"),
        long("*a"),
        long("//"),
        long("-a"),
        long("_."),
        long("\u{301}"),
    ];
    let begun = Instant::now();
    for text in &texts {
        let bodies = [
            ("/sign-in/email", json!({"email": format!("{text}@x.test"), "password": "x"})),
            (
                "/sign-in/email",
                json!({"email": ADA, "password": "x", "callbackURL": format!("https://{text}.app.test")}),
            ),
            ("/sign-in/email", json!({"email": ADA, "password": "x", "callbackURL": format!("/{text}")})),
            ("/sign-in/username", json!({"username": text, "password": "x"})),
            ("/is-username-available", json!({"username": text})),
            ("/update-user", json!({"name": text, "image": text})),
            ("/reset-password", json!({"newPassword": PASSWORD, "token": text})),
        ];
        for (path, body) in bodies {
            let answer = ada.post(path, body);
            assert!(answer.status < 500, "{path}: {}", answer.text);
        }
        let header = get("/get-session")
            .header("origin", format!("https://{}", &text[..text.floor_char_boundary(30_000)]).replace('\u{301}', "x"));
        assert!(ada.send(&header).status < 500);
    }
    // A hundred kilobytes of any of them are milliseconds; backtracking would be hours.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn case_191_a_value_of_another_type_is_refused_and_never_equal() {
    let world = open(|options| options.user.delete_user.send_delete_account_verification = true);
    let ada = signed_up(&world, ADA);
    reset_token(&world, ADA);
    let values = [
        json!(0),
        json!(1),
        json!(true),
        json!(false),
        json!([]),
        json!([""]),
        json!({}),
        json!({"$ne": null}),
        json!({"$gt": ""}),
        json!(1e300),
        json!(null),
    ];
    let before = world.outside.store.snapshot();
    for value in values {
        let bodies = [
            ("/reset-password", json!({"newPassword": "another password", "token": value})),
            ("/reset-password", json!({"newPassword": value, "token": "x"})),
            ("/sign-in/email", json!({"email": ADA, "password": value})),
            ("/sign-in/email", json!({"email": value, "password": PASSWORD})),
            ("/sign-in/username", json!({"username": value, "password": PASSWORD})),
            ("/verify-password", json!({"password": value})),
            ("/change-password", json!({"currentPassword": value, "newPassword": "another password"})),
            ("/revoke-session", json!({"token": value})),
            ("/unlink-account", json!({"accountId": value})),
            ("/request-password-reset", json!({"email": value})),
            ("/change-email", json!({"newEmail": value})),
        ];
        for (path, body) in bodies {
            let answer = ada.clone().post(path, body.clone());
            assert_eq!(answer.status, 400, "{path} {body}: {}", answer.text);
        }
        assert_eq!(world.outside.store.snapshot(), before, "{value}");
    }
}

#[test]
fn case_239_an_empty_request_moves_nothing_on() {
    let world = open(|options| options.user.delete_user.send_delete_account_verification = true);
    let mut ada = signed_up(&world, ADA);
    reset_token(&world, ADA);
    ada.post("/send-verification-email", json!({"email": ADA}));
    let _ = world.take_messages();
    let before = world.outside.store.snapshot();
    // These say all that they have to say by their name.
    const WHOLE: [&str; 7] = [
        "/sign-out",
        "/revoke-sessions",
        "/revoke-other-sessions",
        "/delete-user",
        "/siwe/get-nonce",
        "/siwe/nonce",
        "/two-factor/send-otp",
    ];
    for path in bodies(&world).into_iter().chain(changes().into_iter().map(|(path, _)| path)) {
        let path = path.replace(":id", "github");
        if WHOLE.contains(&path.as_str()) {
            continue;
        }
        for browser in [ada.clone(), world.browser()] {
            for request in [TestRequest::new(Method::POST, path.clone()), post(&path, &json!({})), raw(&path, "")] {
                let answer = browser.clone().send(&request);
                assert!(answer.status >= 300 && answer.status < 500, "{path}: {} {}", answer.status, answer.text);
                assert!(answer.cookie("better-auth.session_token").is_none_or(|cookie| cookie.value().is_empty()));
                assert_eq!(world.outside.store.snapshot(), before, "{path}");
            }
        }
    }
    assert!(world.take_messages().is_empty());
}
