//! A table with its names quoted once.

use super::{
    Dialect,
    value::{Cells, decode},
};
use crate::{
    schema::Table,
    store::{Row, StorageError, Value, shape::Shape},
};

/// A table as statements need it.
#[derive(Debug)]
pub(super) struct TableText {
    pub(super) shape: Shape,
    /// The table's name, quoted.
    pub(super) name: String,
    /// The columns' names, quoted, by position.
    pub(super) columns: Vec<String>,
    /// Whether no two rows share a value, by position.
    pub(super) unique: Vec<bool>,
}

/// How rows of one table are read from the columns of a result.
#[derive(Clone, Copy, Debug)]
pub struct Records<'t> {
    table: &'t TableText,
    first: usize,
}

impl TableText {
    pub(super) fn new(dialect: Dialect, table: &Table) -> Self {
        let fields = || table.fields.iter();
        let columns = fields().map(|field| dialect.quote(&field.column)).chain([dialect.quote("id")]);
        let unique = fields().map(|field| field.unique).chain([true]);
        Self {
            shape: Shape::of(table),
            name: dialect.quote(&table.physical),
            columns: columns.collect(),
            unique: unique.collect(),
        }
    }
}

impl<'t> Records<'t> {
    /// Rows of `table`, whose columns start at `first`.
    pub(super) fn new(table: &'t TableText, first: usize) -> Self {
        Self { table, first }
    }

    pub(super) fn table(self) -> &'t TableText {
        self.table
    }

    /// The first column after these rows.
    pub(super) fn end(self) -> usize {
        self.first + self.table.shape.len()
    }

    pub(super) fn value(self, cells: &impl Cells, at: usize) -> Result<Value, StorageError> {
        decode(self.table.shape.kind(at), cells.cell(self.first + at)?)
    }

    pub(super) fn record(self, cells: &impl Cells) -> Result<Vec<Value>, StorageError> {
        (0..self.table.shape.len()).map(|at| self.value(cells, at)).collect()
    }

    /// The row that `cells` hold.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when a cell does not hold what its field can.
    pub fn row(self, cells: &impl Cells) -> Result<Row, StorageError> {
        Ok(self.table.shape.row(self.record(cells)?))
    }

    /// The row that `record` makes up.
    pub(super) fn make(self, record: Vec<Value>) -> Row {
        self.table.shape.row(record)
    }

    /// The position of `id`.
    pub(super) fn id(self) -> usize {
        self.table.shape.id()
    }
}
