//! What types say of themselves.

use serde::Deserialize;

use super::*;
use crate::wire::{date::Timestamp, shape::JsonMap};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Person {
    given_name: String,
    born: Timestamp,
    height: Option<f64>,
    tags: Vec<String>,
    kind: Kind,
    anything: Value,
    more: JsonMap,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Human,
    Robot,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Open {
    id: String,
    #[serde(flatten)]
    rest: JsonMap,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Holder {
    open: Option<Open>,
    all: Vec<Open>,
}

fn named() -> Vec<Named> {
    vec![
        Named { reference: "#/other", example: json!({ "token": "x" }) },
        Named { reference: "#/open", example: json!({ "id": "x" }) },
    ]
}

#[test]
fn a_type_says_what_it_is_read_from() {
    let text = json!({ "type": "string" });
    assert_eq!(
        read_schema::<Person>(&[]),
        json!({
            "type": "object",
            "properties": {
                "givenName": text,
                "born": { "type": "string", "format": "date-time" },
                "height": { "type": ["number", "null"] },
                "tags": { "type": "array", "items": text },
                "kind": { "type": "string", "enum": ["human", "robot"] },
                "anything": {},
                "more": { "type": "object" },
            },
            "required": ["born", "givenName", "kind", "more", "tags"],
        })
    );
    assert!(matches!([Kind::Human, Kind::Robot], [Kind::Human, Kind::Robot]));
}

#[test]
fn an_object_that_does_not_name_its_members_is_one_of_those_known() {
    assert_eq!(
        read_schema::<Holder>(&named()),
        json!({
            "type": "object",
            "properties": {
                "open": { "anyOf": [{ "$ref": "#/open" }, { "type": "null" }] },
                "all": { "type": "array", "items": { "$ref": "#/open" } },
            },
            "required": ["all"],
        })
    );
}

#[test]
fn what_nothing_satisfies_is_anything() {
    assert_eq!(read_schema::<std::net::IpAddr>(&[]), json!({}));
    assert_eq!(read_schema::<()>(&[]), json!({ "type": "null" }));
    assert_eq!(
        read_schema::<Option<Vec<bool>>>(&[]),
        json!({ "type": ["array", "null"], "items": { "type": "boolean" } })
    );
}
