//! Malformed requests and their answers. None is a 5xx, none changes a row.

use http::Method;
use kernia::testing::{TestRequest, World};
use serde_json::{Value, json};

struct Bad {
    name: &'static str,
    request: TestRequest,
    status: u16,
    code: &'static str,
}

fn bad(name: &'static str, request: TestRequest, status: u16, code: &'static str) -> Bad {
    Bad { name, request, status, code }
}

fn post(path: &str, body: Value) -> TestRequest {
    TestRequest::json(path, &body)
}

fn raw(path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> TestRequest {
    TestRequest::new(Method::POST, path).header("content-type", content_type).body(body.into())
}

fn get(path: &str) -> TestRequest {
    TestRequest::new(Method::GET, path)
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const UP: &str = "/sign-up/email";
const IN: &str = "/sign-in/email";

fn table() -> Vec<Bad> {
    let mut table = bodies();
    table.extend(types());
    table.extend(tokens());
    table.extend(addresses());
    table
}

fn bodies() -> Vec<Bad> {
    vec![
        bad("no body", TestRequest::new(Method::POST, UP), 400, "VALIDATION_ERROR"),
        bad("broken JSON", raw(IN, JSON, "{\"email\":"), 400, "BAD_REQUEST"),
        bad("trailing JSON", raw(IN, JSON, "{} {}"), 400, "BAD_REQUEST"),
        bad("not UTF-8", raw(IN, JSON, vec![b'"', 0xff, 0xfe, b'"']), 400, "VALIDATION_ERROR"),
        bad("a lone surrogate", raw(IN, JSON, r#"{"email":"\ud800"}"#), 400, "BAD_REQUEST"),
        bad("deep nesting", raw(IN, JSON, "[".repeat(5000)), 400, "BAD_REQUEST"),
        bad("deep and closed", raw(IN, JSON, format!("{}{}", "[".repeat(5000), "]".repeat(5000))), 400, "BAD_REQUEST"),
        bad("a huge number", raw(IN, JSON, r#"{"email":1e999,"password":1e999}"#), 400, "BAD_REQUEST"),
        bad("NaN", raw(IN, JSON, r#"{"email":NaN}"#), 400, "BAD_REQUEST"),
        bad("a body of null", raw(IN, JSON, "null"), 400, "VALIDATION_ERROR"),
        bad("a body of a list", raw(IN, JSON, "[]"), 400, "VALIDATION_ERROR"),
        bad("a body of a string", raw(IN, JSON, "\"x\""), 400, "VALIDATION_ERROR"),
        bad("a body of a number", raw(IN, JSON, "5"), 400, "VALIDATION_ERROR"),
        bad("plain text", raw(IN, "text/plain", "{}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        bad("no content type", TestRequest::new(Method::POST, IN).body("{}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        bad("an XML body", raw(IN, "application/xml", "<x/>"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        bad("a form where JSON is wanted", raw("/change-password", FORM, "a=b"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        bad(
            "a boolean in a form",
            raw(IN, FORM, "email=a%40b.co&password=x&rememberMe=false"),
            400,
            "VALIDATION_ERROR",
        ),
        bad("two thousand form fields", raw(IN, FORM, "a=b&".repeat(2000)), 400, "BAD_REQUEST"),
    ]
}

fn types() -> Vec<Bad> {
    let long = "x".repeat(1_000_000);
    vec![
        bad("an address that is a number", post(IN, json!({"email": 5, "password": "x"})), 400, "VALIDATION_ERROR"),
        bad(
            "an address that is a list",
            post(IN, json!({"email": ["a@b.co"], "password": "x"})),
            400,
            "VALIDATION_ERROR",
        ),
        bad(
            "an address that is an object",
            post(IN, json!({"email": {"$ne": ""}, "password": "x"})),
            400,
            "VALIDATION_ERROR",
        ),
        bad(
            "a password that is a boolean",
            post(IN, json!({"email": "a@b.co", "password": true})),
            400,
            "VALIDATION_ERROR",
        ),
        bad("a password of null", post(IN, json!({"email": "a@b.co", "password": null})), 400, "VALIDATION_ERROR"),
        bad("not an address", post(IN, json!({"email": "nobody", "password": "x"})), 400, "INVALID_EMAIL"),
        bad(
            "two addresses",
            post(UP, json!({"name": "x", "email": "a@b.co,c@d.co", "password": "long enough"})),
            400,
            "VALIDATION_ERROR",
        ),
        bad(
            "a line break in an address",
            post(UP, json!({"name": "x", "email": "a@b.co\r\nbcc: c@d.co", "password": "long enough"})),
            400,
            "VALIDATION_ERROR",
        ),
        bad(
            "a full-width at sign",
            post(UP, json!({"name": "x", "email": "a＠b.co", "password": "long enough"})),
            400,
            "VALIDATION_ERROR",
        ),
        bad(
            "an empty password",
            post(UP, json!({"name": "x", "email": "new@b.co", "password": ""})),
            400,
            "VALIDATION_ERROR",
        ),
        bad(
            "a short password",
            post(UP, json!({"name": "x", "email": "new@b.co", "password": "short"})),
            400,
            "PASSWORD_TOO_SHORT",
        ),
        bad(
            "a long password",
            post(UP, json!({"name": "x", "email": "new@b.co", "password": long})),
            400,
            "PASSWORD_TOO_LONG",
        ),
        bad(
            "a long password at sign-in",
            post(IN, json!({"email": "ada@example.com", "password": "x".repeat(1000)})),
            400,
            "PASSWORD_TOO_LONG",
        ),
        bad(
            "NUL in a name",
            post(UP, json!({"name": "x\u{0}y", "email": "new@b.co", "password": "long enough"})),
            400,
            "VALIDATION_ERROR",
        ),
        bad("an update of nothing", post("/update-user", json!({})), 400, ""),
        bad(
            "an update of what is not ours",
            post("/update-user", json!({"emailVerified": true, "id": "x", "role": "admin"})),
            400,
            "",
        ),
        bad("an update by list", post("/update-user", json!([1])), 400, "VALIDATION_ERROR"),
        bad("prototype keys", post("/update-user", json!({"__proto__": {"x": 1}, "constructor": {}})), 400, ""),
        bad(
            "an address by update",
            post("/update-user", json!({"email": "new@b.co"})),
            400,
            "EMAIL_CAN_NOT_BE_UPDATED",
        ),
    ]
}

fn tokens() -> Vec<Bad> {
    vec![
        bad(
            "a reset without a token",
            post("/reset-password", json!({"newPassword": "long enough"})),
            400,
            "INVALID_TOKEN",
        ),
        bad(
            "a blank token",
            post("/reset-password", json!({"newPassword": "long enough", "token": " "})),
            400,
            "INVALID_TOKEN",
        ),
        bad(
            "an empty token",
            post("/reset-password", json!({"newPassword": "long enough", "token": ""})),
            400,
            "INVALID_TOKEN",
        ),
        bad(
            "a token that is a list",
            post("/reset-password", json!({"newPassword": "long enough", "token": [""]})),
            400,
            "VALIDATION_ERROR",
        ),
        bad(
            "a token that is an object",
            post("/reset-password", json!({"newPassword": "long enough", "token": {"$gt": ""}})),
            400,
            "VALIDATION_ERROR",
        ),
        bad(
            "a token with a wildcard",
            post("/reset-password", json!({"newPassword": "long enough", "token": "%"})),
            400,
            "INVALID_TOKEN",
        ),
        bad("no token in the query", get("/verify-email"), 400, "VALIDATION_ERROR"),
        bad("a token twice", get("/verify-email?token=a&token=b"), 400, "VALIDATION_ERROR"),
        bad("a token that is no JWT", get("/verify-email?token=x.y.z"), 401, "INVALID_TOKEN"),
        bad(
            "an unsigned JWT",
            get("/verify-email?token=eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImFAYi5jbyJ9."),
            401,
            "INVALID_TOKEN",
        ),
        bad("a session that is a number", post("/revoke-session", json!({"token": 5})), 400, "VALIDATION_ERROR"),
        bad(
            "an account and more",
            post("/get-access-token", json!({"accountId": "x", "more": 1})),
            400,
            "VALIDATION_ERROR",
        ),
    ]
}

fn addresses() -> Vec<Bad> {
    let callback = |url: &str| post(IN, json!({"email": "a@b.co", "password": "x", "callbackURL": url}));
    vec![
        bad("a foreign callback", callback("https://evil.test"), 403, "INVALID_CALLBACK_URL"),
        bad("a protocol-relative callback", callback("//evil.test"), 403, "INVALID_CALLBACK_URL"),
        bad("a backslash callback", callback("/\\evil.test"), 403, "INVALID_CALLBACK_URL"),
        bad("an encoded callback", callback("/%2fevil.test"), 403, "INVALID_CALLBACK_URL"),
        bad("a callback with a tab", callback("/\t/evil.test"), 403, "INVALID_CALLBACK_URL"),
        bad("a script callback", callback("javascript:alert(1)"), 403, "INVALID_CALLBACK_URL"),
        bad("a callback of another type", post(IN, json!({"email": "a@b.co", "callbackURL": ["x"]})), 400, ""),
        bad(
            "a foreign origin",
            post(IN, json!({"email": "a@b.co", "password": "x"})).header("origin", "https://evil.test"),
            403,
            "INVALID_ORIGIN",
        ),
        bad(
            "a null origin",
            post(IN, json!({"email": "a@b.co", "password": "x"})).header("origin", "null"),
            403,
            "MISSING_OR_NULL_ORIGIN",
        ),
        bad(
            "three thousand query parameters",
            get(&format!("/get-session?{}", "a=b&".repeat(3000))),
            400,
            "BAD_REQUEST",
        ),
        bad("a very long path", get(&format!("/{}", "x".repeat(17_000))), 414, "URI_TOO_LONG"),
    ]
}

#[test]
fn malformed_requests_are_answered_and_change_nothing() {
    let world = World::default();
    let mut owner = world.browser();
    owner.sign_up("ada@example.com");
    let before = world.outside.store.snapshot();
    let table = table();
    assert!(table.len() >= 40);
    let mut wrong = Vec::new();
    for Bad { name, request, status, code } in table {
        let answer = owner.clone().send(&request);
        if (answer.status, answer.code()) != (status, code) {
            wrong.push(format!("{name}: {} {} instead of {status} {code}", answer.status, answer.text));
        }
        assert!(answer.status < 500, "{name}: {}", answer.text);
        assert_eq!(world.outside.store.snapshot(), before, "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn broken_cookies_are_no_session_and_no_error() {
    let world = World::default();
    let mut owner = world.browser();
    owner.sign_up("ada@example.com");
    let good = owner.cookies["better-auth.session_token"].clone();
    let spoiled = [
        String::new(),
        "x".to_owned(),
        ".".to_owned(),
        "%".to_owned(),
        "%00.%00".to_owned(),
        good.replacen(|letter: char| letter.is_ascii_alphanumeric(), "_", 1),
        good[..good.len() - 1].to_owned(),
        format!("{good}x"),
        good.split('.').next().unwrap_or_default().to_owned(),
        "x".repeat(8000),
    ];
    for cookie in spoiled {
        let request = TestRequest::new(Method::GET, "/get-session")
            .header("cookie", format!("better-auth.session_token={cookie}"));
        let answer = world.browser().send(&request);
        assert_eq!((answer.status, answer.text.as_str()), (200, "null"), "{cookie}");
    }
    let thousand = format!("{}better-auth.session_token={good}", "a=b; ".repeat(1000));
    let answer = world.browser().send(&TestRequest::new(Method::GET, "/get-session").header("cookie", thousand));
    assert_eq!(answer.json["user"]["email"], "ada@example.com");
}
