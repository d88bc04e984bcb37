//! Bodies, read and held against what a route takes.

use kernia::{testing::World, wire::json::parse_body};
use serde_json::json;

use super::Work;

const LIMIT: usize = 1 << 20;

pub(super) fn sign_up_body() -> Work {
    let world = World::default();
    let route = world.engine.routes().iter().find(|route| route.name == "signUpEmail");
    let shape = route.and_then(|route| route.body).expect("sign-up has a body");
    let body = json!({
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "password": "correct horse battery",
        "callbackURL": "/welcome",
        "rememberMe": true,
    });
    let body = body.to_string();
    Box::new(move || {
        let value = parse_body(body.as_bytes(), LIMIT).expect("JSON");
        assert!(shape.parse(Some(&value)).is_ok());
    })
}

pub(super) fn large_body() -> Work {
    let item = json!({"id": 1, "name": "Ada \u{1F469} \"Lovelace\"", "tags": ["a", "b"], "score": 0.5, "open": null});
    let body = json!(vec![item; 200]).to_string();
    assert!(body.len() > 14 << 10 && body.len() < 18 << 10, "{}", body.len());
    Box::new(move || assert!(parse_body(body.as_bytes(), LIMIT).is_ok()))
}
