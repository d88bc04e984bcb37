//! Holding a value against a shape.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::coerce;
use super::issue::{Issue, Issues, Place, Segment, Weight};
use super::rules::{check_length_of_other, check_list_length, check_number, check_text, list_too_long};
use super::{Absence, Field, ListRule, Literal, NumberRule, ObjectShape, Refinement, Shape, TextRule, Unknown};

type At<'a> = Option<&'a Place<'a>>;

/// The key that JavaScript objects treat specially; it is never copied into a result.
pub(super) const PROTO: &str = "__proto__";

pub(super) fn run(shape: &Shape, value: Option<&Value>) -> Result<(), Issues> {
    let mut issues = Vec::new();
    check(shape, value, None, &mut issues);
    if issues.is_empty() { Ok(()) } else { Err(Issues(issues)) }
}

/// Appends to `out` every problem of `value`.
fn check(shape: &Shape, value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    match shape {
        Shape::Any | Shape::CoercedBoolean => {}
        Shape::Never => out.push(Issue::wrong_type(at, "never", value)),
        Shape::String(rules) => check_string(rules, value, at, out),
        Shape::CoercedString(rules) => check_text(rules, &coerce::to_text(value), at, out),
        Shape::Number(rules) => match value {
            Some(Value::Number(number)) => {
                check_number(rules, number.as_f64().unwrap_or(f64::NAN), at, out);
            }
            other => out.push(Issue::wrong_type(at, "number", other)),
        },
        Shape::CoercedNumber(rules) => check_coerced_number(rules, value, at, out),
        Shape::Boolean => {
            if !matches!(value, Some(Value::Bool(_))) {
                out.push(Issue::wrong_type(at, "boolean", value));
            }
        }
        Shape::Literal(literal) => {
            if !value.is_some_and(|value| literal.equals(value)) {
                out.push(Issue::new(at, Weight::Type, format!("Invalid input: expected {}", quoted(*literal))));
            }
        }
        Shape::Enum(options) => check_enum(options, value, at, out),
        Shape::Array(item, rules) => check_list(item, rules, value, at, out),
        Shape::Record(inner) => check_record(inner, value, at, out),
        Shape::Object(object) => check_object(object, value, at, out),
        Shape::Union(options) => check_union(options, value, at, out),
        Shape::ExactlyOne(options) => check_exactly_one(options, value, at, out),
        Shape::Both(left, right) => check_both(left, right, value, at, out),
        // Whether an absent value is filled in is the conversion's matter; a filled value is never checked.
        Shape::Optional(inner) | Shape::Default(inner, _) => {
            if value.is_some() {
                check(inner, value, at, out);
            }
        }
        Shape::Nullable(inner) => {
            if !matches!(value, Some(Value::Null)) {
                check(inner, value, at, out);
            }
        }
        Shape::Refined(inner, rule) => check_refined(inner, rule, value, at, out),
    }
}

fn check_string(rules: &[TextRule], value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    if let Some(Value::String(text)) = value {
        return check_text(rules, text, at, out);
    }
    out.push(Issue::wrong_type(at, "string", value));
    check_length_of_other(rules, value, at, out);
}

fn check_coerced_number(rules: &[NumberRule], value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    let number = coerce::to_number(value);
    if number.is_finite() {
        return check_number(rules, number, at, out);
    }
    let received = coerce::number_text(number);
    out.push(Issue::new(at, Weight::Type, format!("Invalid input: expected number, received {received}")));
}

fn check_enum(options: &[&str], value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    if value.and_then(Value::as_str).is_some_and(|text| options.contains(&text)) {
        return;
    }
    let listed = options.iter().map(|option| format!("\"{option}\"")).collect::<Vec<_>>().join("|");
    let lead = if options.len() == 1 { "Invalid input: expected" } else { "Invalid option: expected one of" };
    out.push(Issue::new(at, Weight::Type, format!("{lead} {listed}")));
}

fn check_list(item: &Shape, rules: &[ListRule], value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    let Some(Value::Array(items)) = value else {
        out.push(Issue::wrong_type(at, "array", value));
        return check_list_length(rules, value, at, out);
    };
    if let Some(issue) = list_too_long(rules, items, at) {
        return out.push(issue);
    }
    let before = out.len();
    for (index, value) in items.iter().enumerate() {
        if out.len() >= Issues::LIMIT {
            return;
        }
        check(item, Some(value), Some(&Place::index(at, index)), out);
    }
    if !out.iter().skip(before).any(|issue| issue.weight == Weight::Last) {
        check_list_length(rules, value, at, out);
    }
}

fn check_record(inner: &Shape, value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    let Some(Value::Object(fields)) = value else {
        return out.push(Issue::wrong_type(at, "record", value));
    };
    for (key, value) in fields {
        if key == PROTO {
            continue;
        }
        if out.len() >= Issues::LIMIT {
            return;
        }
        check(inner, Some(value), Some(&Place::key(at, key)), out);
    }
}

fn check_object(object: &ObjectShape, value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    let Some(Value::Object(fields)) = value else {
        return out.push(Issue::wrong_type(at, "object", value));
    };
    for field in object.fields {
        check_field(field, fields, at, out);
    }
    if object.unknown != Unknown::Strict {
        return;
    }
    let unknown: Vec<String> =
        fields.keys().filter(|key| !object.fields.iter().any(|field| field.name == *key)).cloned().collect();
    if !unknown.is_empty() {
        out.push(Issue::unknown_keys(at, unknown));
    }
}

fn check_field(field: &Field, fields: &Map<String, Value>, at: At<'_>, out: &mut Vec<Issue>) {
    let value = fields.get(field.name);
    let place = Place::key(at, field.name);
    if value.is_none() && field.shape.result_may_be_absent() {
        return;
    }
    let before = out.len();
    check(&field.shape, value, Some(&place), out);
    // A shape that takes anything takes an absent value too; the key itself must still be there.
    if value.is_none() && out.len() == before && field.shape.absence() == Absence::Refused {
        out.push(Issue::wrong_type(Some(&place), "nonoptional", None));
    }
}

fn check_union(options: &[Shape], value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    if let [only] = options {
        return check(only, value, at, out);
    }
    let mut near_misses = Vec::new();
    for option in options {
        let mut issues = Vec::new();
        check(option, value, at, &mut issues);
        if issues.is_empty() {
            return;
        }
        if issues.iter().all(|issue| issue.weight == Weight::Rule) {
            near_misses.push(issues);
        }
    }
    match near_misses.pop() {
        // Only one option had the right type, so its broken rules are what the client needs to know.
        Some(issues) if near_misses.is_empty() => out.extend(issues),
        _ => out.push(Issue::new(at, Weight::Type, "Invalid input")),
    }
}

fn check_exactly_one(options: &[Shape], value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    if let [only] = options {
        return check(only, value, at, out);
    }
    let message = match options.iter().filter(|option| fits(option, value)).count() {
        1 => return,
        0 => "Invalid input",
        _ => "Invalid input: more than one option matched",
    };
    out.push(Issue::new(at, Weight::Type, message));
}

/// A key is unknown to both only when each side says so.
fn check_both(left: &Shape, right: &Shape, value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    let (mut lefts, mut rights) = (Vec::new(), Vec::new());
    check(left, value, at, &mut lefts);
    check(right, value, at, &mut rights);
    let depth = depth(at);
    let is_own = |issue: &Issue| !issue.unknown_keys.is_empty() && issue.path.len() == depth;
    let unknown_to = |issues: &[Issue]| -> Vec<String> {
        issues.iter().filter(|issue| is_own(issue)).flat_map(|issue| issue.unknown_keys.clone()).collect()
    };
    let unknown_right: HashSet<String> = unknown_to(&rights).into_iter().collect();
    let unknown: Vec<String> = unknown_to(&lefts).into_iter().filter(|key| unknown_right.contains(key)).collect();
    out.extend(lefts.into_iter().chain(rights).filter(|issue| !is_own(issue)));
    if !unknown.is_empty() {
        out.push(Issue::unknown_keys(at, unknown));
    }
}

fn check_refined(inner: &Shape, rule: &Refinement, value: Option<&Value>, at: At<'_>, out: &mut Vec<Issue>) {
    let before = out.len();
    check(inner, value, at, out);
    let sound = out.iter().skip(before).all(|issue| issue.weight == Weight::Rule);
    if !sound || value.is_none_or(|value| (rule.holds)(value)) {
        return;
    }
    let mut issue = Issue::new(at, Weight::Rule, rule.message);
    issue.path.extend(rule.path.iter().map(|key| Segment::Key((*key).to_owned())));
    out.push(issue);
}

/// Whether `value` has no problem at all.
pub(super) fn fits(shape: &Shape, value: Option<&Value>) -> bool {
    let mut issues = Vec::new();
    check(shape, value, None, &mut issues);
    issues.is_empty()
}

fn depth(at: At<'_>) -> usize {
    Issue::new(at, Weight::Rule, "").path.len()
}

fn quoted(literal: Literal) -> String {
    match literal {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Null => "null".to_owned(),
        Literal::Bool(flag) => flag.to_string(),
        Literal::Number(number) => number.to_string(),
    }
}
