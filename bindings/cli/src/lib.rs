//! The schema commands of `kernia`, for an application that builds its own engine: `generate` writes migration files, `migrate` gives
//! the database what it lacks, `info` tells what the server is made of and whether the database fits.
//!
//! The `kernia` command calls these with the engine that `kernia.toml` describes. An application calls them with its own, so that
//! its plugins and additional fields are known:
//!
//! ```
//! use std::{process::ExitCode, sync::Arc};
//!
//! use kernia::{Engine, domain::options::Options, plugins::Username};
//! use kernia_sql::{DatabaseOptions, DatabaseUrl};
//!
//! # use kernia_runtime::{OsEntropy, SystemClock};
//! # fn engine() -> Engine {
//! #     let mut options = Options::default();
//! #     options.secret = Some("kN3r-1a.doc.S3cret/with+enough=entropy_0123456789".into());
//! Engine::builder(options, Arc::new(SystemClock), Arc::new(OsEntropy::new()))
//!     .plugin(Username::default())
//!     .build()
//! #     .unwrap()
//! # }
//! # async fn main_with(arguments: &[&str]) -> ExitCode {
//!
//! // In main, before the server starts:
//! let engine = engine();
//! let url: DatabaseUrl = "sqlite::memory:".parse().unwrap();
//! let database = url.open(engine.schema(), &DatabaseOptions::default()).unwrap();
//! # let arguments = arguments.iter();
//! // `arguments` are `std::env::args_os()`: app migrate --yes
//! kernia_cli::schema_commands(&engine, database).run(arguments).await
//! # }
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # let done = runtime.block_on(main_with(&["app", "migrate", "--yes"]));
//! # assert_eq!(done, ExitCode::SUCCESS);
//! # let refused = runtime.block_on(main_with(&["app", "migrate", "--dry-run"]));
//! # assert_eq!(refused, ExitCode::from(3));
//! ```
#![forbid(unsafe_code)]

#[cfg(feature = "command")]
mod commands;
#[cfg(feature = "command")]
mod config;
#[cfg(feature = "command")]
mod failure;
#[cfg(feature = "import")]
pub mod import;
mod schema;
#[cfg(feature = "command")]
mod secret;
mod terminal;

pub use schema::{
    Format, Generate, Info, Migrate, SchemaCommand, SchemaCommands, SchemaFailure, SqlDialect, schema_commands,
};

/// Runs the `kernia` command.
#[cfg(feature = "command")]
#[doc(hidden)]
#[must_use]
pub fn main() -> std::process::ExitCode {
    commands::main()
}

/// What `kernia serve --config file` would serve, and where, for tests that serve it through a framework.
///
/// # Errors
/// As the command prints them.
#[cfg(feature = "command")]
#[doc(hidden)]
pub async fn configured(file: &std::path::Path) -> Result<(kernia_runtime::Auth, std::net::SocketAddr), String> {
    commands::served(file).await.map_err(|failure| failure.to_string())
}

/// What the fuzz target `configuration` runs.
///
/// # Panics
/// When what is said about a configuration shows what came from the environment.
#[cfg(feature = "command")]
#[doc(hidden)]
pub fn fuzz_configuration(data: &[u8]) {
    config::fuzz::run(data);
}
