//! Passwords: how long, in which letters, and at what cost.

use http::Method;
use kernia::{
    domain::api::ServerCall,
    testing::{PASSWORD, TestRequest, World},
};
use serde_json::json;

use crate::{
    given::{ADA, open, post, reset_token, sign_in, signed_up},
    stepping::observed,
};

#[test]
fn case_016_a_very_long_password_is_refused_before_hashing() {
    let world = open(|options| options.user.delete_user.enabled = true);
    let ada = signed_up(&world, ADA);
    ada.clone().post("/update-user", json!({"username": "ada_1"}));
    let token = reset_token(&world, ADA);
    let long = "x".repeat(1_000_000);
    let bodies = [
        ("/sign-up/email", json!({"name": "x", "email": "new@example.com", "password": long})),
        ("/sign-in/email", json!({"email": ADA, "password": long})),
        ("/sign-in/email", json!({"email": "nobody@example.com", "password": long})),
        ("/sign-in/username", json!({"username": "ada_1", "password": long})),
        ("/sign-in/username", json!({"username": "nobody", "password": long})),
        ("/verify-password", json!({"password": long})),
        ("/change-password", json!({"currentPassword": long, "newPassword": "another password"})),
        ("/change-password", json!({"currentPassword": PASSWORD, "newPassword": long})),
        ("/reset-password", json!({"newPassword": long, "token": token})),
        ("/delete-user", json!({"password": long})),
    ];
    for (path, body) in bodies {
        let (answer, effects) = observed(&world, world.begin(ada.prepare(&post(path, &body))));
        assert_eq!((answer.status, answer.code()), (400, "PASSWORD_TOO_LONG"), "{path}");
        assert!(!effects.iter().any(|effect| ["Hash", "Verify"].contains(effect)), "{path}: {effects:?}");
    }
    let set = ServerCall { body: Some(json!({"newPassword": long})), ..ServerCall::default() };
    let exchange = world.engine.begin_call("setPassword", set).unwrap();
    let (_, effects) = observed(&world, exchange);
    assert!(!effects.contains(&"Hash"), "{effects:?}");
}

/// Whether a user who chose one password gets in with the other.
fn opens(world: &World, chosen: &str, given: &str) -> bool {
    let email = format!("{}@example.com", world.rows("user").len());
    let body = json!({"name": "x", "email": email, "password": chosen});
    let answer = world.browser().post("/sign-up/email", body);
    assert_eq!(answer.status, 200, "{chosen:?}: {}", answer.text);
    sign_in(world, &email, given).status == 200
}

#[test]
fn case_018_every_character_of_a_password_counts() {
    let world = World::default();
    for chosen in [
        "p\0assword-a",
        "with a \u{7f} and a \t tab",
        "\u{1F980}\u{1F980}\u{1F980}\u{1F980}",
        "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
        &"x".repeat(128),
        &"\u{1F980}".repeat(64),
    ] {
        assert!(opens(&world, chosen, chosen), "{chosen:?}");
    }
    let long = "x".repeat(100);
    for (chosen, given) in [
        ("password\0a".to_owned(), "password\0b".to_owned()),
        ("password\0a".to_owned(), "password".to_owned()),
        (format!("{long}a"), format!("{long}b")),
        (format!("{long}a"), long),
        ("Password-1".to_owned(), "password-1".to_owned()),
        (" password ".to_owned(), "password".to_owned()),
    ] {
        assert!(!opens(&world, &chosen, &given), "{chosen:?} and {given:?}");
    }
    // Counted in UTF-16 code units, as the reference does.
    let sign_up = |password: String| {
        let body = json!({"name": "x", "email": "units@example.com", "password": password});
        world.browser().post("/sign-up/email", body).code().to_owned()
    };
    assert_eq!(sign_up("\u{1F980}".repeat(3)), "PASSWORD_TOO_SHORT");
    assert_eq!(sign_up("\u{1F980}".repeat(65)), "PASSWORD_TOO_LONG");
    assert_eq!(sign_up("\u{1F980}".repeat(4)), "");
}

#[test]
fn case_019_a_password_is_the_same_in_every_normal_form() {
    let world = World::default();
    let forms = [("caf\u{e9}-passw\u{f6}rd", "cafe\u{301}-passwo\u{308}rd"), ("\u{fb01}le-password", "file-password")];
    for (one, other) in forms {
        assert!(opens(&world, one, other), "{one}");
        assert!(opens(&world, other, one), "{other}");
    }
    // Both where it is set otherwise, and where it is confirmed.
    let mut ada = signed_up(&world, ADA);
    let change = json!({"currentPassword": PASSWORD, "newPassword": "caf\u{e9}-passw\u{f6}rd"});
    assert_eq!(ada.post("/change-password", change).status, 200);
    assert_eq!(ada.post("/verify-password", json!({"password": "cafe\u{301}-passwo\u{308}rd"})).status, 200);
    let form = TestRequest::new(Method::POST, "/sign-in/email")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("email=ada%40example.com&password=cafe%CC%81-passwo%CC%88rd");
    assert_eq!(world.browser().send(&form).status, 200);
}
