//! Batches, each in the way that keeps it whole.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use kernia::store::{Batch, Rows, Statement, StorageError, mongo::Translator};
use mongodb::{
    Client, ClientSession, Database,
    error::{Error, UNKNOWN_TRANSACTION_COMMIT_RESULT},
    options::{ReadConcern, ReadPreference, SelectionCriteria, TransactionOptions, WriteConcern},
};

use crate::{
    failure::{Failure, is_transient, storage_error},
    work::{Mode, Work, take_back},
};

/// How often a commit is asked for whose outcome nobody knows.
const COMMIT_ATTEMPTS: u32 = 4;
/// The longest rest before another attempt.
const LONGEST_REST: Duration = Duration::from_millis(100);

/// Applies a batch in a transaction, again when it met another one, at most `attempts` times.
pub(crate) async fn in_transaction(
    client: &Client,
    database: &Database,
    translator: &Translator,
    batch: &Batch,
    attempts: u32,
) -> Result<Vec<Rows>, StorageError> {
    let mut session = client.start_session().await.map_err(|error| storage_error(&error))?;
    let mut attempt = 0;
    loop {
        attempt += 1;
        match attempt_once(&mut session, database, translator, &batch.statements).await {
            Attempt::Done(answers) => return Ok(answers),
            Attempt::Refused(error) => return Err(error),
            Attempt::Disturbed(error) if attempt >= attempts => {
                tracing::warn!(attempts, "a batch met other ones too often");
                return Err(match error {
                    error @ (StorageError::Unavailable(_) | StorageError::Timeout) => error,
                    _ => StorageError::Unavailable("MongoDB is too busy with the same rows".to_owned()),
                });
            }
            Attempt::Disturbed(_) => tokio::time::sleep(rest(attempt)).await,
        }
    }
}

enum Attempt {
    Done(Vec<Rows>),
    Refused(StorageError),
    Disturbed(StorageError),
}

async fn attempt_once(
    session: &mut ClientSession,
    database: &Database,
    translator: &Translator,
    statements: &[Statement],
) -> Attempt {
    if let Err(error) = session.start_transaction().with_options(options()).await {
        return Attempt::Refused(storage_error(&error));
    }
    let mut work = Work { translator, database, mode: Mode::Transaction(session) };
    match apply_all(&mut work, statements).await {
        Ok(answers) => match commit(session).await {
            Ok(()) => Attempt::Done(answers),
            Err(error) if is_transient(&error) => {
                abort(session).await;
                Attempt::Disturbed(storage_error(&error))
            }
            Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {
                abort(session).await;
                Attempt::Refused(StorageError::Unavailable("MongoDB did not confirm a transaction".to_owned()))
            }
            Err(error) => {
                abort(session).await;
                Attempt::Refused(storage_error(&error))
            }
        },
        Err((_, Failure::Transient(error))) => {
            abort(session).await;
            Attempt::Disturbed(error)
        }
        Err((position, failure)) => {
            abort(session).await;
            Attempt::Refused(failure.at(position))
        }
    }
}

fn options() -> TransactionOptions {
    TransactionOptions::builder()
        .read_concern(ReadConcern::snapshot())
        .write_concern(WriteConcern::majority())
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .build()
}

async fn commit(session: &mut ClientSession) -> Result<(), Error> {
    let mut attempt = 1;
    loop {
        match session.commit_transaction().await {
            Err(error)
                if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT)
                    && !is_transient(&error)
                    && attempt < COMMIT_ATTEMPTS =>
            {
                tokio::time::sleep(rest(attempt)).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn abort(session: &mut ClientSession) {
    // The server ends it by itself when it is not told.
    let _ = session.abort_transaction().await;
}

/// Applies a batch that changes one document at most.
pub(crate) async fn alone(
    database: &Database,
    translator: &Translator,
    batch: &Batch,
) -> Result<Vec<Rows>, StorageError> {
    let mut work = Work { translator, database, mode: Mode::Alone };
    apply_all(&mut work, &batch.statements).await.map_err(|(position, failure)| failure.at(position))
}

/// Applies a batch statement by statement, and takes back what was done when one fails.
pub(crate) async fn compensated(
    database: &Database,
    translator: &Translator,
    batch: &Batch,
) -> Result<Vec<Rows>, StorageError> {
    let mut work = Work { translator, database, mode: Mode::Journal(Vec::new()) };
    let outcome = apply_all(&mut work, &batch.statements).await;
    if let (Err(_), Mode::Journal(journal)) = (&outcome, work.mode) {
        let failed = take_back(database, journal).await;
        if failed > 0 {
            tracing::error!(
                failed,
                "changes of a failed batch could not be taken back; the database has no transactions"
            );
        }
    }
    outcome.map_err(|(position, failure)| failure.at(position))
}

async fn apply_all(work: &mut Work<'_>, statements: &[Statement]) -> Result<Vec<Rows>, (usize, Failure)> {
    let mut answers = Vec::with_capacity(statements.len());
    for (position, statement) in statements.iter().enumerate() {
        answers.push(work.apply(statement.clone()).await.map_err(|failure| (position, failure))?);
    }
    Ok(answers)
}

/// A rest that grows with each attempt and differs between those who met.
fn rest(attempt: u32) -> Duration {
    let longest = Duration::from_millis(1 << attempt.min(10)).min(LONGEST_REST);
    // Hashers are seeded at random.
    longest.mul_f64(RandomState::new().hash_one(attempt) as f64 / u64::MAX as f64)
}
