//! Why the command ends without having done its work.

use std::{io, path::PathBuf, process::ExitCode};

use crate::{SchemaFailure, import::ImportFailure};
use kernia::{domain::BuildError, store::StorageError};
use kernia_mail::SetupError;

use crate::config::Problems;

/// Why the command ends without having done its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration is wrong.
    #[error("{0}")]
    Config(Problems),
    /// The engine cannot be built from it.
    #[error("error: {0}")]
    Build(#[from] BuildError),
    /// The delivery cannot be set up.
    #[error("error: delivery: {0}")]
    Delivery(#[from] SetupError),
    /// Other servers cannot be called.
    #[error("error: http_client: {0}")]
    HttpClient(#[from] kernia_http_client::SettingsError),
    /// The database cannot be used.
    #[error("error: {url}: {error}")]
    Database { url: String, error: StorageError },
    /// Secondary storage cannot be used.
    #[error("error: secondary_storage: {0}")]
    SecondaryStorage(StorageError),
    /// The database is not as the schema wants it, and must not be changed.
    #[error(
        "error: {url}: the database lacks {missing} changes that this configuration needs\n  = help: set \
         database.auto_migrate = true once, or make them by hand"
    )]
    NotMigrated { url: String, missing: usize },
    /// A schema command did not do its work.
    #[error("{0}")]
    Schema(#[from] SchemaFailure),
    /// An import ended without all users.
    #[error("{0}")]
    Import(#[from] ImportFailure),
    /// An address cannot be listened on.
    #[error("error: cannot listen on {address}: {error}")]
    Listen { address: std::net::SocketAddr, error: io::Error },
    /// A file or stream cannot be used.
    #[error("error: {0}: {1}")]
    Io(&'static str, io::Error),
    /// What was asked for does not go together.
    #[error("error: {0}")]
    Unsuited(&'static str),
    /// `kernia doctor` found what has to be changed, and has told it.
    #[error("error: {errors} of these keep the server from working safely")]
    Found { errors: usize },
    /// Files that would be overwritten.
    #[error("error: {} there already; nothing was written\n  = help: --force overwrites, --dir writes elsewhere", named(.0))]
    InTheWay(Vec<PathBuf>),
    /// A named file cannot be used.
    #[error("error: {path}: {error}")]
    File { path: String, error: io::Error },
}

impl Failure {
    /// 2 when the configuration must be changed, a schema command's or an import's own, and 1 for all else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::Build(_) | Self::Delivery(_) | Self::Unsuited(_) => ExitCode::from(2),
            Self::Schema(failure) => failure.exit_code(),
            Self::Import(failure) => failure.exit_code(),
            _ => ExitCode::FAILURE,
        }
    }
}

fn named(files: &[PathBuf]) -> String {
    let names: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    format!("{} {}", names.join(", "), if files.len() == 1 { "is" } else { "are" })
}
