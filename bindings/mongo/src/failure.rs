//! The driver's errors in the words of the contract. Their messages stay here: they can hold values and addresses.

use kernia::store::{
    Conflict, ConflictKind, StorageError,
    mongo::{Collection, Translator},
};
use mongodb::error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, WriteFailure};

const DUPLICATE_KEY: i32 = 11_000;
const WRITE_CONFLICT: i32 = 112;
/// The server gave up: it ran out of the time it was given.
const OUT_OF_TIME: [i32; 3] = [50, 89, 262];
/// The server cannot serve now, or does not let this user in.
const UNAVAILABLE: [i32; 17] =
    [6, 7, 13, 18, 64, 91, 100, 133, 189, 8000, 9001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436];

/// Why a statement was not done.
pub(crate) enum Failure {
    /// It contradicts what is stored.
    Conflict(ConflictKind),
    /// It met another batch, which may be gone when it is tried again.
    Transient(StorageError),
    /// It cannot be done.
    Error(StorageError),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    /// What the driver said of a statement about `collection`.
    pub(crate) fn of(translator: &Translator, collection: &Collection, error: &Error) -> Self {
        let (code, message) = server_error(error).unwrap_or_default();
        if code == DUPLICATE_KEY {
            return match translator.violated(collection, message) {
                Some(kind) => Self::Conflict(kind),
                None => Self::Error(StorageError::Failed(format!(
                    "{} has a unique index that the schema does not know, and the row violates it",
                    collection.table()
                ))),
            };
        }
        if code == WRITE_CONFLICT || error.contains_label(TRANSIENT_TRANSACTION_ERROR) {
            return Self::Transient(storage_error(error));
        }
        Self::Error(storage_error(error))
    }

    /// The error of a batch whose statement at `position` failed.
    pub(crate) fn at(self, position: usize) -> StorageError {
        match self {
            Self::Conflict(kind) => StorageError::Conflict(Conflict { statement: position, kind }),
            Self::Transient(error) | Self::Error(error) => error,
        }
    }
}

/// Whether a transaction can be tried again.
pub(crate) fn is_transient(error: &Error) -> bool {
    error.contains_label(TRANSIENT_TRANSACTION_ERROR)
        || server_error(error).is_some_and(|(code, _)| code == WRITE_CONFLICT)
}

/// Whether rows that are there keep a unique index from being made.
pub(crate) fn is_duplicate(error: &Error) -> bool {
    server_error(error).is_some_and(|(code, _)| code == DUPLICATE_KEY)
}

/// The number under which a server knows its error.
pub(crate) fn code(error: &Error) -> Option<i32> {
    server_error(error).map(|(code, _)| code)
}

/// The error, without the driver's words.
pub(crate) fn storage_error(error: &Error) -> StorageError {
    let unavailable = |why: &str| StorageError::Unavailable(format!("MongoDB {why}"));
    match &*error.kind {
        ErrorKind::ServerSelection { .. } => unavailable("has no server that answers"),
        ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. } | ErrorKind::Shutdown => unavailable("was cut off"),
        ErrorKind::DnsResolve { .. } => unavailable("has a name that cannot be resolved"),
        ErrorKind::Authentication { .. } => unavailable("refuses the user or the password"),
        ErrorKind::InvalidTlsConfig { .. } => unavailable("cannot be reached with these TLS settings"),
        ErrorKind::Write(WriteFailure::WriteConcernError(_)) => unavailable("did not confirm a write"),
        ErrorKind::InvalidArgument { .. } => StorageError::Failed("the driver refuses the request".to_owned()),
        _ => match server_error(error) {
            Some((code, _)) if OUT_OF_TIME.contains(&code) => StorageError::Timeout,
            Some((code, _)) if UNAVAILABLE.contains(&code) => unavailable(&format!("cannot serve (error {code})")),
            Some((code, _)) => StorageError::Failed(format!("MongoDB refuses the request (error {code})")),
            None => StorageError::Failed("the driver cannot do the request".to_owned()),
        },
    }
}

fn server_error(error: &Error) -> Option<(i32, &str)> {
    match &*error.kind {
        ErrorKind::Command(command) => Some((command.code, &command.message)),
        ErrorKind::Write(WriteFailure::WriteError(write)) => Some((write.code, &write.message)),
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => Some((concern.code, &concern.message)),
        _ => None,
    }
}
