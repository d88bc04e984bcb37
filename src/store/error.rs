//! What can go wrong in a store.

use super::Name;

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The batch contradicts what is stored. Nothing was changed.
    #[error("{0}")]
    Conflict(Conflict),
    /// The store cannot be reached or cannot serve now; whether a write took effect is unknown.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// The store did not answer in time; whether a write took effect is unknown.
    #[error("storage did not answer in time")]
    Timeout,
    /// The store refused the request or answered something that cannot be read: a bug or a foreign schema.
    #[error("storage failed: {0}")]
    Failed(String),
}

/// Which statement of a batch failed, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("statement {statement} of the batch conflicts: {kind}")]
pub struct Conflict {
    /// The statement's position in the batch.
    pub statement: usize,
    /// What it ran into.
    pub kind: ConflictKind,
}

impl Conflict {
    /// Whether the batch ran into the unique field `table.field`.
    #[must_use]
    pub fn is_unique(&self, table: &str, field: &str) -> bool {
        matches!(&self.kind, ConflictKind::Unique { table: hit, field: by } if *hit == *table && *by == *field)
    }
}

/// What a batch ran into.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConflictKind {
    /// An [`Expect`](super::Expect) did not hold.
    #[error("{found} rows found")]
    Expectation {
        /// How many rows the statement touched.
        found: u64,
    },
    /// A unique field already has that value.
    #[error("{table}.{field} is not unique")]
    Unique {
        /// The table.
        table: Name,
        /// The field.
        field: Name,
    },
    /// A row refers to one that is not there.
    #[error("a referenced row is missing in {table}")]
    Reference {
        /// The table of the referring row.
        table: Name,
    },
}

impl StorageError {
    /// The conflict of a unique field, if this is one.
    #[must_use]
    pub fn unique(&self) -> Option<(&Name, &Name)> {
        match self {
            Self::Conflict(Conflict { kind: ConflictKind::Unique { table, field }, .. }) => Some((table, field)),
            _ => None,
        }
    }

    /// The conflict, if this is one: the state differs from what the batch was decided on.
    #[must_use]
    pub fn conflict(&self) -> Option<&Conflict> {
        match self {
            Self::Conflict(conflict) => Some(conflict),
            _ => None,
        }
    }
}
