//! A new row that waits for the id that its database makes.

use std::fmt;

use super::table::TableText;
use crate::store::{Assigned, Row, Value};

/// A row that is inserted without its id. `Debug` prints no content.
pub struct Numbering<'t> {
    table: &'t TableText,
    placeholder: String,
    record: Vec<Value>,
}

impl<'t> Numbering<'t> {
    pub(super) fn new(table: &'t TableText, placeholder: String, record: Vec<Value>) -> Self {
        Self { table, placeholder, record }
    }

    /// The row as stored, now that the database has made its id, for which its placeholder stands from here on.
    #[must_use]
    pub fn row(self, id: i64, assigned: &mut Assigned) -> Row {
        assigned.note(self.placeholder, id.to_string());
        let mut record = self.record;
        record.push(Value::Int(id));
        self.table.shape.row(record)
    }
}

impl fmt::Debug for Numbering<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Numbering").finish_non_exhaustive()
    }
}
