//! Why a schema command ends without having done its work.

use std::{io, path::PathBuf, process::ExitCode};

use kernia::store::StorageError;

/// Why a schema command ends without having done its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaFailure {
    /// The arguments do not fit together.
    #[error("error: {0}")]
    Arguments(String),
    /// The database cannot be used.
    #[error("error: {database}: {error}")]
    Database {
        /// Its name, without a password.
        database: String,
        /// What it said.
        error: StorageError,
    },
    /// A file or folder cannot be used.
    #[error("error: {}: {error}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The terminal, or what stands for it, cannot be used.
    #[error("error: standard input or output: {0}")]
    Stream(#[from] io::Error),
    /// The database lacks something, and it was not given to it.
    #[error("{0}")]
    Pending(&'static str),
    /// A person has to settle something first.
    #[error("error: nothing was changed, because a person has to settle this first:{}", list(.0))]
    Obstacles(Vec<String>),
}

impl SchemaFailure {
    /// The exit code: 1 when something failed, 2 when the arguments are wrong, 3 when changes are pending, 4 when a person has
    /// to settle something before they can be made.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Arguments(_) => ExitCode::from(2),
            Self::Pending(_) => ExitCode::from(3),
            Self::Obstacles(_) => ExitCode::from(4),
            _ => ExitCode::FAILURE,
        }
    }
}

fn list(obstacles: &[String]) -> String {
    obstacles.iter().map(|obstacle| format!("\n  - {obstacle}")).collect()
}
