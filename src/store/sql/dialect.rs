//! What the databases do differently.

use crate::store::{CaseMode, Direction};

/// A family of databases.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite 3.35 or later (for `RETURNING`).
    Sqlite,
    /// PostgreSQL 13 or later.
    Postgres,
    /// MySQL 8 and MariaDB. The connection must count matched rows, not changed ones (`CLIENT_FOUND_ROWS`).
    MySql,
}

impl Dialect {
    /// `name` as an identifier.
    pub(super) fn quote(self, name: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::MySql => format!("`{}`", name.replace('`', "``")),
        }
    }

    /// A text column for a comparison that may only be true for equal bytes.
    pub(super) fn exact(self, column: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => column.to_owned(),
            Self::MySql => format!("CAST({column} AS BINARY)"),
        }
    }

    /// A text column that sorts by bytes.
    pub(super) fn by_bytes(self, column: &str) -> String {
        match self {
            Self::Postgres => format!("{column} COLLATE \"C\""),
            Self::Sqlite | Self::MySql => self.exact(column),
        }
    }

    /// A text column without upper case.
    pub(super) fn folded(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("lower({column})"),
            Self::Postgres => format!("lower({column} COLLATE \"C\")"),
            // Its own `lower` folds more than ASCII.
            Self::MySql => (b'A'..=b'Z').fold(self.exact(column), |text, letter| {
                format!("REPLACE({text}, {letter:#x}, {:#x})", letter.to_ascii_lowercase())
            }),
        }
    }

    /// `text` folded as [`folded`](Self::folded) folds columns.
    pub(super) fn fold(text: &str, case: CaseMode) -> String {
        match case {
            CaseMode::Sensitive => text.to_owned(),
            CaseMode::Insensitive => text.to_ascii_lowercase(),
        }
    }

    /// How many units `text` has for the functions that cut text: characters, or bytes where columns are compared as
    /// bytes.
    pub(super) fn length(self, text: &str) -> i64 {
        let length = match self {
            Self::Sqlite | Self::Postgres => text.chars().count(),
            Self::MySql => text.len(),
        };
        i64::try_from(length).unwrap_or(i64::MAX)
    }

    /// The words after a sort key.
    pub(super) fn direction(self, direction: Direction) -> &'static str {
        match (direction, self) {
            (Direction::Ascending, Self::Postgres) => " ASC NULLS FIRST",
            (Direction::Descending, Self::Postgres) => " DESC NULLS LAST",
            (Direction::Ascending, _) => " ASC",
            (Direction::Descending, _) => " DESC",
        }
    }

    /// The limit that is none, where an offset needs one.
    pub(super) fn no_limit(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("-1"),
            Self::Postgres => None,
            Self::MySql => Some("18446744073709551615"),
        }
    }
}
