//! JSON bodies of every form.

use http::Method;
use kernia::{
    domain::options::AdditionalField,
    engine::Exposure,
    testing::{PASSWORD, TestRequest, TestResponse, World},
};
use serde_json::{Value, json};

use crate::given::{ADA, everything, open, signed_up};

pub(crate) fn raw(path: &str, body: impl Into<Vec<u8>>) -> TestRequest {
    TestRequest::new(Method::POST, path).header("content-type", "application/json").body(body.into())
}

pub(crate) fn fields(of: Value) -> std::collections::BTreeMap<String, AdditionalField> {
    serde_json::from_value(of).unwrap()
}

/// Asserts that a request was refused as a client's mistake, and changed nothing.
fn refused(world: &World, request: &TestRequest, what: &str) -> TestResponse {
    let before = world.outside.store.snapshot();
    let answer = world.browser().send(request);
    assert_eq!(answer.status, 400, "{what}: {} {}", answer.status, answer.text);
    assert_eq!(world.outside.store.snapshot(), before, "{what}");
    answer
}

#[test]
fn case_181_json_that_is_deep_or_has_no_meaning_is_refused() {
    let world = open(|_| {});
    for depth in [65, 5_000, 150_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            refused(&world, &raw("/sign-in/email", open.repeat(depth)), "open");
            let closed = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            refused(&world, &raw("/sign-in/email", closed), "closed");
        }
    }
    let digits = "9".repeat(10_000);
    for text in [
        "1e999",
        "-1e999",
        "NaN",
        "Infinity",
        "01",
        "+1",
        "1.",
        ".5",
        "0x1",
        "'a'",
        "\"\\ud800\"",
        "\"\\x41\"",
        "\"a\nb\"",
        "tru",
        "{a:1}",
        "[1,]",
        "{}{}",
        "//x\n1",
    ] {
        let body = format!("{{\"email\":{text},\"password\":\"x\"}}");
        refused(&world, &raw("/sign-in/email", body), text);
    }
    refused(&world, &raw("/sign-in/email", format!("{{\"email\":{digits},\"password\":\"x\"}}")), "many digits");
    refused(&world, &raw("/sign-in/email", vec![0xff, 0xfe, 0x7b, 0x00]), "UTF-16");
    let marked = format!("\u{feff}{}", json!({"email": ADA, "password": "x"}));
    assert_eq!(world.browser().send(&raw("/sign-in/email", marked)).status, 401, "one byte order mark is passed over");
}

#[test]
fn case_182_of_equal_keys_the_last_counts_for_everybody() {
    let world = open(|_| {});
    signed_up(&world, ADA);
    let credentials = format!("\"email\":\"{ADA}\",\"password\":\"{PASSWORD}\"");
    let send = |body: String| world.browser().send(&raw("/sign-in/email", body));
    let good = send(format!("{{{credentials},\"callbackURL\":\"//evil.test\",\"callbackURL\":\"/in\"}}"));
    assert_eq!((good.status, good.header("location")), (200, "/in"));
    for key in ["callbackURL", "c\\u0061llbackURL"] {
        let evil = send(format!("{{{credentials},\"callbackURL\":\"/in\",\"{key}\":\"//evil.test\"}}"));
        assert_eq!((evil.status, evil.header("location")), (403, ""), "{key}");
    }
    let wrong = send(format!("{{{credentials},\"password\":\"wrong password\"}}"));
    assert_eq!(wrong.status, 401);
    let form = TestRequest::new(Method::POST, "/sign-in/email")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("email={ADA}&password={PASSWORD}&callbackURL=/in&callbackURL=//evil.test"));
    assert_eq!(world.browser().send(&form).status, 403);
}

/// Every route that takes a JSON body, as path.
pub(crate) fn bodies(world: &World) -> Vec<&'static str> {
    let takes = |route: &&std::sync::Arc<kernia::domain::Route>| {
        route.body.is_some() && route.methods.contains(&Method::POST) && route.exposure == Exposure::Http
    };
    world.engine.routes().iter().filter(takes).map(|route| route.path).collect()
}

#[test]
fn case_183_a_body_of_another_kind_is_a_validation_error() {
    let world = open(|_| {});
    let ada = signed_up(&world, ADA);
    let before = world.outside.store.snapshot();
    let paths = bodies(&world);
    assert!(paths.len() > 15);
    // A nonce is asked for without a body, and made.
    let asks = |path: &&str| !path.contains(':') && !["/siwe/get-nonce", "/siwe/nonce"].contains(path);
    for path in paths.into_iter().filter(asks) {
        for body in ["[]", "null", "\"x\"", "5", "true", "[{}]", "\"\""] {
            let answer = ada.clone().send(&raw(path, body));
            // Where the whole body may be left out, null is no body; and of some, anything is a body without a field.
            assert!(
                (400..500).contains(&answer.status) || path == "/sign-out",
                "{path} {body}: {} {}",
                answer.status,
                answer.text
            );
        }
        let answer = ada.clone().send(&raw(path, vec![0xc3, 0x28]));
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.text);
        let empty = ada.clone().send(
            &TestRequest::new(Method::POST, path)
                .header("content-type", "application/json")
                .header("content-length", "0"),
        );
        assert!(empty.status < 500, "{path}: {}", empty.text);
    }
    for (table, rows) in before {
        if table != "session" {
            assert_eq!(world.rows(&table), rows, "{table}");
        }
    }
}

#[test]
fn case_184_keys_that_mean_something_to_javascript_are_ordinary() {
    let mut options = everything();
    options.user.additional_fields = fields(json!({"settings": {"type": "json", "required": false}}));
    let world = World::new(options);
    let mut ada = signed_up(&world, ADA);
    let before = world.rows("user");
    for body in [
        r#"{"__proto__":{"emailVerified":true,"name":"Eve"}}"#,
        r#"{"constructor":{"prototype":{"emailVerified":true}}}"#,
        r#"{"prototype":{"name":"Eve"},"toString":"x","hasOwnProperty":"x"}"#,
    ] {
        let answer = ada.send(&raw("/update-user", body));
        assert_eq!((answer.status, world.rows("user")), (400, before.clone()), "{body}: {}", answer.text);
    }
    let text = r#"{"settings":{"__proto__":{"admin":true},"constructor":1,"a":{"prototype":[1]}}}"#;
    assert_eq!(ada.send(&raw("/update-user", text)).status, 200);
    let sent: Value = serde_json::from_str(text).unwrap();
    assert_eq!(ada.get("/get-session").json["user"]["settings"], sent["settings"], "kept as data");
    let user = world.rows("user").remove(0);
    assert!(!user.flag("emailVerified") && user.text("name") == before[0].text("name"));
    let answer = world.browser().get("/get-session?__proto__[x]=1&constructor=1");
    assert_eq!((answer.status, answer.text.as_str()), (200, "null"));
}
