//! One column's content.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::wire::date::Timestamp;

/// The content of one field of one row.
///
/// Text and documents may be secrets (tokens, password hashes), so `Debug` prints their size only.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Absent. Stored as SQL `NULL`, answered as JSON `null`.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction. Never `NaN`.
    Float(f64),
    /// Text.
    Text(String),
    /// A moment, in milliseconds.
    Date(Timestamp),
    /// A JSON document or a list.
    Json(serde_json::Value),
}

impl Value {
    /// True for [`Value::Null`].
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if this is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The moment, if this is one.
    #[must_use]
    pub fn as_date(&self) -> Option<Timestamp> {
        match self {
            Self::Date(moment) => Some(*moment),
            _ => None,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(flag) => write!(f, "Bool({flag})"),
            Self::Int(number) => write!(f, "Int({number})"),
            Self::Float(number) => write!(f, "Float({number})"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Date(moment) => write!(f, "Date({moment})"),
            Self::Json(_) => f.write_str("Json(..)"),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Date(moment) => moment.serialize(serializer),
            Self::Json(document) => document.serialize(serializer),
        }
    }
}

macro_rules! value_from {
    ($($source:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$source> for Value {
            fn from(content: $source) -> Self {
                Self::$variant(content.into())
            }
        })+
    };
}

value_from! {
    bool => Bool,
    i32 => Int,
    i64 => Int,
    u32 => Int,
    f64 => Float,
    &str => Text,
    String => Text,
    &String => Text,
    Timestamp => Date,
    serde_json::Value => Json,
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(content: Option<T>) -> Self {
        content.map_or(Self::Null, Into::into)
    }
}
