//! Rules about the content of strings, numbers and lists, with zod's texts.

use std::borrow::Cow;

use serde_json::Value;
use url::Url;

use super::coerce;
use super::issue::{Issue, Place, Weight};
use crate::wire::email::is_email;

/// A rule about a string. Lengths count Unicode code points, as zod 4.6 does.
#[derive(Clone, Copy, Debug)]
pub enum TextRule {
    /// At least this many characters.
    Min(u32),
    /// At most this many characters.
    Max(u32),
    /// Exactly this many characters.
    Exact(u32),
    /// At least one character, with a text of its own.
    NonEmpty(&'static str),
    /// An email address as `z.email()` accepts it.
    Email,
    /// An absolute URL as `z.url()` accepts it. The value is trimmed, and loses tabs and line ends.
    Url,
    /// Without the spaces around it; the rules behind this one judge what is left.
    Trim,
    /// Begins with this text.
    StartsWith(&'static str),
    /// Matches a pattern; `source` is how the pattern is written in the message, with its slashes.
    Pattern {
        /// The pattern as JavaScript prints it, such as `/^[a-z]+$/`.
        source: &'static str,
        /// Whether a text matches.
        matches: fn(&str) -> bool,
    },
    /// A rule with a text of its own.
    Custom {
        /// Whether the rule holds.
        holds: fn(&str) -> bool,
        /// The text when it does not.
        message: &'static str,
    },
}

/// A rule about a number.
#[derive(Clone, Copy, Debug)]
pub enum NumberRule {
    /// An integer that JavaScript holds exactly.
    Int,
    /// This or more.
    AtLeast(i64),
    /// This or less.
    AtMost(i64),
    /// More than this.
    Above(i64),
}

/// A rule about the length of a list.
#[derive(Clone, Copy, Debug)]
pub enum ListRule {
    /// At least this many items.
    Min(u32),
    /// At most this many items; a longer list is refused before its items are looked at.
    Max(u32),
}

/// The largest integer that a double holds together with all smaller ones.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// What zod measures when a rule asks for a length.
struct Measured {
    kind: &'static str,
    unit: &'static str,
    length: f64,
}

#[derive(Clone, Copy)]
enum Bound {
    Min(u32),
    Max(u32),
    Exact(u32),
}

/// Checks `text` against the rules in order; every broken rule is reported.
pub(super) fn check_text(rules: &[TextRule], text: &str, at: Option<&Place<'_>>, out: &mut Vec<Issue>) {
    let mut text = Cow::Borrowed(text);
    for rule in rules {
        if let Some(message) = broken_text_rule(*rule, &text) {
            out.push(Issue::new(at, Weight::Rule, message));
        } else {
            text = cleaned(*rule, text);
        }
    }
}

/// The text a handler sees once the rules hold.
pub(super) fn convert_text(rules: &[TextRule], text: Cow<'_, str>) -> String {
    rules.iter().fold(text, |text, rule| cleaned(*rule, text)).into_owned()
}

/// Length rules speak even when a string was expected and something else with a length came.
pub(super) fn check_length_of_other(
    rules: &[TextRule],
    value: Option<&Value>,
    at: Option<&Place<'_>>,
    out: &mut Vec<Issue>,
) {
    let Some(measured) = value.and_then(measure) else {
        return;
    };
    for rule in rules {
        let message = match rule {
            TextRule::NonEmpty(message) if measured.breaks(Bound::Min(1)) => Some((*message).into()),
            TextRule::Min(min) => measured.problem(Bound::Min(*min)),
            TextRule::Max(max) => measured.problem(Bound::Max(*max)),
            TextRule::Exact(exact) => measured.problem(Bound::Exact(*exact)),
            _ => None,
        };
        out.extend(message.map(|message| Issue::new(at, Weight::Rule, message)));
    }
}

/// The one problem that keeps a list's items from being looked at: it is too long.
pub(super) fn list_too_long(rules: &[ListRule], items: &[Value], at: Option<&Place<'_>>) -> Option<Issue> {
    let measured = Measured::list(items);
    rules.iter().find_map(|rule| {
        let ListRule::Max(max) = rule else {
            return None;
        };
        measured.problem(Bound::Max(*max)).map(|message| Issue::new(at, Weight::Last, message))
    })
}

/// Length rules of a list, also for a value that should have been one.
pub(super) fn check_list_length(
    rules: &[ListRule],
    value: Option<&Value>,
    at: Option<&Place<'_>>,
    out: &mut Vec<Issue>,
) {
    let Some(measured) = value.and_then(measure) else {
        return;
    };
    for rule in rules {
        let bound = match rule {
            ListRule::Min(min) => Bound::Min(*min),
            ListRule::Max(max) => Bound::Max(*max),
        };
        out.extend(measured.problem(bound).map(|message| Issue::new(at, Weight::Rule, message)));
    }
}

/// Checks a number against the rules in order, up to the first that ends the matter.
pub(super) fn check_number(rules: &[NumberRule], number: f64, at: Option<&Place<'_>>, out: &mut Vec<Issue>) {
    for rule in rules {
        let message = match *rule {
            NumberRule::Int if number.fract() != 0.0 => {
                out.push(Issue::new(at, Weight::Last, "Invalid input: expected int, received number"));
                return;
            }
            NumberRule::Int if number > MAX_SAFE_INTEGER => {
                format!("Too big: expected int to be <={MAX_SAFE_INTEGER}")
            }
            NumberRule::Int if number < -MAX_SAFE_INTEGER => {
                format!("Too small: expected int to be >=-{MAX_SAFE_INTEGER}")
            }
            NumberRule::AtLeast(min) if number < double(min) => {
                format!("Too small: expected number to be >={min}")
            }
            NumberRule::AtMost(max) if number > double(max) => {
                format!("Too big: expected number to be <={max}")
            }
            NumberRule::Above(min) if number <= double(min) => {
                format!("Too small: expected number to be >{min}")
            }
            _ => continue,
        };
        out.push(Issue::new(at, Weight::Rule, message));
    }
}

impl Measured {
    fn text(text: &str) -> Self {
        Self { kind: "string", unit: " characters", length: count(text.chars().count()) }
    }

    fn list(items: &[Value]) -> Self {
        Self { kind: "array", unit: " items", length: count(items.len()) }
    }

    /// Written so that a length that is not a number breaks every bound.
    fn breaks(&self, bound: Bound) -> bool {
        let holds = match bound {
            Bound::Min(min) => self.length >= f64::from(min),
            Bound::Max(max) => self.length <= f64::from(max),
            Bound::Exact(exact) => self.length.to_bits() == f64::from(exact).to_bits(),
        };
        !holds
    }

    fn problem(&self, bound: Bound) -> Option<Cow<'static, str>> {
        if !self.breaks(bound) {
            return None;
        }
        let (size, relation, limit) = match bound {
            Bound::Min(min) => ("small", ">=", min),
            Bound::Max(max) => ("big", "<=", max),
            Bound::Exact(exact) if self.length > f64::from(exact) => ("big", "exactly ", exact),
            Bound::Exact(exact) => ("small", "exactly ", exact),
        };
        let verb = if self.unit.is_empty() { "be" } else { "have" };
        Some(format!("Too {size}: expected {} to {verb} {relation}{limit}{}", self.kind, self.unit).into())
    }
}

fn broken_text_rule(rule: TextRule, text: &str) -> Option<Cow<'static, str>> {
    match rule {
        TextRule::Min(min) => Measured::text(text).problem(Bound::Min(min)),
        TextRule::Max(max) => Measured::text(text).problem(Bound::Max(max)),
        TextRule::Exact(exact) => Measured::text(text).problem(Bound::Exact(exact)),
        TextRule::NonEmpty(message) => text.is_empty().then_some(message.into()),
        TextRule::Email => (!is_email(text)).then_some("Invalid email address".into()),
        TextRule::Url => Url::parse(coerce::trim(text)).is_err().then_some("Invalid URL".into()),
        TextRule::Trim => None,
        TextRule::StartsWith(prefix) => {
            (!text.starts_with(prefix)).then(|| format!("Invalid string: must start with \"{prefix}\"").into())
        }
        TextRule::Pattern { source, matches } => {
            (!matches(text)).then(|| format!("Invalid string: must match pattern {source}").into())
        }
        TextRule::Custom { holds, message } => (!holds(text)).then_some(message.into()),
    }
}

/// JavaScript's `value.length`, where there is one.
fn measure(value: &Value) -> Option<Measured> {
    match value {
        Value::String(text) => Some(Measured::text(text)),
        Value::Array(items) => Some(Measured::list(items)),
        Value::Object(fields) => {
            let length = coerce::to_number(Some(fields.get("length")?));
            Some(Measured { kind: "unknown", unit: "", length })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// What a rule that holds leaves of a text.
fn cleaned(rule: TextRule, text: Cow<'_, str>) -> Cow<'_, str> {
    match rule {
        TextRule::Url => Cow::Owned(coerce::trim(&text).replace(['\t', '\n', '\r'], "")),
        TextRule::Trim => Cow::Owned(coerce::trim(&text).to_owned()),
        _ => text,
    }
}

#[allow(clippy::cast_precision_loss)]
fn double(number: i64) -> f64 {
    number as f64
}

#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f64 {
    number as f64
}
