//! Answers.

use super::Row;

/// What a query or a statement answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The rows: what a query found, what an insert stored, what a consume removed. Empty for counts, updates and deletes.
    pub rows: Vec<Row>,
    /// How many rows were counted, changed, removed or checked; for plain queries the length of `rows`.
    pub count: u64,
}

impl Rows {
    /// An answer made of rows.
    #[must_use]
    pub fn found(rows: Vec<Row>) -> Self {
        let count = rows.len() as u64;
        Self { rows, count }
    }

    /// An answer that is only a number.
    #[must_use]
    pub fn counted(count: u64) -> Self {
        Self { rows: Vec::new(), count }
    }

    /// The first row.
    #[must_use]
    pub fn first(self) -> Option<Row> {
        self.rows.into_iter().next()
    }
}
