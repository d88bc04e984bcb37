//! How databases are opened.

use std::time::Duration;

/// How databases are opened, whichever they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// For SQLite.
    pub sqlite: SqliteOptions,
    /// For databases behind a socket.
    pub server: ServerOptions,
}

/// How a SQLite database is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How many connections answer reads; at least 1. A database in memory has one connection for everything.
    pub readers: usize,
    /// How long to wait for a lock that another process holds.
    pub busy_timeout: Duration,
    /// What a committed change survives.
    pub durability: Durability,
    /// How many prepared statements each connection keeps.
    pub statements: usize,
    /// Whether the file is only read: it must be there, and nothing about it is changed, its journal's mode included.
    pub read_only: bool,
}

/// What a committed change survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process. After a power failure the last changes may be gone, but nothing is half there
    /// (`synchronous=NORMAL`).
    #[default]
    Process,
    /// A power failure, at the price of a disk flush for each change (`synchronous=FULL`).
    Power,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            busy_timeout: Duration::from_secs(5),
            durability: Durability::default(),
            statements: 256,
            read_only: false,
        }
    }
}

/// How a database server is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// How many connections there are at most; at least 1.
    pub connections: usize,
    /// How long to wait for a connection that is free.
    pub acquire_timeout: Duration,
    /// How long a new connection may take.
    pub connect_timeout: Duration,
    /// How long a statement may take. The server is told; a batch that takes a second longer as a whole is given up.
    pub statement_timeout: Duration,
    /// How long a statement waits for what others have locked. MySQL counts in whole seconds.
    pub lock_timeout: Duration,
    /// How long a connection may idle before it is closed.
    pub idle_timeout: Duration,
    /// How many prepared statements each connection keeps.
    pub statements: usize,
    /// The PostgreSQL schema that holds the tables (`search_path`); the server's choice when absent.
    pub schema: Option<String>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            connections: 10,
            acquire_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(300),
            statements: 256,
            schema: None,
        }
    }
}

impl ServerOptions {
    /// The same for a replica, which is given up early because the database itself can answer.
    #[must_use]
    pub fn for_replica(&self) -> Self {
        let soon = Duration::from_secs(1);
        Self {
            acquire_timeout: self.acquire_timeout.min(soon),
            connect_timeout: self.connect_timeout.min(soon),
            statement_timeout: self.statement_timeout.min(soon),
            ..self.clone()
        }
    }

    /// How long one access can take at most, all retries aside. Who waits for a store should wait longer.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.acquire_timeout + self.connect_timeout + self.access_timeout()
    }

    /// How long a transaction may take as a whole.
    pub(crate) fn access_timeout(&self) -> Duration {
        self.statement_timeout + Duration::from_secs(1)
    }
}
