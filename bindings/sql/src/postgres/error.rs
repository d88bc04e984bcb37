//! What the driver's errors mean to the engine.

use std::error::Error as _;

use kernia::store::{
    StorageError,
    sql::{Fault, postgres::Report},
};
use tokio_postgres::Error;

/// What the server reported, if the error is its own.
pub(super) fn report(error: &Error) -> Option<Report<'_>> {
    let answer = error.as_db_error()?;
    Some(Report {
        code: answer.code().code(),
        message: answer.message(),
        routine: answer.routine(),
        schema: answer.schema(),
        table: answer.table(),
        column: answer.column(),
        constraint: answer.constraint(),
    })
}

/// What an error means when nothing can have been changed.
pub(super) fn fault(error: &Error) -> Fault {
    report(error).map_or_else(|| Fault::Stale(StorageError::Unavailable(text(error))), |report| report.fault())
}

/// What an error means that is not to be tried again.
pub(super) fn decided(error: &Error) -> StorageError {
    fault(error).decided(|| text(error))
}

/// Whether the connection can be used after this error.
pub(super) fn leaves_connection(error: &Error) -> bool {
    error.as_db_error().is_some() && !matches!(fault(error), Fault::Stale(_))
}

/// Whether a unique constraint or a reference does not hold.
pub(super) fn is_constraint(error: &Error) -> bool {
    report(error).is_some_and(|report| report.is_constraint())
}

/// The error in words that hold no value.
pub(super) fn text(error: &Error) -> String {
    if let Some(report) = report(error) {
        return report.text();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
