//! The text, dialect by dialect.

mod ids;
mod migrations;
mod statements;
