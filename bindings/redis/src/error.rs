//! What Redis's errors mean. Their texts may hold keys and addresses, so nothing of them but their kind is told.

use kernia::store::StorageError;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// The error in the engine's words.
pub(crate) fn storage_error(error: &RedisError) -> StorageError {
    if error.is_timeout() {
        return StorageError::Timeout;
    }
    if is_passing(error) {
        return StorageError::Unavailable(format!("redis: {}", told(error)));
    }
    StorageError::Failed(format!("redis: {}", told(error)))
}

/// Whether the same may work later, without anything being changed.
fn is_passing(error: &RedisError) -> bool {
    let busy = matches!(
        error.kind(),
        ErrorKind::Io
            | ErrorKind::AuthenticationFailed
            | ErrorKind::Server(
                ServerErrorKind::BusyLoading
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::ReadOnly
                    | ServerErrorKind::TryAgain
            )
    );
    busy || error.is_io_error()
        || error.is_connection_dropped()
        || matches!(error.code(), Some("OOM" | "BUSY" | "NOAUTH"))
}

fn told(error: &RedisError) -> String {
    if error.is_connection_refusal() {
        return "the connection is refused".to_owned();
    }
    if error.is_connection_dropped() {
        return "the connection was lost".to_owned();
    }
    match error.code() {
        Some(code) => code.to_owned(),
        None => format!("{:?}", error.kind()),
    }
}
