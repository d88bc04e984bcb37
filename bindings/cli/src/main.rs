//! The `kernia` command.

mod commands;
mod config;
mod failure;
mod secret;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;

fn main() -> ExitCode {
    match commands::Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to be told when that fails.
            let _ = writeln!(io::stderr(), "{failure}");
            failure.exit_code()
        }
    }
}
