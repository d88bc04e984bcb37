//! A shape as JSON Schema 2020-12, the dialect of OpenAPI 3.1.

use serde_json::{Map, Value, json};

use super::{Field, ListRule, NumberRule, ObjectShape, Shape, TextRule, Unknown};

pub(super) fn render(shape: &Shape) -> Value {
    match shape {
        Shape::String(rules) | Shape::CoercedString(rules) => text(rules),
        Shape::Number(rules) | Shape::CoercedNumber(rules) => number(rules),
        Shape::Boolean | Shape::CoercedBoolean => json!({ "type": "boolean" }),
        Shape::Literal(literal) => json!({ "const": literal.to_value() }),
        Shape::Enum(options) => json!({ "type": "string", "enum": options }),
        Shape::Array(item, rules) => list(item, rules),
        Shape::Record(inner) => json!({ "type": "object", "additionalProperties": render(inner) }),
        Shape::Object(shape) => object(shape),
        Shape::Union(options) => json!({ "anyOf": options.iter().map(render).collect::<Vec<_>>() }),
        Shape::ExactlyOne(options) => {
            json!({ "oneOf": options.iter().map(render).collect::<Vec<_>>() })
        }
        Shape::Both(left, right) => both(left, right),
        Shape::Any => json!({}),
        Shape::Never => json!({ "not": {} }),
        Shape::Optional(inner) | Shape::Refined(inner, _) => render(inner),
        Shape::Nullable(inner) => nullable(render(inner)),
        Shape::Default(inner, literal) => with(render(inner), "default", literal.to_value()),
    }
}

fn text(rules: &[TextRule]) -> Value {
    let mut schema = json!({ "type": "string" });
    for rule in rules {
        schema = match *rule {
            TextRule::Min(min) => with(schema, "minLength", json!(min)),
            TextRule::NonEmpty(_) => with(schema, "minLength", json!(1)),
            TextRule::Max(max) => with(schema, "maxLength", json!(max)),
            TextRule::Exact(exact) => with(with(schema, "minLength", json!(exact)), "maxLength", json!(exact)),
            TextRule::Email => with(schema, "format", json!("email")),
            TextRule::Url => with(schema, "format", json!("uri")),
            TextRule::Pattern { source, .. } => with(schema, "pattern", json!(source.trim_matches('/'))),
            // A prefix, a rule in code, and what is cut off have no keywords of their own.
            TextRule::StartsWith(_) | TextRule::Trim | TextRule::Custom { .. } => schema,
        };
    }
    schema
}

fn number(rules: &[NumberRule]) -> Value {
    let mut schema = json!({ "type": "number" });
    for rule in rules {
        schema = match *rule {
            NumberRule::Int => with(schema, "type", json!("integer")),
            NumberRule::AtLeast(min) => with(schema, "minimum", json!(min)),
            NumberRule::AtMost(max) => with(schema, "maximum", json!(max)),
            NumberRule::Above(min) => with(schema, "exclusiveMinimum", json!(min)),
        };
    }
    schema
}

fn list(item: &Shape, rules: &[ListRule]) -> Value {
    let mut schema = json!({ "type": "array", "items": render(item) });
    for rule in rules {
        schema = match *rule {
            ListRule::Min(min) => with(schema, "minItems", json!(min)),
            ListRule::Max(max) => with(schema, "maxItems", json!(max)),
        };
    }
    schema
}

fn object(shape: &ObjectShape) -> Value {
    let properties: Map<String, Value> =
        shape.fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let required: Vec<&str> =
        shape.fields.iter().filter(|field| !field.shape.may_be_absent()).map(|field| field.name).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema = with(schema, "required", json!(required));
    }
    match shape.unknown {
        Unknown::Strip => schema,
        Unknown::Strict => with(schema, "additionalProperties", json!(false)),
        Unknown::Passthrough => with(schema, "additionalProperties", json!({})),
    }
}

fn property(field: &Field) -> Value {
    let schema = render(&field.shape);
    let about = field.about.trim();
    if about.is_empty() { schema } else { with(schema, "description", json!(about)) }
}

/// Named fields together with a record are one object that keeps its other keys.
fn both(left: &Shape, right: &Shape) -> Value {
    if let (Shape::Object(shape), Shape::Record(inner)) = (left, right) {
        return with(object(shape), "additionalProperties", render(inner));
    }
    json!({ "allOf": [render(left), render(right)] })
}

fn nullable(schema: Value) -> Value {
    match schema.get("type") {
        Some(Value::String(kind)) if schema.get("enum").is_none() => {
            let kinds = json!([kind, "null"]);
            with(schema, "type", kinds)
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

fn with(mut schema: Value, key: &str, value: Value) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.insert(key.to_owned(), value);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::shape::Literal;

    const FIELDS: &[Field] = &[
        Field { name: "email", shape: Shape::String(&[TextRule::Email]), about: " Where mail goes. " },
        Field { name: "code", shape: Shape::Optional(&Shape::String(&[TextRule::Exact(6)])), about: "" },
        Field {
            name: "limit",
            shape: Shape::Default(
                &Shape::CoercedNumber(&[NumberRule::Int, NumberRule::AtLeast(0)]),
                Literal::Number(10),
            ),
            about: "",
        },
        Field { name: "logo", shape: Shape::Optional(&Shape::Nullable(&Shape::String(&[]))), about: "" },
        Field { name: "roles", shape: Shape::Array(&Shape::Enum(&["a", "b"]), &[ListRule::Min(1)]), about: "" },
    ];

    #[test]
    fn an_object_lists_its_fields_and_which_must_be_there() {
        let schema = render(&Shape::Object(ObjectShape { fields: FIELDS, unknown: Unknown::Strict }));
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "properties": {
                    "email": { "type": "string", "format": "email", "description": "Where mail goes." },
                    "code": { "type": "string", "minLength": 6, "maxLength": 6 },
                    "limit": { "type": "integer", "minimum": 0, "default": 10 },
                    "logo": { "type": ["string", "null"] },
                    "roles": { "type": "array", "items": { "type": "string", "enum": ["a", "b"] }, "minItems": 1 },
                },
                "required": ["email", "roles"],
                "additionalProperties": false,
            })
        );
    }

    #[test]
    fn an_object_that_keeps_other_keys_is_one_schema() {
        const NAMED: Shape = Shape::Object(ObjectShape { fields: &[], unknown: Unknown::Strip });
        let schema = render(&Shape::Both(&NAMED, &Shape::Record(&Shape::Any)));
        assert_eq!(schema, json!({ "type": "object", "properties": {}, "additionalProperties": {} }));
    }

    #[test]
    fn a_choice_with_null_keeps_its_options() {
        let schema = render(&Shape::Nullable(&Shape::Enum(&["a"])));
        assert_eq!(schema, json!({ "anyOf": [{ "type": "string", "enum": ["a"] }, { "type": "null" }] }));
    }
}
