//! Why an import ends without all users.

use std::{io, path::PathBuf, process::ExitCode};

/// Why an import ends without all users.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportFailure {
    /// The arguments do not fit together, or not to the configuration.
    #[error("error: {0}")]
    Arguments(String),
    /// A file cannot be used.
    #[error("error: {}: {error}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is broken, so that what follows cannot be read.
    #[error("error: {}: line {line}: {why}\n  = help: users before it are imported; repair the file and run the same again", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Where.
        line: u64,
        /// Why.
        why: String,
    },
    /// The state of an interrupted run is not of this one.
    #[error(
        "error: {}: this is the state of another import: the file or the options have changed\n  = help: run without --resume; \
         nobody is imported twice",
        .path.display()
    )]
    Changed {
        /// The file with the state.
        path: PathBuf,
    },
    /// The database or the engine failed.
    #[error(
        "error: the database did not store the users (status {status}); the log says why\n  = help: run again with --resume"
    )]
    Storage {
        /// The engine's answer.
        status: u16,
    },
    /// Somebody else is there already, and that was not to be passed over.
    #[error(
        "error: {place}: somebody else has this {field} already\n  = help: with --on-conflict skip such users are left out"
    )]
    Conflict {
        /// Which record.
        place: String,
        /// Which value is taken.
        field: String,
    },
    /// It was told to stop.
    #[error("interrupted: run again with --resume to go on")]
    Interrupted,
    /// It is done, but not all users were brought in.
    #[error("{0} records were left out")]
    LeftOut(u64),
    /// Standard output cannot be used.
    #[error("error: standard output: {0}")]
    Stream(io::Error),
}

impl ImportFailure {
    /// The exit code: 1 when something failed, 2 when the arguments are wrong, 3 when users were left out, 130 when it was told to
    /// stop.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Arguments(_) | Self::Changed { .. } => ExitCode::from(2),
            Self::LeftOut(_) => ExitCode::from(3),
            Self::Interrupted => ExitCode::from(130),
            _ => ExitCode::FAILURE,
        }
    }
}
