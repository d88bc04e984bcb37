//! The `kernia` command.

mod config;
mod failure;
mod secret;
mod serve;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{config::Address, failure::Failure};

/// An auth server that speaks the Better Auth protocol.
#[derive(Debug, Parser)]
#[command(name = "kernia", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    ///
    /// Without --config it reads ./kernia.toml, and if there is none it starts for development: with a secret and a
    /// database of its own in this folder.
    Serve {
        /// The configuration file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Where to listen, instead of server.listen; port 0 takes any that is free.
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<Address>,
    },
    /// Print a fresh secret.
    Secret,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Serve { config, listen } => serve::run(config.as_deref(), listen),
        Command::Secret => print_secret(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to be told when that fails.
            let _ = writeln!(io::stderr(), "{failure}");
            failure.exit_code()
        }
    }
}

fn print_secret() -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", secret::generate()).map_err(|error| Failure::Io("standard output", error))
}
