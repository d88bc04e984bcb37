//! The subcommands: each a file with its arguments and what it does.

mod adopt;
mod completions;
mod doctor;
mod import;
mod init;
mod schema;
mod secret;
mod serve;

use clap::{Parser, Subcommand};
use kernia_cli::{Generate, Info, Migrate};
use tokio::runtime::{Builder, Runtime};

use self::schema::Configured;
use crate::failure::Failure;

/// An auth server that speaks the Better Auth protocol.
#[derive(Debug, Parser)]
#[command(name = "kernia", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Serve(serve::Serve),
    Generate(Configured<Generate>),
    Migrate(Configured<Migrate>),
    Info(Configured<Info>),
    Doctor(doctor::Doctor),
    Adopt(adopt::Adopt),
    Import(import::ImportUsers),
    Secret(secret::Secret),
    Completions(completions::Completions),
}

impl Arguments {
    /// Does what was asked for.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Init(command) => command.run(),
            Command::Serve(command) => command.run(),
            Command::Generate(command) => command.run(),
            Command::Migrate(command) => command.run(),
            Command::Info(command) => command.run(),
            Command::Doctor(command) => command.run(),
            Command::Adopt(command) => command.run(),
            Command::Import(command) => command.run(),
            Command::Secret(command) => command.run(),
            Command::Completions(command) => command.run(),
        }
    }
}

/// What asynchronous work runs on.
fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::Io("the runtime", error))
}
