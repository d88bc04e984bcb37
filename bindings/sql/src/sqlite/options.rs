//! How a SQLite database is opened.

use std::time::Duration;

/// Options of a [`SqliteStore`](super::SqliteStore).
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
