//! What SQLite's errors mean to the engine.

use kernia::{
    schema::Schema,
    store::{Conflict, ConflictKind, Name, StorageError},
};
use rusqlite::{Error, ErrorCode, ffi};

use crate::touched::Touched;

/// An error that is not about what is stored.
pub(super) fn failure(error: &Error) -> StorageError {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => StorageError::Timeout,
        Some(
            ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationAborted
            | ErrorCode::OperationInterrupted,
        ) => StorageError::Unavailable(text),
        _ => StorageError::Failed(text),
    }
}

/// The error of the statement at `position`, in the words of the schema.
pub(super) fn conflict(touched: &Touched, schema: &Schema, position: usize, error: &Error) -> StorageError {
    let kind = match error {
        Error::SqliteFailure(ffi::Error { extended_code, .. }, message) => match *extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
                message.as_deref().and_then(|message| violated(schema, message))
            }
            // A restricting reference acts as a trigger.
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER => {
                Some(ConflictKind::Reference { table: touched.referring(schema) })
            }
            _ => None,
        },
        _ => None,
    };
    match kind {
        Some(kind) => StorageError::Conflict(Conflict { statement: position, kind }),
        None => failure(error),
    }
}

/// The constraint that `message` is about: `UNIQUE constraint failed: user.email`, with all columns of an index. The message
/// is written anew for each constraint and compared, because names may hold dots and commas.
fn violated(schema: &Schema, message: &str) -> Option<ConflictKind> {
    let columns = message.strip_prefix("UNIQUE constraint failed: ")?;
    schema.tables().iter().find_map(|table| {
        let column = |field: &Name| table.field(field).map_or("id", |field| &field.column);
        let text = |fields: &[Name]| {
            let columns: Vec<_> = fields.iter().map(|field| format!("{}.{}", table.physical, column(field))).collect();
            columns.join(", ")
        };
        let single = table.fields.iter().filter(|field| field.unique).map(|field| vec![field.name.clone()]);
        let several = table.indexes.iter().filter(|index| index.unique).map(|index| index.fields.clone());
        let mut constraints = single.chain(several).chain([vec![Name::constant("id")]]);
        let fields = constraints.find(|fields| text(fields) == columns)?;
        Some(ConflictKind::Unique { table: table.name.clone(), field: fields.into_iter().next()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernia::schema::{Field, FieldType, Index, Names, Naming, Table, core_tables};

    #[test]
    fn a_database_that_cannot_serve_is_no_bug() {
        let failed = |code| failure(&Error::SqliteFailure(ffi::Error::new(code), None));
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_IOERR, ffi::SQLITE_LOCKED, ffi::SQLITE_READONLY, ffi::SQLITE_CORRUPT]
        {
            assert!(matches!(failed(code), StorageError::Unavailable(_)), "{code}");
        }
        assert_eq!(failed(ffi::SQLITE_BUSY), StorageError::Timeout);
        assert!(matches!(failed(ffi::SQLITE_ERROR), StorageError::Failed(_)));
    }

    #[test]
    fn messages_are_read_by_physical_names() {
        let mut schema = Schema::new(core_tables(true));
        schema.name(&Names { naming: Naming::Snake, plural: true, ..Names::default() }).unwrap();
        let mut codes = Table::new("code", ["a", "b"].map(|name| Field::required(name, FieldType::Text)));
        codes.indexes.push(Index { fields: vec!["a".into(), "b".into()], unique: true });
        schema.extend(codes).unwrap();
        let kind = |table: &'static str, field: &'static str| {
            Some(ConflictKind::Unique { table: table.into(), field: field.into() })
        };
        assert_eq!(violated(&schema, "UNIQUE constraint failed: users.email"), kind("user", "email"));
        assert_eq!(violated(&schema, "UNIQUE constraint failed: rate_limits.id"), kind("rateLimit", "id"));
        assert_eq!(violated(&schema, "UNIQUE constraint failed: code.a, code.b"), kind("code", "a"));
        assert_eq!(violated(&schema, "UNIQUE constraint failed: user.email"), None);
        assert_eq!(violated(&schema, "NOT NULL constraint failed: users.email"), None);
    }
}
