//! Values as MySQL's protocol has them.

use std::borrow::Cow;

use kernia::{
    store::{
        StorageError,
        sql::{Cells, Param, Raw},
    },
    wire::date::Timestamp,
};
use mysql_async::{Params, Row, Value, consts::ColumnType};

/// The parameters of a statement.
pub(super) fn params(params: &[Param]) -> Params {
    if params.is_empty() { Params::Empty } else { Params::Positional(params.iter().map(value).collect()) }
}

fn value(param: &Param) -> Value {
    match param {
        Param::Bool(flag) => Value::Int(i64::from(*flag)),
        Param::Int(number) => Value::Int(*number),
        Param::Real(number) => Value::Double(*number),
        Param::Text(text) | Param::Json(text) => Value::Bytes(text.as_bytes().to_vec()),
        Param::Date(moment) => date(&moment.to_iso()).unwrap_or(Value::NULL),
        _ => Value::NULL,
    }
}

/// `2026-11-23T15:12:29.286Z` in parts.
fn date(iso: &str) -> Option<Value> {
    let part = |from: usize, to: usize| iso.get(from..to).and_then(|digits| digits.parse::<u16>().ok());
    let small = |from: usize| part(from, from + 2).and_then(|number| u8::try_from(number).ok());
    let millis = u32::from(part(20, 23)?);
    Some(Value::Date(part(0, 4)?, small(5)?, small(8)?, small(11)?, small(14)?, small(17)?, millis * 1000))
}

/// A row of a result.
pub(super) struct MySqlRow<'r>(pub(super) &'r Row);

impl Cells for MySqlRow<'_> {
    fn cell(&self, at: usize) -> Result<Raw<'_>, StorageError> {
        let unreadable = || StorageError::Failed("a cell cannot be read".to_owned());
        Ok(match self.0.as_ref(at).ok_or_else(unreadable)? {
            Value::NULL => Raw::Null,
            Value::Int(number) => Raw::Int(*number),
            Value::UInt(number) => Raw::Int(i64::try_from(*number).map_err(|_| unreadable())?),
            Value::Float(number) => Raw::Real(f64::from(*number)),
            Value::Double(number) => Raw::Real(*number),
            Value::Bytes(bytes) => {
                let text = std::str::from_utf8(bytes).map_err(|_| unreadable())?;
                match self.0.columns_ref().get(at).map(|column| column.column_type()) {
                    Some(ColumnType::MYSQL_TYPE_NEWDECIMAL | ColumnType::MYSQL_TYPE_DECIMAL) => {
                        decimal(text).ok_or_else(unreadable)?
                    }
                    _ => Raw::Text(Cow::Borrowed(text)),
                }
            }
            Value::Date(year, month, day, hour, minute, second, micros) => {
                let millis = micros / 1000;
                let iso = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z");
                Raw::Date(Timestamp::parse(&iso).ok_or_else(unreadable)?)
            }
            Value::Time(..) => return Err(unreadable()),
        })
    }
}

/// A decimal number, whole if it is.
fn decimal(text: &str) -> Option<Raw<'static>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match whole.parse() {
        Ok(number) if fraction.bytes().all(|digit| digit == b'0') => Some(Raw::Int(number)),
        _ => text.parse().ok().map(Raw::Real),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_parts() {
        let moment = Timestamp::from_millis(1_700_000_000_123);
        assert_eq!(value(&Param::Date(moment)), Value::Date(2023, 11, 14, 22, 13, 20, 123_000));
        assert_eq!(params(&[]), Params::Empty);
    }

    #[test]
    fn decimals_are_whole_if_they_can_be() {
        assert!(decimal("7.00") == Some(Raw::Int(7)) && decimal("-7.5") == Some(Raw::Real(-7.5)));
        assert!(decimal("123456789012345678901234567890") == Some(Raw::Real(1.234_567_890_123_456_8e29)));
        assert!(decimal("x").is_none());
    }
}
