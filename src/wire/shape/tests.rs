//! The shapes against zod's own answers, and the declared types against their shapes.

mod declared;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::*;

/// For each shape below: inputs with the message or the result that zod 4.6.7 and better-call 1.4.5 gave. A row
/// without `in` is an absent input, one without `error` and `out` an absent result.
const VECTORS: &str = include_str!("vectors.json");

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "in", default, deserialize_with = "present")]
    input: Option<Value>,
    error: Option<String>,
    #[serde(default, deserialize_with = "present")]
    out: Option<Value>,
}

/// `null` is a value here; only a missing key is `None`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

const TEXT: Shape = Shape::String(&[]);
const OPTIONAL_TEXT: Shape = Shape::Optional(&TEXT);
const NUMBER: Shape = Shape::Number(&[]);

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, about: "" }
}

const fn object(fields: &'static [Field]) -> Shape {
    Shape::Object(ObjectShape { fields, unknown: Unknown::Strip })
}

const fn strict(fields: &'static [Field]) -> Shape {
    Shape::Object(ObjectShape { fields, unknown: Unknown::Strict })
}

macro_rules! optional {
    ($shape:expr) => {
        Shape::Optional(&$shape)
    };
}

const SIGN_UP: Shape = object(&[
    field("name", TEXT),
    field("email", Shape::String(&[TextRule::Email])),
    field("password", Shape::String(&[TextRule::Min(1)])),
    field("image", OPTIONAL_TEXT),
    field("callbackURL", OPTIONAL_TEXT),
    field("rememberMe", optional!(Shape::Boolean)),
]);

const SIGN_IN: Shape = object(&[
    field("email", TEXT),
    field("password", TEXT),
    field("callbackURL", OPTIONAL_TEXT),
    field("rememberMe", optional!(Shape::Default(&Shape::Boolean, Literal::Bool(true)))),
]);

const ACCOUNT: Shape = Shape::Union(&[
    strict(&[field("accountId", TEXT)]),
    strict(&[field("useAccountCookie", Shape::Literal(Literal::Bool(true))), field("providerId", OPTIONAL_TEXT)]),
]);

const TEXTS: Shape = object(&[
    field("min", Shape::String(&[TextRule::Min(2)])),
    field("max", optional!(Shape::String(&[TextRule::Max(3)]))),
    field("exact", optional!(Shape::String(&[TextRule::Exact(4)]))),
    field("both", optional!(Shape::String(&[TextRule::Min(3), TextRule::Max(1)]))),
    field("own", optional!(Shape::String(&[TextRule::NonEmpty("own text")]))),
    field("starts", optional!(Shape::String(&[TextRule::StartsWith("ba_"), TextRule::Max(5)]))),
    field("pattern", optional!(Shape::String(&[TextRule::Pattern { source: "/^[a-zA-Z0-9_-]+$/", matches: is_word }]))),
    field("url", optional!(Shape::String(&[TextRule::Url]))),
    field("email", optional!(Shape::String(&[TextRule::Email, TextRule::Max(6)]))),
    field("trimmed", optional!(Shape::String(&[TextRule::Trim]))),
]);

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

const NUMBERS: Shape = object(&[
    field("n", NUMBER),
    field("int", optional!(Shape::Number(&[NumberRule::Int, NumberRule::AtLeast(0)]))),
    field("minInt", optional!(Shape::Number(&[NumberRule::AtLeast(1), NumberRule::Int]))),
    field("max", optional!(Shape::Number(&[NumberRule::AtMost(3)]))),
    field("pos", optional!(Shape::Number(&[NumberRule::Above(0)]))),
]);

const COERCED: Shape = object(&[
    field("text", optional!(Shape::CoercedString(&[]))),
    field("number", optional!(Shape::CoercedNumber(&[NumberRule::Int, NumberRule::AtLeast(0)]))),
    field("flag", optional!(Shape::CoercedBoolean)),
]);

const COERCED_REQUIRED: Shape = object(&[
    field("userId", Shape::CoercedString(&[])),
    field("role", Shape::CoercedString(&[TextRule::NonEmpty("role cannot be empty")])),
]);

const FLAGS: Shape = object(&[field("a", Shape::CoercedBoolean)]);

const REQUIRED: Shape = object(&[
    field("any", Shape::Any),
    field("rec", Shape::Nullable(&Shape::Record(&Shape::Any))),
    field("list", Shape::Array(&TEXT, &[])),
]);

const CHOICES: Shape = object(&[
    field("order", optional!(Shape::Enum(&["asc", "desc"]))),
    field("one", optional!(Shape::Enum(&["x"]))),
    field("yes", optional!(Shape::Literal(Literal::Bool(true)))),
    field("grant", optional!(Shape::Literal(Literal::Text("urn:x")))),
    field("num", optional!(Shape::Literal(Literal::Number(5)))),
    field("nul", optional!(Shape::Literal(Literal::Null))),
    field("method", Shape::Default(&Shape::Enum(&["otp", "totp"]), Literal::Text("totp"))),
]);

const LIST: Shape = Shape::Array(&TEXT, &[]);
const LONG_TEXT: Shape = Shape::String(&[TextRule::Min(5)]);
const ROLES: Shape = Shape::Union(&[TEXT, LIST]);
const SCALARS: Shape = Shape::Union(&[
    Shape::Union(&[Shape::Union(&[Shape::Union(&[TEXT, NUMBER]), Shape::Boolean]), LIST]),
    Shape::Array(&NUMBER, &[]),
]);
const NESTED_UNION: Shape =
    Shape::Union(&[Shape::Union(&[Shape::String(&[TextRule::Min(4)]), NUMBER]), Shape::Boolean]);

const UNIONS: Shape = object(&[
    field("role", optional!(ROLES)),
    field("value", optional!(SCALARS)),
    field("near", optional!(Shape::Union(&[LONG_TEXT, NUMBER]))),
    field("two", optional!(Shape::Union(&[LONG_TEXT, Shape::String(&[TextRule::Email])]))),
    field("nested", optional!(NESTED_UNION)),
    field("absent", Shape::Union(&[OPTIONAL_TEXT, LIST])),
    field("team", optional!(Shape::Union(&[strict(&[field("id", TEXT)]), NUMBER]))),
]);

const PERMISSIONS: Shape = Shape::Record(&LIST);
const EXCLUSIVE: Shape = Shape::Both(
    &object(&[field("organizationId", OPTIONAL_TEXT)]),
    &Shape::ExactlyOne(&[object(&[field("permission", PERMISSIONS)]), object(&[field("permissions", PERMISSIONS)])]),
);

const STRICT: Shape = strict(&[field("a", TEXT), field("b", optional!(NUMBER))]);
const ONLY_A: Shape = strict(&[field("a", TEXT)]);

const NULLISH: Shape = object(&[
    field("logo", optional!(Shape::Nullable(&TEXT))),
    field("teamId", optional!(Shape::Nullable(&TEXT))),
    field(
        "when",
        optional!(Shape::Default(&Shape::Nullable(&Shape::Number(&[NumberRule::AtLeast(1)])), Literal::Null)),
    ),
]);

const ABSENT: Shape = object(&[
    field("nullable", Shape::Nullable(&OPTIONAL_TEXT)),
    field("first", Shape::Union(&[OPTIONAL_TEXT, NUMBER])),
    field("second", Shape::Union(&[NUMBER, optional!(Shape::Nullable(&TEXT))])),
]);

const ITEM: Shape = object(&[field("b", Shape::String(&[TextRule::Email]))]);
const DATA: Shape = object(&[
    field("name", optional!(Shape::String(&[TextRule::Min(1)]))),
    field("list", Shape::Array(&ITEM, &[ListRule::Min(1), ListRule::Max(2)])),
]);
const NESTED: Shape = object(&[field("data", DATA), field("never", optional!(Shape::Never))]);

const INT_LIST: Shape = object(&[field("a", Shape::Array(&Shape::Number(&[NumberRule::Int]), &[ListRule::Min(3)]))]);

const SIWE: Shape = strict(&[
    field("a", Shape::String(&[TextRule::Min(2)])),
    field("email", optional!(Shape::String(&[TextRule::Email]))),
]);
const REFINED: Shape = Shape::Refined(
    &SIWE,
    Refinement {
        holds: |value| value.get("email").is_some_and(crate::wire::json::truthy),
        message: "Email is required.",
        path: &["email"],
    },
);

const PASSTHROUGH: Shape =
    Shape::Object(ObjectShape { fields: &[field("a", OPTIONAL_TEXT)], unknown: Unknown::Passthrough });

fn shapes() -> BTreeMap<&'static str, Shape> {
    BTreeMap::from([
        ("signUp", Shape::Both(&SIGN_UP, &Shape::Record(&Shape::Any))),
        ("signIn", SIGN_IN),
        ("record", Shape::Record(&Shape::Any)),
        ("permissions", PERMISSIONS),
        ("account", ACCOUNT),
        ("strict", STRICT),
        ("emptyStrict", Shape::Optional(&const { strict(&[]) })),
        ("passthrough", PASSTHROUGH),
        ("texts", TEXTS),
        ("numbers", NUMBERS),
        ("coerced", COERCED),
        ("coercedRequired", COERCED_REQUIRED),
        ("flags", FLAGS),
        ("required", REQUIRED),
        ("choices", CHOICES),
        ("unions", UNIONS),
        ("exclusive", EXCLUSIVE),
        ("both", Shape::Both(&ONLY_A, &STRICT)),
        ("nullish", NULLISH),
        ("absent", ABSENT),
        ("nested", NESTED),
        ("intList", INT_LIST),
        ("refined", REFINED),
        ("text", Shape::String(&[TextRule::Min(1)])),
        ("list", Shape::Array(&TEXT, &[ListRule::Max(2)])),
    ])
}

#[test]
fn messages_and_results_are_those_of_zod() {
    let vectors: BTreeMap<String, Vec<Row>> = serde_json::from_str(VECTORS).unwrap();
    let shapes = shapes();
    assert!(shapes.keys().eq(vectors.keys()));
    assert!(vectors.values().map(Vec::len).sum::<usize>() > 200);
    for (name, rows) in vectors {
        for Row { input, error, out } in rows {
            let context = format!("{name} {input:?}");
            match shapes[&*name].parse(input.as_ref()) {
                Ok(value) => assert_eq!((None, out), (error, value), "{context}"),
                Err(issues) => assert_eq!(Some(issues.message(Root::Body)), error, "{context}"),
            }
        }
    }
}

#[test]
fn the_message_names_the_part_of_the_request() {
    let issues = SIGN_IN.check(Some(&json!({ "password": "x" }))).unwrap_err();
    assert_eq!(issues.message(Root::Query), "[query.email] Invalid input: expected string, received undefined");
}

#[test]
fn a_long_list_of_wrong_items_has_a_bounded_message() {
    let issues = LIST.check(Some(&json!(vec![0; 10_000]))).unwrap_err();
    assert_eq!(issues.0.len(), Issues::LIMIT);
}

#[test]
fn an_issue_shows_no_value_of_the_input() {
    let issues = SIGN_UP.check(Some(&json!({ "name": "n", "email": "s3cret", "password": ["s3cret"] }))).unwrap_err();
    assert!(!format!("{issues:?} {issues}").contains("s3cret"));
}
