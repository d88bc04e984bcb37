//! What SQLite's errors mean to the engine.

use kernia::{
    schema::{OnDelete, Schema, Table},
    store::{Conflict, ConflictKind, Name, Statement, StorageError},
};
use rusqlite::{Error, ErrorCode, ffi};

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

/// What a statement of a batch touches, kept for the case that it fails.
pub(super) struct Touched {
    table: Name,
    /// The fields that it sets, if it keeps the row.
    fields: Option<Vec<Name>>,
    inserts: bool,
}

impl Touched {
    pub(super) fn by(statement: &Statement) -> Self {
        let fields = match statement {
            Statement::Update { set, .. } => Some(set.fields().map(|(name, _)| name.clone()).collect()),
            Statement::Increment { set, by, .. } => {
                Some(set.fields().map(|(name, _)| name).chain(by.iter().map(|(name, _)| name)).cloned().collect())
            }
            _ => None,
        };
        Self { table: statement.table().clone(), fields, inserts: matches!(statement, Statement::Insert { .. }) }
    }

    /// The error of the statement at `position`, in the words of the schema.
    pub(super) fn error(&self, schema: &Schema, position: usize, error: &Error) -> StorageError {
        let kind = match error {
            Error::SqliteFailure(ffi::Error { extended_code, .. }, message) => match *extended_code {
                ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
                    message.as_deref().and_then(|message| violated(schema, message))
                }
                // A restricting reference acts as a trigger.
                ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER => {
                    Some(ConflictKind::Reference { table: self.referring(schema) })
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

    /// The table whose reference does not hold, which SQLite does not tell: this one, if the statement stored a reference;
    /// otherwise one that forbids what was done to the row that it points at.
    fn referring(&self, schema: &Schema) -> Name {
        let stores_reference = match (&self.fields, schema.table(&self.table)) {
            (Some(fields), Some(table)) => {
                fields.iter().any(|field| table.field(field).is_some_and(|field| field.references.is_some()))
            }
            _ => self.inserts,
        };
        if stores_reference {
            return self.table.clone();
        }
        let forbids = |table: &&Table| {
            table.fields.iter().any(|field| {
                field.references.as_ref().is_some_and(|reference| match &self.fields {
                    Some(changed) => reference.table == self.table && changed.contains(&reference.field),
                    None => reference.on_delete == OnDelete::Restrict && self.removes(schema, &reference.table),
                })
            })
        };
        schema.tables().iter().find(forbids).map_or_else(|| self.table.clone(), |table| table.name.clone())
    }

    /// Whether removing rows of this table can remove rows of `table`.
    fn removes(&self, schema: &Schema, table: &Name) -> bool {
        let mut gone = vec![self.table.clone()];
        let mut next = 0;
        while let Some(parent) = gone.get(next).cloned() {
            for child in schema.tables().iter().filter(|child| !gone.contains(&child.name)).collect::<Vec<_>>() {
                let follows = child.fields.iter().any(|field| {
                    field
                        .references
                        .as_ref()
                        .is_some_and(|reference| reference.table == parent && reference.on_delete == OnDelete::Cascade)
                });
                if follows {
                    gone.push(child.name.clone());
                }
            }
            next += 1;
        }
        gone.contains(table)
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
    use kernia::schema::{Field, FieldType, Index, Names, Naming, core_tables};

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
