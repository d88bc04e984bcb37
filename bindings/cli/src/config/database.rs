//! `[database]`.

use std::{
    fmt,
    num::{NonZeroU64, NonZeroUsize},
    str::FromStr,
    time::Duration,
};

use kernia_sql::{DatabaseOptions, ServerOptions, SqliteOptions};
use serde::{Deserialize, Deserializer, de};

use super::sections::deserialize_from_str;

/// `[database]`. Durations are seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Database {
    /// Which one.
    pub(crate) url: DatabaseUrl,
    /// How long to wait for a lock that another process or transaction holds.
    pub(crate) busy_timeout: u64,
    /// Whether tables and columns that are missing are made when the server starts.
    pub(crate) auto_migrate: bool,
    /// How many connections to a database server there are at most.
    pub(crate) connections: NonZeroUsize,
    /// How long to wait for one of them.
    pub(crate) acquire_timeout: NonZeroU64,
    /// How long a new connection may take.
    pub(crate) connect_timeout: NonZeroU64,
    /// How long a statement may take on a database server.
    pub(crate) statement_timeout: NonZeroU64,
    /// The PostgreSQL schema that holds the tables.
    pub(crate) schema: Option<String>,
    /// A copy of the database that lags, for reads that allow it.
    pub(crate) replica_url: Option<DatabaseUrl>,
}

impl Default for Database {
    fn default() -> Self {
        let server = ServerOptions::default();
        let seconds = |time: Duration| NonZeroU64::new(time.as_secs()).unwrap_or(NonZeroU64::MIN);
        Self {
            url: DatabaseUrl::Sql(kernia_sql::DatabaseUrl::Sqlite("kernia.db".into())),
            busy_timeout: server.lock_timeout.as_secs(),
            auto_migrate: true,
            connections: NonZeroUsize::new(server.connections).unwrap_or(NonZeroUsize::MIN),
            acquire_timeout: seconds(server.acquire_timeout),
            connect_timeout: seconds(server.connect_timeout),
            statement_timeout: seconds(server.statement_timeout),
            schema: None,
            replica_url: None,
        }
    }
}

impl Database {
    /// How it is opened.
    pub(crate) fn options(&self) -> DatabaseOptions {
        let lock_timeout = Duration::from_secs(self.busy_timeout);
        let seconds = |count: NonZeroU64| Duration::from_secs(count.get());
        DatabaseOptions {
            sqlite: SqliteOptions { busy_timeout: lock_timeout, ..SqliteOptions::default() },
            server: ServerOptions {
                connections: self.connections.get(),
                acquire_timeout: seconds(self.acquire_timeout),
                connect_timeout: seconds(self.connect_timeout),
                statement_timeout: seconds(self.statement_timeout),
                lock_timeout,
                schema: self.schema.clone(),
                ..ServerOptions::default()
            },
        }
    }

    /// How MongoDB is used.
    #[cfg(feature = "mongodb")]
    pub(crate) fn mongo_options(&self, ids: kernia::domain::options::IdStrategy) -> kernia_mongo::MongoOptions {
        let mut options = kernia_mongo::MongoOptions::default();
        if ids == kernia::domain::options::IdStrategy::Uuid {
            options.ids = kernia_mongo::IdFormat::Uuid;
        }
        options.max_connections = u32::try_from(self.connections.get()).unwrap_or(u32::MAX);
        options.connect_timeout = Duration::from_secs(self.connect_timeout.get()).min(options.connect_timeout);
        options
    }

    /// How long one access can take at most, so that what waits for it waits longer.
    pub(crate) fn patience(&self) -> Duration {
        let options = self.options();
        match self.url {
            DatabaseUrl::Sql(kernia_sql::DatabaseUrl::Sqlite(_)) => {
                options.sqlite.busy_timeout + Duration::from_secs(5)
            }
            DatabaseUrl::Sql(_) if self.replica_url.is_some() => {
                options.server.patience() + options.server.for_replica().patience()
            }
            DatabaseUrl::Sql(_) => options.server.patience(),
            DatabaseUrl::Memory => Duration::ZERO,
            #[cfg(feature = "mongodb")]
            DatabaseUrl::Mongo(_) => kernia_mongo::MongoOptions::default().timeout + Duration::from_secs(5),
        }
    }
}

/// A database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    /// `memory:`, the engine's own.
    Memory,
    /// One that speaks SQL.
    Sql(kernia_sql::DatabaseUrl),
    /// MongoDB.
    #[cfg(feature = "mongodb")]
    Mongo(super::mongodb::MongoUrl),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "memory:" {
            return Ok(Self::Memory);
        }
        if text.starts_with("mongodb:") || text.starts_with("mongodb+srv:") {
            #[cfg(feature = "mongodb")]
            return text.parse().map(Self::Mongo);
            #[cfg(not(feature = "mongodb"))]
            return Err("this kernia was built without MongoDB; build it with --features mongodb".to_owned());
        }
        text.parse().map(Self::Sql)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Sql(url) => url.fmt(f),
            #[cfg(feature = "mongodb")]
            Self::Mongo(url) => fmt::Display::fmt(url, f),
        }
    }
}

deserialize_from_str!(DatabaseUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_urls() {
        assert_eq!("memory:".parse(), Ok(DatabaseUrl::Memory));
        assert_eq!("sqlite:kernia.db".parse(), Ok(Database::default().url));
        for text in ["", "memory:x", "http://a.test"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_set_is_as_the_stores_have_it() {
        assert_eq!(Database::default().options(), DatabaseOptions::default());
    }

    #[test]
    fn a_server_has_time_to_answer() {
        let url = "postgres://me:hunter2@db.test/auth".parse().unwrap();
        let database = Database { url, statement_timeout: NonZeroU64::new(100).unwrap(), ..Database::default() };
        assert!(database.patience() > Duration::from_secs(100));
        assert!(!format!("{database:?}").contains("hunter2"));
    }
}
