//! How a database is used.

use std::time::Duration;

use crate::IdFormat;

/// How a [`MongoStore`](crate::MongoStore) uses its database. What the URL says about pool sizes and TLS is kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MongoOptions {
    /// The database; the one that the URL names when absent.
    pub database: Option<String>,
    /// How ids are kept.
    pub ids: IdFormat,
    /// How long a read or a batch may take, its repetitions included.
    pub timeout: Duration,
    /// How long to look for a server that can answer. Less than `timeout`, so that a server that is away is told apart from
    /// one that is slow.
    pub connect_timeout: Duration,
    /// How many connections there may be, where the URL does not say.
    pub max_connections: u32,
    /// How often a transaction that met another one is tried in all.
    pub max_attempts: u32,
    /// Whether reads for which stale data is good enough go to secondaries.
    pub read_from_secondaries: bool,
    /// How batches are kept whole; whatever the server offers when absent.
    pub atomicity: Option<Atomicity>,
}

impl Default for MongoOptions {
    fn default() -> Self {
        Self {
            database: None,
            ids: IdFormat::default(),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            max_connections: 50,
            max_attempts: 64,
            read_from_secondaries: false,
            atomicity: None,
        }
    }
}

/// How batches are kept whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Atomicity {
    /// By transactions: replica sets and sharded clusters.
    Transactions,
    /// By order and compensation, on servers that stand alone: one statement after the other, and when one fails, what the
    /// earlier ones did is taken back. Others can see a batch that is half done, and one whose process is killed in the
    /// middle stays so.
    Compensation,
}
