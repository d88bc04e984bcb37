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

/// Writes to standard output.
fn say(text: &str) -> Result<(), SchemaFailure> {
    Ok(crate::terminal::say(text)?)
}
