//! Types made by the macros.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::wire::shape::{
    Both, CoercedText, EmailText, Literal, NonEmptyText, Nullish, Record, Root, Shaped, TextRule, Truthy, choice,
    input, one_of, read, text,
};

choice! {
    /// An order.
    enum Order { Ascending = "asc", Descending = "desc" }
}

one_of! {
    /// One role or several.
    enum Roles { One(String), Many(Vec<String>) }
}

text! {
    /// A slug.
    struct Slug = [TextRule::Min(2)];
}

input! {
    /// Everything at once.
    struct Everything (strict) {
        /// A name
        /// on two lines.
        name: String,
        email: EmailText,
        secret: NonEmptyText,
        slug: Option<Slug>,
        order: Order = Literal::Text("asc"),
        roles: Option<Roles>,
        logo_url "logoURL": Nullish<String>,
        size: Option<f64>,
        count: Option<i64>,
        flag: Option<Truthy>,
        id: Option<CoercedText>,
        tags: Option<Vec<Inner>>,
        meta: Option<Record<bool>>,
    }
}

input! {
    struct Inner { tag: bool }
}

input! {
    struct Open (passthrough rest) {
        a: Option<String>,
    }
}

one_of! {
    enum ByNameOrId (exactly one) { Name(ByName), Id(ById) }
}

input! {
    struct ByName { name: String }
}

input! {
    struct ById { id: String }
}

fn least() -> Value {
    json!({ "name": "n", "email": "a@b.co", "secret": "s3cret" })
}

#[test]
fn absent_fields_are_none_and_defaults_are_filled_in() {
    let input: Everything = read(Some(&least())).unwrap();
    assert_eq!((&*input.name, &*input.email, &*input.secret), ("n", "a@b.co", "s3cret"));
    assert_eq!(input.order, Order::Ascending);
    assert_eq!(input.logo_url, Nullish::Absent);
    assert!(input.slug.is_none() && input.roles.is_none() && input.size.is_none() && input.count.is_none());
    assert!(input.flag.is_none() && input.id.is_none() && input.tags.is_none() && input.meta.is_none());
}

#[test]
fn every_kind_of_field_is_read() {
    let mut value = least();
    value.as_object_mut().unwrap().extend(
        json!({
            "slug": "ab", "order": "desc", "roles": ["a", "b"], "logoURL": null, "size": 1, "count": 1e3,
            "flag": "false", "id": 7, "tags": [{ "tag": true, "dropped": 1 }], "meta": { "x": false },
        })
        .as_object()
        .unwrap()
        .clone(),
    );
    let input: Everything = read(Some(&value)).unwrap();
    assert_eq!(input.slug.as_deref(), Some("ab"));
    assert_eq!(input.order.as_str(), "desc");
    assert!(matches!(input.roles, Some(Roles::Many(roles)) if roles == ["a", "b"]));
    assert_eq!(input.logo_url, Nullish::Null);
    assert_eq!(input.count, Some(1000));
    assert_eq!(input.flag, Some(Truthy(true)));
    assert_eq!(input.id.as_deref(), Some("7"));
    assert!(input.tags.unwrap()[0].tag);
    assert_eq!(input.meta, Some(Record(vec![("x".into(), false)])));
}

#[test]
fn what_was_read_is_written_as_a_client_would_send_it() {
    let full = json!({
        "name": "n", "email": "a@b.co", "secret": "s3cret", "slug": "ab", "order": "desc", "roles": ["a", "b"],
        "logoURL": "l", "size": 1.5, "count": 1000, "flag": true, "id": "7",
        "tags": [{ "tag": true }, { "tag": false }], "meta": { "x": false, "y": true },
    });
    let none = json!({ "name": "n", "email": "a@b.co", "secret": "s3cret", "order": "asc", "logoURL": null });
    for value in [full, none] {
        assert_eq!(read::<Everything>(Some(&value)).unwrap().to_json(), Some(value));
    }
    let both = json!({ "a": "x", "name": "n" });
    let Some(Value::Object(written)) = read::<Both<Open, ByNameOrId>>(Some(&both)).unwrap().to_json() else { panic!() };
    assert_eq!(Value::Object(written), both);
    assert_eq!(read::<Both<Value, Option<String>>>(Some(&json!("x"))).unwrap().to_json(), Some(json!("x")));
    assert_eq!(Both(None::<String>, true).to_json(), Some(json!(true)));
    assert_eq!((Nullish::Value(1).value(), Nullish::<i64>::Null.value()), (Some(1), None));
}

#[test]
fn an_integer_may_be_written_as_a_double_that_holds_it() {
    let integer = |value: Value| i64::from_parsed(Some(value)).ok();
    assert_eq!(integer(json!(1e3)), Some(1000));
    assert_eq!(integer(json!(-9_007_199_254_740_991.0)), Some(-9_007_199_254_740_991));
    for other in [json!(1.5), json!(9_007_199_254_740_992.0), json!("1"), json!(null)] {
        assert_eq!(integer(other.clone()), None, "{other}");
    }
    assert_eq!(f64::from_parsed(Some(json!(2.5))), Ok(2.5));
    assert!(f64::from_parsed(Some(json!("2.5"))).is_err());
}

#[test]
fn problems_are_told_in_the_order_of_the_declaration() {
    let issues = read::<Everything>(Some(&json!({ "secret": "", "order": "up", "logoURL": 5, "zzz": 1 }))).unwrap_err();
    assert_eq!(
        issues.message(Root::Body),
        "[body.name] Invalid input: expected string, received undefined; \
         [body.email] Invalid input: expected string, received undefined; \
         [body.secret] Too small: expected string to have >=1 characters; \
         [body.order] Invalid option: expected one of \"asc\"|\"desc\"; \
         [body.logoURL] Invalid input: expected string, received number; \
         [body] Unrecognized key: \"zzz\""
    );
}

#[test]
fn an_open_input_keeps_its_other_keys() {
    let input: Open = read(Some(&json!({ "a": "x", "b": 1, "c": [2] }))).unwrap();
    assert_eq!(input.a.as_deref(), Some("x"));
    assert_eq!(Value::Object(input.rest), json!({ "b": 1, "c": [2] }));
    let message = read::<Open>(None).unwrap_err().message(Root::Body);
    assert_eq!(
        message,
        "[body] Invalid input: expected object, received undefined; \
         [body] Invalid input: expected record, received undefined"
    );
}

#[test]
fn a_choice_of_shapes_finds_its_variant() {
    let read = |value| read::<Both<Open, ByNameOrId>>(Some(&value));
    assert!(matches!(read(json!({ "a": "x", "name": "n" })), Ok(Both(_, ByNameOrId::Name(by))) if by.name == "n"));
    assert!(matches!(read(json!({ "id": "i" })), Ok(Both(_, ByNameOrId::Id(by))) if by.id == "i"));
    let message = read(json!({ "id": "i", "name": "n" })).unwrap_err().message(Root::Query);
    assert_eq!(message, "[query] Invalid input: more than one option matched");
}

#[test]
fn an_absent_body_may_be_optional() {
    assert!(read::<Option<Inner>>(None).unwrap().is_none());
    assert!(read::<Inner>(None).is_err());
    assert!(<Option<Inner>>::SHAPE.may_be_absent());
}

#[test]
fn inputs_do_not_print_their_fields() {
    let input: Everything = read(Some(&least())).unwrap();
    assert_eq!(format!("{input:?} {:?}", input.secret), "Everything { .. } NonEmptyText(..)");
    let role: Roles = read(Some(&json!("s3cret"))).unwrap();
    assert!(matches!(&role, Roles::One(role) if role == "s3cret"));
    assert_eq!(format!("{role:?}"), "Roles::One(..)");
}

#[test]
fn doc_comments_describe_the_fields() {
    let schema = Everything::SHAPE.json_schema();
    assert_eq!(schema["properties"]["name"]["description"], "A name on two lines.");
    assert_eq!(schema["properties"]["order"]["default"], "asc");
    assert_eq!(schema["required"], json!(["name", "email", "secret"]));
    assert_eq!(Open::SHAPE.json_schema()["additionalProperties"], json!({}));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,4}".prop_map(Value::from),
        Just(json!("a@b.co")),
    ];
    let key = prop_oneof![
        Just("name"),
        Just("email"),
        Just("secret"),
        Just("slug"),
        Just("order"),
        Just("roles"),
        Just("logoURL"),
        Just("size"),
        Just("count"),
        Just("flag"),
        Just("id"),
        Just("tags"),
        Just("meta"),
        Just("tag"),
        Just("length"),
        Just("__proto__"),
    ];
    leaf.prop_recursive(3, 40, 10, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key.clone().prop_map(String::from), inner, 0..10)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_passes_the_shape_is_read(mut value in any_json()) {
        // With the required keys filled in, a good part of the inputs passes.
        if let Some(fields) = value.as_object_mut() {
            for (key, filler) in least().as_object().unwrap() {
                if !fields.get(key).is_some_and(Value::is_number) {
                    fields.insert(key.clone(), filler.clone());
                }
            }
        }
        let parsed = Everything::SHAPE.parse(Some(&value));
        prop_assert_eq!(parsed.is_ok(), Everything::SHAPE.check(Some(&value)).is_ok());
        if let Ok(parsed) = parsed {
            prop_assert!(Everything::from_parsed(parsed.clone()).is_ok());
            // What a handler sees fits the shape again.
            prop_assert!(Everything::SHAPE.check(parsed.as_ref()).is_ok());
        }
    }

    #[test]
    fn a_message_is_there_exactly_when_the_shape_refuses(value in any_json()) {
        if let Err(issues) = Open::SHAPE.check(Some(&value)) {
            prop_assert!(issues.message(Root::Body).starts_with("[body"));
        }
    }
}
