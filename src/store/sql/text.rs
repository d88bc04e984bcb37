//! A statement while it is written.

use std::fmt;

use super::{Dialect, Param};
use crate::store::StorageError;

/// More parameters than this are refused: SQLite takes 32766, the others more.
const PARAMS_MAX: usize = 32_000;

/// A statement: text with placeholders, and what they stand for. `Debug` prints the text only.
#[derive(Clone, PartialEq)]
pub struct Sql {
    /// The text.
    pub text: String,
    /// The parameters, in order.
    pub params: Vec<Param>,
}

impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{} parameters]", self.text, self.params.len())
    }
}

/// Writes one statement.
pub(super) struct Writer {
    pub(super) dialect: Dialect,
    text: String,
    params: Vec<Param>,
}

impl Writer {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, text: String::with_capacity(512), params: Vec::new() }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes a placeholder for `param`.
    pub(super) fn bind(&mut self, param: Param) {
        self.params.push(param);
        match self.dialect {
            Dialect::Sqlite | Dialect::MySql => self.text.push('?'),
            Dialect::Postgres => {
                self.text.push('$');
                self.text.push_str(&self.params.len().to_string());
            }
        }
    }

    /// Writes a placeholder for a `param` that is compared with a column. A number that the column cannot hold is to be
    /// unequal, not an error; PostgreSQL takes a parameter for one of the column's type unless told.
    pub(super) fn bind_compared(&mut self, param: Param) {
        let cast = match (&param, self.dialect) {
            (Param::Real(_), Dialect::Postgres) => "::float8",
            (Param::Int(number), Dialect::Postgres) if i32::try_from(*number).is_err() => "::int8",
            _ => "",
        };
        self.bind(param);
        self.push(cast);
    }

    /// Writes the parts with `between` in between.
    pub(super) fn separated<T>(
        &mut self,
        between: &str,
        parts: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        for (position, part) in parts.into_iter().enumerate() {
            if position > 0 {
                self.push(between);
            }
            write(self, part)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Sql, StorageError> {
        if self.params.len() > PARAMS_MAX {
            return Err(StorageError::Failed("the statement has too many values".to_owned()));
        }
        Ok(Sql { text: self.text, params: self.params })
    }
}
