//! What tools that look after a database need of it.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use async_trait::async_trait;
use kernia::{
    schema::Schema,
    store::{
        Storage, StorageError,
        sql::{Dialect, Live, Plan, plan},
    },
};

use crate::{SqliteOptions, SqliteStore};

/// A SQL database: a store, and what it can tell about itself.
///
/// Opened with an empty [`Schema`], a database can still be asked for what is [`live`](Database::live).
#[async_trait]
pub trait Database: Storage + fmt::Debug {
    /// Which SQL it speaks.
    fn dialect(&self) -> Dialect;

    /// The tables that it was opened for.
    fn schema(&self) -> &Arc<Schema>;

    /// The version of the database, as it names it; `None` when it does not say.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn version(&self) -> Result<Option<String>, StorageError> {
        Ok(None)
    }

    /// What the database has, whatever it was opened for.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn live(&self) -> Result<Live, StorageError>;

    /// What the database lacks of the schema.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn plan(&self) -> Result<Plan, StorageError> {
        Ok(plan(self.dialect(), self.schema(), &self.live().await?))
    }

    /// Gives the database what it lacks of the schema, and answers what was done. Of several that try at once, one does it.
    ///
    /// # Errors
    /// [`StorageError::Failed`] with the obstacles when a person has to settle something first, in which case nothing was done;
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn migrate(&self) -> Result<Plan, StorageError>;
}

/// How databases are opened, whichever they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// For SQLite.
    pub sqlite: SqliteOptions,
}

/// Where a database is: `sqlite:path`, relative to the working directory, or `sqlite::memory:`. Prints no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, or `:memory:`.
    Sqlite(PathBuf),
}

impl DatabaseUrl {
    /// Opens it for the tables of `schema`, which are not made by that. May block for as long as a file takes to open.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when it cannot be opened.
    pub fn open(&self, schema: Arc<Schema>, options: &DatabaseOptions) -> Result<Arc<dyn Database>, StorageError> {
        match self {
            Self::Sqlite(path) => Ok(Arc::new(SqliteStore::open(path, schema, &options.sqlite)?)),
        }
    }

    /// Which SQL it speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Whether it ends with the one that opened it, so that nobody else can give it its tables.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Sqlite(path) if path == Path::new(":memory:"))
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        match (scheme, rest.strip_prefix("//").unwrap_or(rest)) {
            ("sqlite", "") => Err("the file's name is missing; write sqlite:kernia.db".to_owned()),
            ("sqlite", path) => Ok(Self::Sqlite(path.into())),
            // The rest of such a URL may hold a password.
            ("postgres" | "postgresql" | "mysql" | "mariadb", _) => {
                Err(format!("{scheme} databases are not supported yet; write sqlite:kernia.db"))
            }
            _ => Err("not a SQL database; write sqlite:kernia.db or sqlite::memory:".to_owned()),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (text, path) in [
            ("sqlite::memory:", ":memory:"),
            ("sqlite:kernia.db", "kernia.db"),
            ("sqlite:/var/lib/kernia.db", "/var/lib/kernia.db"),
            ("sqlite:///var/lib/kernia.db", "/var/lib/kernia.db"),
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url, DatabaseUrl::Sqlite(path.into()), "{text}");
            assert_eq!(url.is_transient(), path == ":memory:");
            assert_eq!(url.to_string().parse(), Ok(url));
        }
        for text in ["", "sqlite:", "kernia.db", "memory:x", "http://a.test"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
        let error = "postgres://me:hunter2@db/auth".parse::<DatabaseUrl>().unwrap_err();
        assert!(error.contains("not supported yet") && !error.contains("hunter2"), "{error}");
    }
}
