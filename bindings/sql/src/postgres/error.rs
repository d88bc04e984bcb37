//! What PostgreSQL's errors mean to the engine.

use std::error::Error as _;

use kernia::store::StorageError;
use tokio_postgres::{Error, error::DbError};

use crate::retry::Fault;

/// What an error means when nothing can have been changed.
pub(super) fn fault(error: &Error) -> Fault {
    let Some(answer) = error.as_db_error() else {
        return Fault::Stale(StorageError::Unavailable(text(error)));
    };
    match answer.code().code() {
        "40001" | "40P01" => Fault::Crossed,
        "57014" => Fault::Final(StorageError::Timeout),
        "55P03" => Fault::Waited,
        // Prepared before the tables changed, or by another session.
        "26000" => Fault::Stale(StorageError::Failed(text(error))),
        "0A000" if answer.routine() == Some("RevalidateCachedQuery") => Fault::Stale(StorageError::Failed(text(error))),
        _ if is_about_server(answer) => Fault::Stale(StorageError::Unavailable(text(error))),
        _ => Fault::Final(StorageError::Failed(text(error))),
    }
}

/// What an error means that is not to be tried again.
pub(super) fn decided(error: &Error) -> StorageError {
    match fault(error) {
        Fault::Crossed => StorageError::Unavailable(text(error)),
        Fault::Waited => StorageError::Timeout,
        Fault::Stale(error) | Fault::Final(error) => error,
    }
}

/// Whether the connection can be used after this error.
pub(super) fn leaves_connection(error: &Error) -> bool {
    error.as_db_error().is_some() && !matches!(fault(error), Fault::Stale(_))
}

/// Whether a unique constraint or a reference does not hold.
pub(super) fn is_constraint(error: &Error) -> bool {
    error.code().is_some_and(|code| matches!(code.code(), "23505" | "23503" | "23001"))
}

/// The server is going, overloaded, broken, or takes no writes.
fn is_about_server(answer: &DbError) -> bool {
    let code = answer.code().code();
    matches!(code, "25006" | "25P03" | "25P04")
        || (code != "57014" && ["08", "53", "57", "58"].contains(&code.get(..2).unwrap_or_default()))
}

/// The error in words that hold no value.
pub(super) fn text(error: &Error) -> String {
    let Some(answer) = error.as_db_error() else {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        return text;
    };
    let code = answer.code().code();
    // Those about data and constraints quote what was sent, as does any detail.
    let quotes = ["22", "23"].contains(&code.get(..2).unwrap_or_default());
    let mut text = if quotes { String::from("a value was refused") } else { answer.message().to_owned() };
    for (what, name) in [("table", answer.table()), ("column", answer.column()), ("constraint", answer.constraint())] {
        if let Some(name) = name {
            text.push_str(&format!(", {what} {name}"));
        }
    }
    format!("{text} ({code})")
}
