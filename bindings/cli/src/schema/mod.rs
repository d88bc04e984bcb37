//! The schema commands.
//!
//! ```text
//! engine ─► schema ─┐
//!                   ├─► plan ─► generate: files      migrate: statements that are run      info: what is missing
//! database ─► live ─┘
//! ```

mod commands;
mod failure;
mod generate;
mod info;
mod migrate;
mod statements;

pub use self::{
    commands::{SchemaCommand, SchemaCommands, schema_commands},
    failure::SchemaFailure,
    generate::{Format, Generate, SqlDialect},
    info::Info,
    migrate::Migrate,
};

/// Writes a warning to standard error, beside what is for standard output.
fn warn(warning: &str) -> Result<(), SchemaFailure> {
    use std::io::Write as _;
    Ok(writeln!(std::io::stderr(), "warning: {warning}")?)
}

/// Writes to standard output.
fn say(text: &str) -> Result<(), SchemaFailure> {
    Ok(crate::terminal::say(text)?)
}
