//! Values as a database takes and gives them: the same encodings as the reference's kysely adapter.

use std::{borrow::Cow, fmt};

use super::Dialect;
use crate::{
    schema::{FieldType, IdKind},
    store::{StorageError, Value},
    wire::date::Timestamp,
};

/// A parameter. `Debug` prints no content.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Param {
    /// `NULL`.
    Null,
    /// A boolean, for databases that have them.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text.
    Text(String),
    /// A moment, for databases that have them.
    Date(Timestamp),
    /// A JSON document, for databases that have them.
    Json(String),
}

impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool",
            Self::Int(_) => "Int",
            Self::Real(_) => "Real",
            Self::Text(_) => "Text",
            Self::Date(_) => "Date",
            Self::Json(_) => "Json",
        })
    }
}

/// The content of a cell, as a database gave it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Raw<'c> {
    /// `NULL`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text, JSON included.
    Text(Cow<'c, str>),
    /// A moment.
    Date(Timestamp),
}

/// A row of a result.
pub trait Cells {
    /// The cell in the column at `at`, from 0.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when it holds something that is not a [`Raw`].
    fn cell(&self, at: usize) -> Result<Raw<'_>, StorageError>;
}

/// `value`, which a field of some kind holds, as a parameter.
pub(super) fn encode(dialect: Dialect, value: &Value) -> Param {
    match (value, dialect) {
        (Value::Null, _) => Param::Null,
        (Value::Bool(flag), Dialect::Postgres) => Param::Bool(*flag),
        (Value::Bool(flag), _) => Param::Int(i64::from(*flag)),
        (Value::Int(number), _) => Param::Int(*number),
        (Value::Float(number), _) => Param::Real(*number),
        (Value::Text(text), _) => Param::Text(text.clone()),
        (Value::Date(moment), Dialect::Sqlite) => Param::Text(moment.to_iso()),
        (Value::Date(moment), _) => Param::Date(*moment),
        (Value::Json(document), Dialect::Sqlite) => Param::Text(document.to_string()),
        (Value::Json(document), _) => Param::Json(document.to_string()),
    }
}

/// What a field of `kind` holds, from its cell.
///
/// Numbers are taken as text where ids are numbers in the database, and JSON that cannot be read is absent, as in the
/// reference.
pub(super) fn decode(kind: FieldType, raw: Raw<'_>) -> Result<Value, StorageError> {
    let value = match (kind, raw) {
        (_, Raw::Null) => Value::Null,
        (FieldType::Id(IdKind::Serial), Raw::Int(number)) => Value::Int(number),
        (FieldType::Text | FieldType::Id(IdKind::Uuid), Raw::Text(text)) => Value::Text(text.into_owned()),
        (FieldType::Text, Raw::Int(number)) => Value::Text(number.to_string()),
        (FieldType::Number | FieldType::BigNumber, Raw::Int(number)) => Value::Int(number),
        (FieldType::Number | FieldType::BigNumber, Raw::Real(number)) => Value::Float(number),
        (FieldType::Boolean, Raw::Bool(flag)) => Value::Bool(flag),
        (FieldType::Boolean, Raw::Int(number)) => Value::Bool(number == 1),
        (FieldType::Date, Raw::Date(moment)) => Value::Date(moment),
        (FieldType::Date, Raw::Text(text)) => Value::Date(Timestamp::parse(&text).ok_or_else(|| unreadable(kind))?),
        (FieldType::Json | FieldType::TextList | FieldType::NumberList, Raw::Text(text)) => {
            match serde_json::from_str(&text) {
                Ok(serde_json::Value::Null) | Err(_) => Value::Null,
                Ok(document) => Value::Json(document),
            }
        }
        _ => return Err(unreadable(kind)),
    };
    Ok(value)
}

fn unreadable(kind: FieldType) -> StorageError {
    StorageError::Failed(format!("a stored {kind:?} cannot be read"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Raw<'_> {
        Raw::Text(text.into())
    }

    #[test]
    fn sqlite_stores_what_the_reference_stores() {
        let encode = |value: Value| encode(Dialect::Sqlite, &value);
        assert_eq!(encode(true.into()), Param::Int(1));
        assert_eq!(
            encode(Timestamp::from_millis(1_700_000_000_123).into()),
            Param::Text("2023-11-14T22:13:20.123Z".to_owned())
        );
        assert_eq!(encode(json!({"x": 1}).into()), Param::Text(r#"{"x":1}"#.to_owned()));
        assert_eq!(encode(json!(["q"]).into()), Param::Text(r#"["q"]"#.to_owned()));
        assert_eq!(encode(Value::Null), Param::Null);
    }

    #[test]
    fn cells_are_read_by_the_kind_of_their_field() {
        use FieldType::{Boolean, Date, Id, Json, Number, Text};
        assert_eq!(decode(Boolean, Raw::Int(1)), Ok(true.into()));
        assert_eq!(decode(Boolean, Raw::Int(2)), Ok(false.into()));
        assert_eq!(decode(Number, Raw::Real(1.5)), Ok(1.5.into()));
        assert_eq!(decode(Text, Raw::Int(7)), Ok("7".into()));
        assert_eq!(decode(Id(IdKind::Serial), Raw::Int(7)), Ok(7.into()));
        assert_eq!(decode(Id(IdKind::Uuid), text("x")), Ok("x".into()));
        assert!(decode(Id(IdKind::Serial), text("7")).is_err());
        assert_eq!(
            decode(Date, text("2023-11-14T22:13:20.123Z")),
            Ok(Timestamp::from_millis(1_700_000_000_123).into())
        );
        assert_eq!(decode(Json, text(r#"{"x":1}"#)), Ok(json!({"x": 1}).into()));
        assert_eq!(decode(Json, text("null")), Ok(Value::Null));
        assert_eq!(decode(Json, text("{not json")), Ok(Value::Null));
        assert_eq!(decode(Json, Raw::Null), Ok(Value::Null));
        assert!(decode(Date, text("yesterday")).is_err() && decode(Date, Raw::Int(1)).is_err());
        assert!(decode(Boolean, text("true")).is_err() && decode(Text, Raw::Real(1.0)).is_err());
    }

    #[test]
    fn parameters_print_no_content() {
        assert_eq!(format!("{:?}", Param::Text("secret".to_owned())), "Text");
    }
}
