//! Values as MongoDB keeps them: the same encodings as the reference's mongo adapter.

use std::fmt::Write as _;

use serde_json::Number;

use super::{Bson, Document};
use crate::{
    schema::FieldType,
    store::{StorageError, Value},
};

/// Whole numbers that JavaScript can hold without rounding, both ways.
const SAFE: i64 = 1 << 53;

/// How ids, and what points at them, are kept. On the wire they are text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdFormat {
    /// 24 hexadecimal digits in lower case as an ObjectId, everything else as text: the reference's default.
    #[default]
    ObjectId,
    /// A UUID in lower case as binary data, everything else as text: the reference's `generateId: "uuid"`.
    Uuid,
    /// As text: the reference with a generator of the application's own.
    Text,
}

impl IdFormat {
    /// The id as it is kept. Distinct texts are kept distinct.
    pub(super) fn encode(self, text: &str) -> Bson {
        let kept = match self {
            Self::ObjectId => hex(text).map(Bson::ObjectId),
            Self::Uuid => uuid(text).map(Bson::Uuid),
            Self::Text => None,
        };
        kept.unwrap_or_else(|| text.into())
    }
}

/// A value of a field that is no id.
pub(super) fn encode(kind: FieldType, value: &Value) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => whole(*number),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Date(moment) => (*moment).into(),
        Value::Json(document) if kind == FieldType::Json => document.to_string().into(),
        Value::Json(document) => native(document),
    }
}

/// A number as the JavaScript driver writes it.
fn whole(number: i64) -> Bson {
    match i32::try_from(number) {
        Ok(small) => small.into(),
        Err(_) if (-SAFE..=SAFE).contains(&number) => (number as f64).into(),
        Err(_) => number.into(),
    }
}

fn native(document: &serde_json::Value) -> Bson {
    match document {
        serde_json::Value::Null => Bson::Null,
        serde_json::Value::Bool(flag) => (*flag).into(),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| number.as_f64().map_or(Bson::Null, Bson::Double), whole)
        }
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(list) => Bson::List(list.iter().map(native).collect()),
        serde_json::Value::Object(fields) => {
            Bson::Document(fields.iter().map(|(name, value)| (name.clone(), native(value))).collect())
        }
    }
}

/// What a field of `kind` holds. JSON that cannot be read is absent, as in the reference.
pub(super) fn decode(kind: FieldType, value: Bson) -> Result<Value, StorageError> {
    use FieldType::{BigNumber, Boolean, Date, Id, Json, Number, NumberList, Text, TextList};
    Ok(match (kind, value) {
        (_, Bson::Null) => Value::Null,
        (Text | Id(_), Bson::Text(text)) => Value::Text(text),
        (Text | Id(_), Bson::ObjectId(bytes)) => Value::Text(to_hex(&bytes)),
        (Text | Id(_), Bson::Uuid(bytes)) => Value::Text(to_uuid(&bytes)),
        (Number | BigNumber, Bson::Int32(number)) => Value::Int(number.into()),
        (Number | BigNumber, Bson::Int64(number)) => Value::Int(number),
        (Number | BigNumber, Bson::Double(number)) => match number as i64 {
            int if int as f64 == number && (-SAFE..=SAFE).contains(&int) => Value::Int(int),
            _ => Value::Float(number),
        },
        (Boolean, Bson::Bool(flag)) => Value::Bool(flag),
        (Date, Bson::Date(moment)) => Value::Date(moment),
        (Json | TextList | NumberList, Bson::Text(text)) => match serde_json::from_str(&text) {
            Ok(serde_json::Value::Null) | Err(_) => Value::Null,
            Ok(document) => Value::Json(document),
        },
        (Json | TextList | NumberList, value @ (Bson::List(_) | Bson::Document(_))) => Value::Json(json(value)),
        _ => return Err(StorageError::Failed(format!("a stored {kind:?} cannot be read"))),
    })
}

fn json(value: Bson) -> serde_json::Value {
    match value {
        Bson::Null | Bson::Pattern(_) => serde_json::Value::Null,
        Bson::Bool(flag) => flag.into(),
        Bson::Int32(number) => number.into(),
        Bson::Int64(number) => number.into(),
        Bson::Double(number) if number.fract() == 0.0 && number.abs() <= SAFE as f64 => (number as i64).into(),
        Bson::Double(number) => Number::from_f64(number).map_or(serde_json::Value::Null, Into::into),
        Bson::Text(text) => text.into(),
        Bson::Date(moment) => moment.to_iso().into(),
        Bson::ObjectId(bytes) => to_hex(&bytes).into(),
        Bson::Uuid(bytes) => to_uuid(&bytes).into(),
        Bson::List(list) => list.into_iter().map(json).collect(),
        Bson::Document(document) => object(document),
    }
}

fn object(document: Document) -> serde_json::Value {
    document.into_iter().map(|(name, value)| (name, json(value))).collect::<serde_json::Map<_, _>>().into()
}

/// The bytes that `text` names with two lower case digits each.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    Some(bytes)
}

fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    let dashes = [8, 13, 18, 23];
    let placed = text.len() == 36 && text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == dashes.contains(&at));
    if placed { hex(&text.replace('-', "")) } else { None }
}

fn to_uuid(bytes: &[u8; 16]) -> String {
    let digits = to_hex(bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::wire::date::Timestamp;

    #[test]
    fn ids_are_kept_as_the_reference_keeps_them() {
        let hex = "0123456789abcdef01234567";
        let uuid = "01234567-89ab-4def-8123-456789abcdef";
        let bytes = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67];
        assert_eq!(IdFormat::ObjectId.encode(hex), Bson::ObjectId(bytes));
        assert!(matches!(IdFormat::Uuid.encode(uuid), Bson::Uuid([0x01, 0x23, .., 0xef])));
        for (format, id) in [
            (IdFormat::ObjectId, uuid),
            (IdFormat::ObjectId, "0123456789ABCDEF01234567"),
            (IdFormat::ObjectId, "0123456789abcdef0123456g"),
            (IdFormat::ObjectId, "+1+1+1+1+1+1+1+1+1+1+1+1"),
            (IdFormat::ObjectId, ""),
            (IdFormat::Uuid, hex),
            (IdFormat::Uuid, "0123456789ab-4def-8123-456789abcdef-"),
            (IdFormat::Text, hex),
            (IdFormat::Text, uuid),
        ] {
            assert_eq!(format.encode(id), Bson::from(id));
        }
    }

    proptest! {
        #[test]
        fn ids_are_read_as_they_were_written(
            id in "[0-9a-fA-F]{24}|[0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|.{0,40}",
            format in prop::sample::select(&[IdFormat::ObjectId, IdFormat::Uuid, IdFormat::Text][..]),
        ) {
            prop_assert_eq!(decode(FieldType::Text, format.encode(&id)), Ok(Value::Text(id)));
        }

        #[test]
        fn numbers_are_read_as_they_were_written(number: i64) {
            for number in [number, number >> 11, number >> 33] {
                let kept = encode(FieldType::BigNumber, &number.into());
                prop_assert_eq!(decode(FieldType::BigNumber, kept), Ok(number.into()));
            }
        }
    }

    #[test]
    fn values_are_kept_as_the_reference_keeps_them() {
        use FieldType::{BigNumber, Json, NumberList, TextList};
        assert_eq!(encode(BigNumber, &7.into()), Bson::Int32(7));
        assert_eq!(encode(BigNumber, &1_700_000_000_123_i64.into()), Bson::Double(1_700_000_000_123.0));
        assert_eq!(encode(BigNumber, &i64::MAX.into()), Bson::Int64(i64::MAX));
        assert_eq!(encode(Json, &json!({"a": [1]}).into()), Bson::from(r#"{"a":[1]}"#));
        assert_eq!(encode(TextList, &json!(["a"]).into()), Bson::List(vec!["a".into()]));
        assert_eq!(encode(NumberList, &json!([1, 2.5]).into()), Bson::List(vec![1.into(), 2.5.into()]));
    }

    #[test]
    fn values_are_read_by_the_kind_of_their_field() {
        use FieldType::{Boolean, Date, Json, Number, Text, TextList};
        assert_eq!(decode(Number, 3.0.into()), Ok(3.into()));
        assert_eq!(decode(Number, 3.5.into()), Ok(3.5.into()));
        assert_eq!(decode(Json, "null".into()), Ok(Value::Null));
        assert_eq!(decode(Json, "{not json".into()), Ok(Value::Null));
        let moment = Timestamp::from_millis(1_700_000_000_123);
        let native = Document::of("a", vec![Bson::Double(1.0), moment.into(), Bson::Null]);
        assert_eq!(decode(Json, native.into()), Ok(json!({"a": [1, "2023-11-14T22:13:20.123Z", null]}).into()));
        assert_eq!(decode(TextList, vec![Bson::from("a")].into()), Ok(json!(["a"]).into()));
        assert!(decode(Boolean, 1.into()).is_err() && decode(Date, "2023".into()).is_err());
        assert!(decode(Text, 1.into()).is_err() && decode(Number, "1".into()).is_err());
    }

    #[test]
    fn values_print_no_content() {
        let secret = Document::of("password", "hunter2").with("list", vec![Bson::Pattern("hunter2".to_owned())]);
        assert_eq!(format!("{secret:?}"), r#"{"password": Text, "list": [Pattern]}"#);
    }
}
