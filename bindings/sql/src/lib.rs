//! SQL databases for Kernia: the engine asks, these stores answer.
//!
//! The tables, their columns and what is in them are those of the reference, so that both can serve one database. What to
//! say to a database is decided in `kernia::store::sql`; this crate owns the connections.
#![forbid(unsafe_code)]

mod database;
mod sqlite;

pub use database::{Database, DatabaseOptions, DatabaseUrl};
pub use sqlite::{Durability, SqliteOptions, SqliteStore};
