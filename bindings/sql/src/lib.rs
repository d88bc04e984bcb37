//! SQL databases for Kernia: the engine asks, these stores answer.
//!
//! The tables, their columns and what is in them are those of the reference, so that both can serve one database. What to
//! say to a database is decided in `kernia::store::sql`; this crate owns the connections.
//!
//! Features: `sqlite` (default), `postgres` and `mysql`; `retry` is what stores of servers share, also those of other crates.
#![forbid(unsafe_code)]

mod database;
mod options;
mod replicated;
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres")),
    allow(dead_code, reason = "only servers are reached by TLS")
)]
mod url;

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "retry")]
mod retry;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod touched;

pub use self::{
    database::Database,
    options::{DatabaseOptions, Durability, ServerOptions, SqliteOptions},
    replicated::Replicated,
    url::{DatabaseUrl, ServerUrl},
};
#[cfg(feature = "mysql")]
pub use mysql::MySqlStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "retry")]
pub use retry::attempt;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
