//! `kernia secret`.

use std::io::{self, Write as _};

use clap::Args;

use crate::{failure::Failure, secret};

/// Print a fresh secret.
#[derive(Debug, Args)]
pub(crate) struct Secret {}

impl Secret {
    pub(crate) fn run(self) -> Result<(), Failure> {
        writeln!(io::stdout(), "{}", secret::generate()).map_err(|error| Failure::Io("standard output", error))
    }
}
