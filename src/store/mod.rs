//! Storage as data: what may be asked of a database, and the two traits that answer.
//!
//! A [`Query`] reads, a [`Batch`] changes, both are plain values, and a store is a translator of them. Nothing here
//! knows what a user or a session is.

mod assigned;
mod batch;
mod cache;
mod error;
#[cfg(any(feature = "mongo", feature = "sql"))]
mod index_name;
mod query;
mod rows;

#[cfg(any(test, feature = "testing"))]
pub mod contract;
pub mod memory;
#[cfg(feature = "mongo")]
pub mod mongo;
pub mod shape;
#[cfg(feature = "sql")]
pub mod sql;

pub use assigned::Assigned;
pub use batch::{Batch, Expect, Statement};
pub use cache::{Cache, CacheOp, CacheReply, Hit, HitVerdict};
pub use error::{Conflict, ConflictKind, StorageError};
pub use query::{CaseMode, Consistency, Direction, Filter, Op, Order, Query, With};
pub use rows::Rows;

pub use crate::schema::{Name, Row, Value};

use async_trait::async_trait;

/// A database. Everything durable goes through these two methods.
///
/// A wrong implementation of [`write`](Storage::write) costs the whole product its safety: a batch that is applied in part, or
/// an expectation that is not held, lets a one-time token be spent twice. The contract suite in
/// `store/contract` is what every implementation must pass.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Answers `query` from committed data.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`] when the database cannot answer.
    async fn read(&self, query: Query) -> Result<Rows, StorageError>;

    /// Applies all of `batch` or none of it, and answers one [`Rows`] for each statement, in order.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when an expectation failed or a unique or reference constraint was violated; nothing has
    /// changed then.
    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError>;
}
