//! Writes.

use super::{Filter, Name, Row, Value};

/// Statements that happen together or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The statements, applied in order; each sees what the earlier ones did.
    pub statements: Vec<Statement>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// True when there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Adds a statement.
    pub fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// Adds a statement, for building a batch in one expression.
    #[must_use]
    pub fn then(mut self, statement: Statement) -> Self {
        self.push(statement);
        self
    }

    /// The statements of this, then those of `other`.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        self.statements.extend(other.statements);
        self
    }

    /// Inserts a row.
    #[must_use]
    pub fn insert(self, table: impl Into<Name>, row: Row) -> Self {
        self.then(Statement::Insert { table: table.into(), row })
    }

    /// Changes fields of the rows that `filter` accepts.
    #[must_use]
    pub fn update(self, table: impl Into<Name>, filter: Filter, set: Row, expect: Expect) -> Self {
        self.then(Statement::Update { table: table.into(), filter, set, expect })
    }

    /// Removes the rows that `filter` accepts.
    #[must_use]
    pub fn delete(self, table: impl Into<Name>, filter: Filter, expect: Expect) -> Self {
        self.then(Statement::Delete { table: table.into(), filter, expect })
    }

    /// Removes the rows that `filter` accepts and answers them.
    #[must_use]
    pub fn consume(self, table: impl Into<Name>, filter: Filter, expect: Expect) -> Self {
        self.then(Statement::Consume { table: table.into(), filter, expect })
    }

    /// Changes nothing, but fails the batch unless as many rows as expected are there.
    #[must_use]
    pub fn check(self, table: impl Into<Name>, filter: Filter, expect: Expect) -> Self {
        self.then(Statement::Check { table: table.into(), filter, expect })
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Statement {
    /// Stores a new row. Answers the row as stored.
    Insert {
        /// The table.
        table: Name,
        /// The row, with its `id`; where the database makes ids, with a placeholder for it.
        row: Row,
    },
    /// Sets fields. Answers the number of rows changed.
    Update {
        /// The table.
        table: Name,
        /// Which rows.
        filter: Filter,
        /// The fields to set.
        set: Row,
        /// How many rows must be changed.
        expect: Expect,
    },
    /// Adds to whole-number fields and sets others, only in rows that the filter accepts at that moment (so a limit in
    /// the filter is never overstepped). A null field counts as zero. Answers the number of rows changed.
    Increment {
        /// The table.
        table: Name,
        /// Which rows, limits included.
        filter: Filter,
        /// The field and what to add to it.
        by: Vec<(Name, i64)>,
        /// Other fields to set.
        set: Row,
        /// How many rows must be changed.
        expect: Expect,
    },
    /// Removes rows. Answers how many.
    Delete {
        /// The table.
        table: Name,
        /// Which rows.
        filter: Filter,
        /// How many rows must be removed.
        expect: Expect,
    },
    /// Removes rows and answers them.
    Consume {
        /// The table.
        table: Name,
        /// Which rows.
        filter: Filter,
        /// How many rows must be removed.
        expect: Expect,
    },
    /// Changes nothing; holds the batch to what it was decided on. Answers the number of rows found.
    Check {
        /// The table.
        table: Name,
        /// Which rows.
        filter: Filter,
        /// How many rows must be there.
        expect: Expect,
    },
    /// Removes at most `limit` of the rows that the filter accepts, the smallest `order` first. Answers how many.
    Sweep {
        /// The table.
        table: Name,
        /// Which rows.
        filter: Filter,
        /// The (indexed) field that decides which go first.
        order: Name,
        /// At most how many.
        limit: u32,
    },
}

impl Statement {
    /// The table that this statement touches.
    #[must_use]
    pub fn table(&self) -> &Name {
        match self {
            Self::Insert { table, .. }
            | Self::Update { table, .. }
            | Self::Increment { table, .. }
            | Self::Delete { table, .. }
            | Self::Consume { table, .. }
            | Self::Check { table, .. }
            | Self::Sweep { table, .. } => table,
        }
    }

    /// How many rows the statement must touch.
    #[must_use]
    pub fn expect(&self) -> Expect {
        match self {
            Self::Insert { .. } => Expect::Rows(1),
            Self::Update { expect, .. }
            | Self::Increment { expect, .. }
            | Self::Delete { expect, .. }
            | Self::Consume { expect, .. }
            | Self::Check { expect, .. } => *expect,
            Self::Sweep { .. } => Expect::Any,
        }
    }
}

/// How many rows a statement must touch for its batch to be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expect {
    /// Any number, zero included.
    Any,
    /// Exactly this many.
    Rows(u64),
    /// This many or more.
    AtLeast(u64),
}

impl Expect {
    /// Whether `count` rows satisfy the expectation.
    #[must_use]
    pub fn holds(self, count: u64) -> bool {
        match self {
            Self::Any => true,
            Self::Rows(wanted) => count == wanted,
            Self::AtLeast(wanted) => count >= wanted,
        }
    }
}

/// A field to set, for [`Statement::Update`].
impl From<(&'static str, Value)> for Row {
    fn from((name, value): (&'static str, Value)) -> Self {
        Self::new().with(name, value)
    }
}
