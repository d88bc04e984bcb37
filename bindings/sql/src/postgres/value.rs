//! Values as the driver takes and gives them.

use std::{error::Error, fmt};

use bytes::{BufMut as _, BytesMut};
use kernia::store::{
    StorageError,
    sql::{
        Cells, Param, Raw,
        postgres::{self, ColumnType},
    },
};
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked},
};

type Refused = Box<dyn Error + Sync + Send>;

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
            let written = postgres::write(param, column_type(kind), kind.name(), &mut encoded.bytes)?;
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

/// The type below domains.
fn column_type(kind: &Type) -> ColumnType {
    match kind.kind() {
        Kind::Domain(inner) => column_type(inner),
        Kind::Enum(_) => ColumnType::Text,
        _ => ColumnType::new(kind.oid(), kind.name()),
    }
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
        Ok(Self(postgres::read(column_type(kind), bytes)?))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_in_their_places() {
        let params = [Param::Null, Param::Int(7), Param::Null, Param::Text("x".to_owned())];
        let encoded = Encoded::new(&params, &[Type::BYTEA, Type::INT2, Type::TEXT, Type::VARCHAR]).unwrap();
        let bytes: Vec<_> = encoded.params().map(|param| param.0).collect();
        assert_eq!(bytes, [None, Some(&[0, 7][..]), None, Some(&b"x"[..])]);
    }

    #[test]
    fn what_a_type_does_not_hold_is_refused_without_the_value() {
        let refused = Encoded::new(&[Param::Text("secret".to_owned())], &[Type::UUID]).map(|_| ()).unwrap_err();
        assert!(refused.to_string().contains("uuid") && !refused.to_string().contains("secret"), "{refused}");
        assert!(Encoded::new(&[Param::Null], &[]).is_err());
    }
}
