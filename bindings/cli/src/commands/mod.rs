//! The subcommands: each a file with its arguments and what it does.

mod secret;
mod serve;

use clap::{Parser, Subcommand};

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
    Serve(serve::Serve),
    Secret(secret::Secret),
}

impl Arguments {
    /// Does what was asked for.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Serve(command) => command.run(),
            Command::Secret(command) => command.run(),
        }
    }
}
