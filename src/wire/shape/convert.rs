//! From a value that fits its shape to the value a handler sees.

use serde_json::{Map, Number, Value};

use super::check::{PROTO, fits};
use super::coerce;
use super::rules::convert_text;
use super::{Absence, ObjectShape, Shape, Unknown};
use crate::wire::json::truthy;

/// Converts `value`, which must have passed the check; another value comes back as far as it makes sense.
pub(super) fn convert(shape: &Shape, value: Option<&Value>) -> Option<Value> {
    match shape {
        Shape::Any | Shape::Never | Shape::Number(_) | Shape::Boolean | Shape::Literal(_) | Shape::Enum(_) => {
            value.cloned()
        }
        Shape::String(rules) => match value {
            Some(Value::String(text)) => Some(Value::String(convert_text(rules, text.into()))),
            other => other.cloned(),
        },
        Shape::CoercedString(rules) => Some(Value::String(convert_text(rules, coerce::to_text(value).into()))),
        Shape::CoercedNumber(_) => Some(number_value(coerce::to_number(value))),
        Shape::CoercedBoolean => Some(Value::Bool(value.is_some_and(truthy))),
        Shape::Array(item, _) => match value {
            Some(Value::Array(items)) => {
                Some(Value::Array(items.iter().filter_map(|value| convert(item, Some(value))).collect()))
            }
            other => other.cloned(),
        },
        Shape::Record(inner) => match value {
            Some(Value::Object(fields)) => Some(Value::Object(convert_record(inner, fields))),
            other => other.cloned(),
        },
        Shape::Object(object) => match value {
            Some(Value::Object(fields)) => Some(Value::Object(convert_object(object, fields))),
            other => other.cloned(),
        },
        Shape::Union(options) | Shape::ExactlyOne(options) => match options.iter().find(|option| fits(option, value)) {
            Some(option) => convert(option, value),
            None => value.cloned(),
        },
        Shape::Both(left, right) => merge(convert(left, value), convert(right, value)),
        Shape::Optional(inner) => match value {
            None if inner.absence() != Absence::Filled => None,
            value => convert(inner, value),
        },
        Shape::Nullable(inner) => match value {
            Some(Value::Null) => Some(Value::Null),
            value => convert(inner, value),
        },
        Shape::Default(inner, literal) => match value {
            None => Some(literal.to_value()),
            value => convert(inner, value),
        },
        Shape::Refined(inner, _) => convert(inner, value),
    }
}

fn convert_record(inner: &Shape, fields: &Map<String, Value>) -> Map<String, Value> {
    fields
        .iter()
        .filter(|(key, _)| *key != PROTO)
        .filter_map(|(key, value)| Some((key.clone(), convert(inner, Some(value))?)))
        .collect()
}

fn convert_object(object: &ObjectShape, fields: &Map<String, Value>) -> Map<String, Value> {
    let mut known = Map::new();
    for field in object.fields {
        if let Some(value) = convert(&field.shape, fields.get(field.name)) {
            known.insert(field.name.to_owned(), value);
        }
    }
    if object.unknown == Unknown::Passthrough {
        let named = |key: &str| object.fields.iter().any(|field| field.name == key);
        let others = fields.iter().filter(|(key, _)| *key != PROTO && !named(key));
        known.extend(others.map(|(key, value)| (key.clone(), value.clone())));
    }
    known
}

/// Merges two conversions of one value. Where they differ the left one stands: the named fields of an object, written
/// first, win over the same keys kept raw by a record. The reference fails on such a pair.
fn merge(left: Option<Value>, right: Option<Value>) -> Option<Value> {
    match (left, right) {
        (Some(Value::Object(mut left)), Some(Value::Object(right))) => {
            for (key, value) in right {
                let merged = match left.remove(&key) {
                    Some(own) => merge(Some(own), Some(value)),
                    None => Some(value),
                };
                if let Some(merged) = merged {
                    left.insert(key, merged);
                }
            }
            Some(Value::Object(left))
        }
        (Some(left), _) => Some(left),
        (None, right) => right,
    }
}

fn number_value(number: f64) -> Value {
    // JSON has one kind of number; an integral double is an integer, so that it prints without a point.
    #[allow(clippy::cast_possible_truncation)]
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}
