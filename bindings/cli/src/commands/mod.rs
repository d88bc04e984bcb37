//! The subcommands: each a file with its arguments and what it does.

mod adopt;
mod completions;
mod doctor;
mod import;
mod init;
mod schema;
mod secret;
mod serve;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
};

use clap::{Parser as _, Subcommand};
use kernia_runtime::Auth;
use tokio::runtime::{Builder, Runtime};

use self::schema::Configured;
use crate::{Generate, Info, Migrate, failure::Failure};

/// An auth server that speaks the Better Auth protocol.
#[derive(Debug, clap::Parser)]
#[command(name = "kernia", version, arg_required_else_help = true)]
struct Arguments {
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
    fn run(self) -> Result<(), Failure> {
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

/// Runs the command that the program's arguments name.
pub(crate) fn main() -> ExitCode {
    match Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to be told when that fails.
            let _ = writeln!(io::stderr(), "{failure}");
            failure.exit_code()
        }
    }
}

/// What `serve` serves with this configuration, and where.
pub(crate) async fn served(file: &Path) -> Result<(Auth, SocketAddr), Failure> {
    serve::configured(file).await
}
