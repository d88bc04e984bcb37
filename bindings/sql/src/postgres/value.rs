//! Values in PostgreSQL's binary form, whatever type a column has.

use std::{borrow::Cow, error::Error, fmt};

use bytes::{BufMut as _, BytesMut};
use kernia::{
    store::{
        StorageError,
        sql::{Cells, Param, Raw},
    },
    wire::date::Timestamp,
};
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked},
};

use super::numeric;

type Refused = Box<dyn Error + Sync + Send>;

/// 2000-01-01, from which PostgreSQL counts, in milliseconds.
const EPOCH: i64 = 946_684_800_000;
const DAY: i64 = 86_400_000;

/// The parameters of a statement in binary form. They are written before anything is sent, because the statements of a batch
/// are sent together, and one that could not be sent would be missing from it.
pub(super) struct Encoded {
    bytes: BytesMut,
    /// Where each ends; nothing for an absent one.
    ends: Vec<Option<usize>>,
}

impl Encoded {
    /// Writes `params` as what the server expects in their places.
    pub(super) fn new(params: &[Param], kinds: &[Type]) -> Result<Self, StorageError> {
        if params.len() != kinds.len() {
            return Err(StorageError::Failed("the statement has another number of parameters".to_owned()));
        }
        let mut encoded = Self { bytes: BytesMut::new(), ends: Vec::with_capacity(params.len()) };
        for (param, kind) in params.iter().zip(kinds) {
            let written = put(param, kind, &mut encoded.bytes).map_err(|why| StorageError::Failed(why.to_string()))?;
            encoded.ends.push(written.then_some(encoded.bytes.len()));
        }
        Ok(encoded)
    }

    /// The parameters, as the driver takes them.
    pub(super) fn params(&self) -> impl ExactSizeIterator<Item = Bytes<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            Bytes(end.map(|end| {
                let bytes = &self.bytes[start..end];
                start = end;
                bytes
            }))
        })
    }
}

/// One parameter in binary form.
pub(super) struct Bytes<'e>(Option<&'e [u8]>);

/// Hides the content, which the driver would log.
impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some(..)" } else { "None" })
    }
}

impl ToSql for Bytes<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        let Some(bytes) = self.0 else { return Ok(IsNull::Yes) };
        out.put_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Writes `param`, and answers whether it is there.
fn put(param: &Param, kind: &Type, out: &mut BytesMut) -> Result<bool, Refused> {
    match param {
        Param::Null => return Ok(false),
        Param::Bool(flag) => match *base(kind) {
            Type::BOOL => out.put_u8(u8::from(*flag)),
            _ => return Err(refused(kind)),
        },
        Param::Int(number) => put_int(kind, *number, out)?,
        Param::Real(number) => put_real(kind, *number, out)?,
        Param::Text(text) => put_text(kind, text, out)?,
        Param::Date(moment) => put_date(kind, *moment, out)?,
        Param::Json(text) => match *base(kind) {
            Type::JSONB => {
                out.put_u8(1);
                out.put_slice(text.as_bytes());
            }
            Type::JSON | Type::TEXT | Type::VARCHAR => out.put_slice(text.as_bytes()),
            _ => return Err(refused(kind)),
        },
        _ => return Err(refused(kind)),
    }
    Ok(true)
}

/// The type below domains.
fn base(kind: &Type) -> &Type {
    match kind.kind() {
        Kind::Domain(inner) => base(inner),
        _ => kind,
    }
}

fn refused(kind: &Type) -> Refused {
    format!("a column of type {} does not hold such a value", kind.name()).into()
}

fn put_int(kind: &Type, number: i64, out: &mut BytesMut) -> Result<(), Refused> {
    match *base(kind) {
        Type::INT2 => out.put_i16(number.try_into().map_err(|_| refused(kind))?),
        Type::INT4 => out.put_i32(number.try_into().map_err(|_| refused(kind))?),
        Type::INT8 => out.put_i64(number),
        Type::NUMERIC => numeric::put(&number.to_string(), out).ok_or_else(|| refused(kind))?,
        Type::FLOAT4 | Type::FLOAT8 => put_real(kind, number as f64, out)?,
        _ => return Err(refused(kind)),
    }
    Ok(())
}

fn put_real(kind: &Type, number: f64, out: &mut BytesMut) -> Result<(), Refused> {
    match *base(kind) {
        Type::FLOAT4 => out.put_f32(number as f32),
        Type::FLOAT8 => out.put_f64(number),
        Type::NUMERIC => numeric::put(&number.to_string(), out).ok_or_else(|| refused(kind))?,
        _ => return Err(refused(kind)),
    }
    Ok(())
}

fn put_text(kind: &Type, text: &str, out: &mut BytesMut) -> Result<(), Refused> {
    match *base(kind) {
        Type::UUID => out.put_slice(&parse_uuid(text).ok_or_else(|| refused(kind))?),
        Type::INT2 | Type::INT4 | Type::INT8 => put_int(kind, text.parse().map_err(|_| refused(kind))?, out)?,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => out.put_slice(text.as_bytes()),
        ref other if is_textual(other) => out.put_slice(text.as_bytes()),
        _ => return Err(refused(kind)),
    }
    Ok(())
}

/// Whether the binary form of an extension's type is text.
fn is_textual(kind: &Type) -> bool {
    kind.name() == "citext" || matches!(kind.kind(), Kind::Enum(_))
}

fn put_date(kind: &Type, moment: Timestamp, out: &mut BytesMut) -> Result<(), Refused> {
    let since = moment.as_millis() - EPOCH;
    match *base(kind) {
        Type::TIMESTAMPTZ | Type::TIMESTAMP => out.put_i64(since.checked_mul(1000).ok_or_else(|| refused(kind))?),
        Type::DATE => out.put_i32(since.div_euclid(DAY).try_into().map_err(|_| refused(kind))?),
        Type::TEXT | Type::VARCHAR => out.put_slice(moment.to_iso().as_bytes()),
        _ => return Err(refused(kind)),
    }
    Ok(())
}

/// A row of a result.
pub(super) struct PgRow<'r>(pub(super) &'r Row);

impl Cells for PgRow<'_> {
    fn cell(&self, at: usize) -> Result<Raw<'_>, StorageError> {
        match self.0.try_get::<_, Option<Cell<'_>>>(at) {
            Ok(cell) => Ok(cell.map_or(Raw::Null, |cell| cell.0)),
            Err(_) => Err(StorageError::Failed("a cell cannot be read".to_owned())),
        }
    }
}

struct Cell<'c>(Raw<'c>);

impl<'c> FromSql<'c> for Cell<'c> {
    fn from_sql(kind: &Type, bytes: &'c [u8]) -> Result<Self, Refused> {
        let raw = match *base(kind) {
            Type::BOOL => Raw::Bool(fixed::<1>(bytes)? != [0]),
            Type::INT2 => Raw::Int(i16::from_be_bytes(fixed(bytes)?).into()),
            Type::INT4 => Raw::Int(i32::from_be_bytes(fixed(bytes)?).into()),
            Type::INT8 => Raw::Int(i64::from_be_bytes(fixed(bytes)?)),
            Type::FLOAT4 => Raw::Real(f32::from_be_bytes(fixed(bytes)?).into()),
            Type::FLOAT8 => Raw::Real(f64::from_be_bytes(fixed(bytes)?)),
            Type::NUMERIC => number(&numeric::read(bytes).ok_or("not a number")?)?,
            Type::UUID => Raw::Text(Cow::Owned(format_uuid(fixed(bytes)?))),
            Type::TIMESTAMPTZ | Type::TIMESTAMP => {
                let micros = i64::from_be_bytes(fixed(bytes)?);
                // The ends of the range are infinity.
                if micros == i64::MAX || micros == i64::MIN {
                    return Err("not a moment".into());
                }
                Raw::Date(Timestamp::from_millis(micros.div_euclid(1000) + EPOCH))
            }
            Type::DATE => {
                let days = i64::from(i32::from_be_bytes(fixed(bytes)?));
                Raw::Date(Timestamp::from_millis(days * DAY + EPOCH))
            }
            Type::JSONB => Raw::Text(text(bytes.split_first().ok_or("no version")?.1)?),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::UNKNOWN => {
                Raw::Text(text(bytes)?)
            }
            ref other if is_textual(other) => Raw::Text(text(bytes)?),
            _ => return Err("a type that is not known".into()),
        };
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Refused> {
    bytes.try_into().map_err(|_| "another length".into())
}

fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Refused> {
    Ok(Cow::Borrowed(std::str::from_utf8(bytes)?))
}

fn number(digits: &str) -> Result<Raw<'static>, Refused> {
    Ok(match digits.parse() {
        Ok(whole) => Raw::Int(whole),
        Err(_) => Raw::Real(digits.parse()?),
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

    fn back(kind: &Type, param: Param) -> Raw<'static> {
        let encoded = Encoded::new(&[Param::Null, param], &[Type::BYTEA, kind.clone()]).unwrap();
        let params: Vec<_> = encoded.params().collect();
        assert!(params[0].0.is_none());
        match Cell::from_sql(kind, params[1].0.unwrap()).unwrap().0 {
            Raw::Text(text) => Raw::Text(Cow::Owned(text.into_owned())),
            Raw::Int(number) => Raw::Int(number),
            Raw::Real(number) => Raw::Real(number),
            Raw::Date(moment) => Raw::Date(moment),
            Raw::Bool(flag) => Raw::Bool(flag),
            _ => Raw::Null,
        }
    }

    #[test]
    fn values_survive_every_type_that_holds_them() {
        for kind in [Type::INT2, Type::INT4, Type::INT8, Type::NUMERIC] {
            assert!(back(&kind, Param::Int(-7)) == Raw::Int(-7), "{kind}");
        }
        for kind in [Type::FLOAT4, Type::FLOAT8, Type::NUMERIC] {
            assert!(back(&kind, Param::Real(-2.5)) == Raw::Real(-2.5), "{kind}");
        }
        let uuid = "019365e0-7c2a-7b3e-8a6f-0123456789ab";
        for kind in [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::UUID] {
            assert!(back(&kind, Param::Text(uuid.to_owned())) == Raw::Text(uuid.into()), "{kind}");
        }
        for kind in [Type::JSON, Type::JSONB, Type::TEXT] {
            assert!(back(&kind, Param::Json("[1]".to_owned())) == Raw::Text("[1]".into()), "{kind}");
        }
        let moment = Timestamp::from_millis(-62_167_219_200_000);
        for kind in [Type::TIMESTAMPTZ, Type::TIMESTAMP, Type::DATE] {
            assert!(back(&kind, Param::Date(moment)) == Raw::Date(moment), "{kind}");
        }
        let late = Timestamp::from_millis(1_700_000_000_123);
        assert!(back(&Type::DATE, Param::Date(late)) == Raw::Date(Timestamp::from_millis(1_699_920_000_000)));
        assert!(back(&Type::INT8, Param::Text("42".to_owned())) == Raw::Int(42));
    }

    #[test]
    fn what_a_type_does_not_hold_is_refused_without_the_value() {
        for (kind, param) in [
            (Type::INT4, Param::Int(i64::MAX)),
            (Type::INT4, Param::Real(0.5)),
            (Type::BOOL, Param::Int(1)),
            (Type::UUID, Param::Text("secret".to_owned())),
            (Type::INT8, Param::Text("secret".to_owned())),
            (Type::BYTEA, Param::Text("secret".to_owned())),
            (Type::TEXT, Param::Bool(true)),
        ] {
            let error = Encoded::new(&[param], std::slice::from_ref(&kind)).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(kind.name()) && !error.contains("secret"), "{error}");
        }
        assert!(Encoded::new(&[Param::Null], &[]).is_err());
        assert!(Cell::from_sql(&Type::TIMESTAMPTZ, &i64::MAX.to_be_bytes()).is_err());
        assert!(Cell::from_sql(&Type::BYTEA, &[1]).is_err() && Cell::from_sql(&Type::INT4, &[1]).is_err());
    }
}
