//! Values as sqlx takes and gives them.

use kernia::store::{
    StorageError,
    sql::{
        Cells, Param, Raw,
        postgres::{self, ColumnType},
    },
};
use sqlx::{
    Arguments as _, Either, Encode, Postgres, Row as _, Statement as _, Type, TypeInfo as _, ValueRef as _,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgRow, PgStatement, PgTypeInfo, PgTypeKind},
};

/// The parameters of `statement`, as what the server expects in their places.
pub(crate) fn arguments(statement: &PgStatement, params: &[Param]) -> Result<PgArguments, StorageError> {
    let kinds = match statement.parameters() {
        Some(Either::Left(kinds)) if kinds.len() == params.len() => kinds,
        _ => return Err(StorageError::Failed("the statement has another number of parameters".to_owned())),
    };
    let mut arguments = PgArguments::default();
    for (param, kind) in params.iter().zip(kinds) {
        arguments.add(Argument { param, kind }).map_err(|error| match error.downcast::<StorageError>() {
            Ok(error) => *error,
            Err(_) => StorageError::Failed("a value is too large".to_owned()),
        })?;
    }
    Ok(arguments)
}

/// A value in the place of a parameter of this type.
struct Argument<'a> {
    param: &'a Param,
    kind: &'a PgTypeInfo,
}

impl Encode<'_, Postgres> for Argument<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let written = postgres::write(self.param, column_type(self.kind), self.kind.name(), &mut **buffer)?;
        Ok(if written { IsNull::No } else { IsNull::Yes })
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.kind.clone())
    }
}

/// Never asked, as each argument knows its own.
impl Type<Postgres> for Argument<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("unknown")
    }
}

/// The type below domains.
fn column_type(kind: &PgTypeInfo) -> ColumnType {
    match kind.kind() {
        PgTypeKind::Domain(inner) => column_type(inner),
        PgTypeKind::Enum(_) => ColumnType::Text,
        _ => {
            let name = kind.name();
            // The schema stands before it where statements do not look into it by themselves.
            ColumnType::new(kind.oid().map_or(0, |oid| oid.0), name.rsplit('.').next().unwrap_or(name))
        }
    }
}

/// A row of a result.
pub(crate) struct Record<'r>(pub(crate) &'r PgRow);

impl Cells for Record<'_> {
    fn cell(&self, at: usize) -> Result<Raw<'_>, StorageError> {
        let unreadable = || StorageError::Failed("a cell cannot be read".to_owned());
        let value = self.0.try_get_raw(at).map_err(|_| unreadable())?;
        if value.is_null() {
            return Ok(Raw::Null);
        }
        let kind = column_type(&value.type_info());
        postgres::read(kind, value.as_bytes().map_err(|_| unreadable())?)
    }
}
