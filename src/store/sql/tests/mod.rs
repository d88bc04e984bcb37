//! The text, dialect by dialect.

mod migrations;
mod statements;
