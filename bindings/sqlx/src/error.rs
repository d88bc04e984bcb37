//! What sqlx's errors mean to the engine.

use kernia::store::{
    StorageError,
    sql::{Fault, postgres::Report},
};
use sqlx::{Error, postgres::PgDatabaseError};

/// What the server reported, if the error is its own.
pub(crate) fn report(error: &Error) -> Option<Report<'_>> {
    let answer = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    Some(Report {
        code: answer.code(),
        message: answer.message(),
        routine: answer.routine(),
        schema: answer.schema(),
        table: answer.table(),
        column: answer.column(),
        constraint: answer.constraint(),
    })
}

/// What an error means when nothing can have been changed.
pub(crate) fn fault(error: &Error) -> Fault {
    let Some(report) = report(error) else { return Fault::Stale(StorageError::Unavailable(text(error))) };
    match report.code {
        // Somebody's transaction is still open on the connection: a `begin` of sqlx 0.9.0 that is cancelled leaves it there.
        "25001" | "25P02" => Fault::Stale(StorageError::Unavailable(report.text())),
        _ => report.fault(),
    }
}

/// What an error means that is not to be tried again.
pub(crate) fn decided(error: &Error) -> StorageError {
    fault(error).decided(|| text(error))
}

/// What it means that the pool has no connection to give.
pub(crate) fn unavailable(error: &Error) -> StorageError {
    StorageError::Unavailable(text(error))
}

/// Whether a unique constraint or a reference does not hold.
pub(crate) fn is_constraint(error: &Error) -> bool {
    report(error).is_some_and(|report| report.is_constraint())
}

/// The error in words that hold no value.
fn text(error: &Error) -> String {
    report(error).map_or_else(|| error.to_string(), |report| report.text())
}
