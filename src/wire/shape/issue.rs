//! Problems found in an input, and the one line that tells a client about them.

use std::borrow::Cow;

use serde_json::Value;
use thiserror::Error;

/// Which part of the request was checked; it begins every path in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// The request body.
    Body,
    /// The query string.
    Query,
}

/// One step from the input's root to the place of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A key of an object.
    Key(String),
    /// A position in a list, from zero.
    Index(usize),
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Where it is; empty for the input itself.
    pub path: Vec<Segment>,
    /// What a client reads, in zod's words.
    pub message: Cow<'static, str>,
    pub(super) weight: Weight,
    /// The keys a strict object did not know; empty for every other problem.
    pub(super) unknown_keys: Vec<String>,
}

/// All problems of one input, never empty.
///
/// Neither `Debug` nor `Display` shows a value of the input, only names of fields and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the input has {} problem(s)", .0.len())]
pub struct Issues(pub Vec<Issue>);

/// How far a problem reaches: an outer check asks this to know whether it may still look at the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// The type is right and a rule was broken.
    Rule,
    /// The type is wrong.
    Type,
    /// Nothing more may be said about this value.
    Last,
}

/// The chain of steps to the value being checked, kept on the stack so that a valid input allocates nothing.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    parent: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl Root {
    /// The word that begins a path.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
        }
    }
}

impl Issues {
    /// At most this many problems are collected for one input, so that a long list of wrong items cannot grow the
    /// answer beyond its own size. The reference has no limit.
    pub const LIMIT: usize = 100;

    /// The message of the reference's `VALIDATION_ERROR` answer: `[body.email] Invalid email address; …`.
    #[must_use]
    pub fn message(&self, root: Root) -> String {
        let mut text = String::new();
        for issue in &self.0 {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push('[');
            text.push_str(root.as_str());
            for segment in &issue.path {
                text.push('.');
                match segment {
                    Segment::Key(key) => text.push_str(key),
                    Segment::Index(index) => text.push_str(&index.to_string()),
                }
            }
            text.push_str("] ");
            text.push_str(&issue.message);
        }
        text
    }
}

impl Issue {
    pub(super) fn new(at: Option<&Place<'_>>, weight: Weight, message: impl Into<Cow<'static, str>>) -> Self {
        Self { path: segments(at), message: message.into(), weight, unknown_keys: Vec::new() }
    }

    /// The value has the wrong type; `expected` is zod's name of the right one.
    pub(super) fn wrong_type(at: Option<&Place<'_>>, expected: &str, value: Option<&Value>) -> Self {
        Self::new(at, Weight::Type, format!("Invalid input: expected {expected}, received {}", type_name(value)))
    }

    /// Keys that a strict object does not name.
    pub(super) fn unknown_keys(at: Option<&Place<'_>>, keys: Vec<String>) -> Self {
        let listed = keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ");
        let plural = if keys.len() > 1 { "s" } else { "" };
        Self { unknown_keys: keys, ..Self::new(at, Weight::Rule, format!("Unrecognized key{plural}: {listed}")) }
    }
}

impl<'a> Place<'a> {
    pub(super) fn key(parent: Option<&'a Self>, key: &'a str) -> Self {
        Self { parent, step: Step::Key(key) }
    }

    pub(super) fn index(parent: Option<&'a Self>, index: usize) -> Self {
        Self { parent, step: Step::Index(index) }
    }
}

pub(super) fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

fn segments(at: Option<&Place<'_>>) -> Vec<Segment> {
    let mut path = Vec::new();
    let mut place = at;
    while let Some(here) = place {
        path.push(match here.step {
            Step::Key(key) => Segment::Key(key.to_owned()),
            Step::Index(index) => Segment::Index(index),
        });
        place = here.parent;
    }
    path.reverse();
    path
}
