//! Values in PostgreSQL's binary form, whatever type a column has.

use std::borrow::Cow;

use bytes::BufMut;

use super::numeric;
use crate::{
    store::{
        StorageError,
        sql::{Param, Raw},
    },
    wire::date::Timestamp,
};

/// 2000-01-01, from which PostgreSQL counts, in milliseconds.
const EPOCH: i64 = 946_684_800_000;
const DAY: i64 = 86_400_000;

/// The type of a column or a parameter, below domains.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ColumnType {
    /// `bool`.
    Bool,
    /// `int2`.
    Int2,
    /// `int4`.
    Int4,
    /// `int8`.
    Int8,
    /// `float4`.
    Float4,
    /// `float8`.
    Float8,
    /// `numeric`.
    Numeric,
    /// `text` and what has the same binary form, enumerations included.
    Text,
    /// `json`.
    Json,
    /// `jsonb`.
    Jsonb,
    /// `uuid`.
    Uuid,
    /// `timestamptz`, and `timestamp`, which is taken for UTC.
    Timestamp,
    /// `date`.
    Date,
    /// A type that keeps no value of the engine.
    Other,
}

impl ColumnType {
    /// The type with this object id, which is the same in every database unless an extension brings the type, and this name.
    #[must_use]
    pub fn new(oid: u32, name: &str) -> Self {
        match oid {
            16 => Self::Bool,
            21 => Self::Int2,
            23 => Self::Int4,
            20 => Self::Int8,
            700 => Self::Float4,
            701 => Self::Float8,
            1700 => Self::Numeric,
            // name, text, unknown, bpchar, varchar
            19 | 25 | 705 | 1042 | 1043 => Self::Text,
            114 => Self::Json,
            3802 => Self::Jsonb,
            2950 => Self::Uuid,
            1114 | 1184 => Self::Timestamp,
            1082 => Self::Date,
            _ if name == "citext" => Self::Text,
            _ => Self::Other,
        }
    }
}

/// Writes `param` as a value of the type `kind`, which is called `name`, and answers whether there is one: false for `NULL`, of
/// which nothing is written.
///
/// # Errors
/// [`StorageError::Failed`], without the value, when the type does not hold it.
pub fn write(param: &Param, kind: ColumnType, name: &str, out: &mut impl BufMut) -> Result<bool, StorageError> {
    let written = match param {
        Param::Null => return Ok(false),
        Param::Bool(flag) => (kind == ColumnType::Bool).then(|| out.put_u8(u8::from(*flag))),
        Param::Int(number) => put_int(kind, *number, out),
        Param::Real(number) => put_real(kind, *number, out),
        Param::Text(text) => put_text(kind, text, out),
        Param::Date(moment) => put_date(kind, *moment, out),
        Param::Json(text) => put_json(kind, text, out),
    };
    written.ok_or_else(|| StorageError::Failed(format!("a column of type {name} does not hold such a value")))?;
    Ok(true)
}

fn put_int(kind: ColumnType, number: i64, out: &mut impl BufMut) -> Option<()> {
    match kind {
        ColumnType::Int2 => out.put_i16(number.try_into().ok()?),
        ColumnType::Int4 => out.put_i32(number.try_into().ok()?),
        ColumnType::Int8 => out.put_i64(number),
        ColumnType::Numeric => numeric::put(&number.to_string(), out)?,
        ColumnType::Float4 | ColumnType::Float8 => put_real(kind, number as f64, out)?,
        _ => return None,
    }
    Some(())
}

fn put_real(kind: ColumnType, number: f64, out: &mut impl BufMut) -> Option<()> {
    match kind {
        ColumnType::Float4 => out.put_f32(number as f32),
        ColumnType::Float8 => out.put_f64(number),
        ColumnType::Numeric => numeric::put(&number.to_string(), out)?,
        _ => return None,
    }
    Some(())
}

fn put_text(kind: ColumnType, text: &str, out: &mut impl BufMut) -> Option<()> {
    match kind {
        ColumnType::Uuid => out.put_slice(&parse_uuid(text)?),
        ColumnType::Int2 | ColumnType::Int4 | ColumnType::Int8 => put_int(kind, text.parse().ok()?, out)?,
        ColumnType::Text => out.put_slice(text.as_bytes()),
        _ => return None,
    }
    Some(())
}

fn put_date(kind: ColumnType, moment: Timestamp, out: &mut impl BufMut) -> Option<()> {
    let since = moment.as_millis() - EPOCH;
    match kind {
        ColumnType::Timestamp => out.put_i64(since.checked_mul(1000)?),
        ColumnType::Date => out.put_i32(since.div_euclid(DAY).try_into().ok()?),
        ColumnType::Text => out.put_slice(moment.to_iso().as_bytes()),
        _ => return None,
    }
    Some(())
}

fn put_json(kind: ColumnType, text: &str, out: &mut impl BufMut) -> Option<()> {
    match kind {
        ColumnType::Jsonb => {
            out.put_u8(1);
            out.put_slice(text.as_bytes());
        }
        ColumnType::Json | ColumnType::Text => out.put_slice(text.as_bytes()),
        _ => return None,
    }
    Some(())
}

/// Reads a value that is not `NULL`.
///
/// # Errors
/// [`StorageError::Failed`] when it is none of `kind`, or none that the engine knows, such as infinity.
pub fn read(kind: ColumnType, bytes: &[u8]) -> Result<Raw<'_>, StorageError> {
    cell(kind, bytes).ok_or_else(|| StorageError::Failed("a cell cannot be read".to_owned()))
}

fn cell(kind: ColumnType, bytes: &[u8]) -> Option<Raw<'_>> {
    Some(match kind {
        ColumnType::Bool => Raw::Bool(fixed::<1>(bytes)? != [0]),
        ColumnType::Int2 => Raw::Int(i16::from_be_bytes(fixed(bytes)?).into()),
        ColumnType::Int4 => Raw::Int(i32::from_be_bytes(fixed(bytes)?).into()),
        ColumnType::Int8 => Raw::Int(i64::from_be_bytes(fixed(bytes)?)),
        ColumnType::Float4 => Raw::Real(f32::from_be_bytes(fixed(bytes)?).into()),
        ColumnType::Float8 => Raw::Real(f64::from_be_bytes(fixed(bytes)?)),
        ColumnType::Numeric => number(&numeric::read(bytes)?)?,
        ColumnType::Uuid => Raw::Text(Cow::Owned(format_uuid(fixed(bytes)?))),
        ColumnType::Timestamp => {
            let micros = i64::from_be_bytes(fixed(bytes)?);
            // The ends of the range are infinity.
            if micros == i64::MAX || micros == i64::MIN {
                return None;
            }
            Raw::Date(Timestamp::from_millis(micros.div_euclid(1000) + EPOCH))
        }
        ColumnType::Date => {
            let days = i64::from(i32::from_be_bytes(fixed(bytes)?));
            Raw::Date(Timestamp::from_millis(days * DAY + EPOCH))
        }
        ColumnType::Jsonb => Raw::Text(text(bytes.split_first()?.1)?),
        ColumnType::Text | ColumnType::Json => Raw::Text(text(bytes)?),
        ColumnType::Other => return None,
    })
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
}

fn number(digits: &str) -> Option<Raw<'static>> {
    Some(match digits.parse() {
        Ok(whole) => Raw::Int(whole),
        Err(_) => Raw::Real(digits.parse().ok()?),
    })
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    if digits.len() != 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(&digits, 16).ok().map(u128::to_be_bytes)
}

fn format_uuid(bytes: [u8; 16]) -> String {
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes back of a value that a column keeps, as the server does.
    fn kept(kind: ColumnType, param: Param, expected: Raw<'_>) {
        let mut out = Vec::new();
        assert_eq!(write(&param, kind, "t", &mut out), Ok(true), "{kind:?}");
        assert!(read(kind, &out).unwrap() == expected, "{kind:?}");
    }

    #[test]
    fn values_survive_every_type_that_holds_them() {
        for kind in [ColumnType::Int2, ColumnType::Int4, ColumnType::Int8, ColumnType::Numeric] {
            kept(kind, Param::Int(-7), Raw::Int(-7));
        }
        for kind in [ColumnType::Float4, ColumnType::Float8, ColumnType::Numeric] {
            kept(kind, Param::Real(-2.5), Raw::Real(-2.5));
        }
        let uuid = "019365e0-7c2a-7b3e-8a6f-0123456789ab";
        for kind in [ColumnType::Text, ColumnType::Uuid] {
            kept(kind, Param::Text(uuid.to_owned()), Raw::Text(uuid.into()));
        }
        for kind in [ColumnType::Json, ColumnType::Jsonb, ColumnType::Text] {
            kept(kind, Param::Json("[1]".to_owned()), Raw::Text("[1]".into()));
        }
        let moment = Timestamp::from_millis(-62_167_219_200_000);
        for kind in [ColumnType::Timestamp, ColumnType::Date] {
            kept(kind, Param::Date(moment), Raw::Date(moment));
        }
        let late = Timestamp::from_millis(1_700_000_000_123);
        kept(ColumnType::Date, Param::Date(late), Raw::Date(Timestamp::from_millis(1_699_920_000_000)));
        kept(ColumnType::Int8, Param::Text("42".to_owned()), Raw::Int(42));
        kept(ColumnType::Bool, Param::Bool(true), Raw::Bool(true));
        let mut out = Vec::new();
        assert_eq!((write(&Param::Null, ColumnType::Other, "t", &mut out), out.len()), (Ok(false), 0));
    }

    #[test]
    fn what_a_type_does_not_hold_is_refused_without_the_value() {
        for (kind, param) in [
            (ColumnType::Int4, Param::Int(i64::MAX)),
            (ColumnType::Int4, Param::Real(0.5)),
            (ColumnType::Bool, Param::Int(1)),
            (ColumnType::Uuid, Param::Text("secret".to_owned())),
            (ColumnType::Int8, Param::Text("secret".to_owned())),
            (ColumnType::Other, Param::Text("secret".to_owned())),
            (ColumnType::Text, Param::Bool(true)),
        ] {
            let error = write(&param, kind, "its name", &mut Vec::new()).unwrap_err().to_string();
            assert!(error.contains("its name") && !error.contains("secret"), "{error}");
        }
        assert!(read(ColumnType::Timestamp, &i64::MAX.to_be_bytes()).is_err());
        assert!(read(ColumnType::Other, &[1]).is_err() && read(ColumnType::Int4, &[1]).is_err());
    }

    #[test]
    fn types_are_known_by_their_number_and_those_of_extensions_by_name() {
        assert_eq!(ColumnType::new(1184, "timestamptz"), ColumnType::Timestamp);
        assert_eq!(ColumnType::new(16_400, "citext"), ColumnType::Text);
        assert_eq!(ColumnType::new(17, "bytea"), ColumnType::Other);
    }
}
