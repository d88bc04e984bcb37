//! `kernia completions`.

use std::io::{self, Write as _};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Arguments;
use crate::failure::Failure;

/// Print what a shell needs to complete this command.
#[derive(Debug, Args)]
#[command(after_help = "For example: kernia completions bash > ~/.local/share/bash-completion/completions/kernia")]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut command = Arguments::command();
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        io::stdout().write_all(&script).map_err(|error| Failure::Io("standard output", error))
    }
}
