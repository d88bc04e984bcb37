//! SQL databases for Kernia: the engine asks, these stores answer.
//!
//! The tables, their columns and what is in them are those of the reference, so that both can serve one database. What to
//! say to a database is decided in `kernia::store::sql`; this crate owns the connections.
//!
//! Features: `sqlite` (default) and `postgres`.
#![forbid(unsafe_code)]

mod database;
mod options;
mod url;

#[cfg(feature = "postgres")]
mod names;
#[cfg(feature = "postgres")]
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod retry;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use self::{
    database::Database,
    options::{DatabaseOptions, Durability, ServerOptions, SqliteOptions},
    url::{DatabaseUrl, ServerUrl},
};
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
