//! From queries and statements to SQL.

use std::collections::HashMap;

use super::{
    Demands, Dialect, demands,
    read::{self, Read},
    table::TableText,
    write::{self, Step, Write},
};
use crate::{
    schema::Schema,
    store::{Batch, Name, Query, Statement, StorageError},
};

/// Translates for one dialect and one schema.
#[derive(Debug)]
pub struct Translator {
    pub(super) dialect: Dialect,
    tables: HashMap<Name, TableText>,
}

impl Translator {
    /// A translator for the tables of `schema`.
    #[must_use]
    pub fn new(dialect: Dialect, schema: &Schema) -> Self {
        let tables = schema.tables().iter().map(|table| (table.name.clone(), TableText::new(dialect, table)));
        Self { dialect, tables: tables.collect() }
    }

    /// The statement that answers `query`.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the query does not fit the schema.
    pub fn read(&self, query: &Query) -> Result<Read<'_>, StorageError> {
        read::translate(self, query)
    }

    /// The statement that does what `statement` says. To be run in a transaction with the others of its batch, and to be
    /// translated when those before it have run and [`Assigned`](crate::store::Assigned) has settled it.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the statement does not fit the schema.
    pub fn write(&self, statement: Statement) -> Result<Write<'_>, StorageError> {
        write::translate(self, statement)
    }

    /// All statements of a batch in which no placeholder is left.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn steps(&self, batch: Batch) -> Result<Vec<Step<'_>>, StorageError> {
        let step = |statement: Statement| Ok(Step { expect: statement.expect(), write: self.write(statement)? });
        batch.statements.into_iter().map(step).collect()
    }

    /// How `batch` has to be run to be atomic.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when it names a table that is not there.
    pub fn demands(&self, batch: &Batch) -> Result<Demands, StorageError> {
        demands::demands(self, batch)
    }

    pub(super) fn table(&self, name: &str) -> Result<&TableText, StorageError> {
        self.tables.get(name).ok_or_else(|| StorageError::Failed(format!("there is no table {name}")))
    }
}
