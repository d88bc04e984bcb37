//! Running translated statements on a connection, many in one flight.
//!
//! What is sent is queued in the order in which it is first polled, and answered in that order; nothing waits for an answer
//! before the next is sent.

use futures_util::{
    StreamExt as _,
    future::{join, join_all},
};
use kernia::store::{
    Rows, StorageError,
    sql::{Answer, Demands, Draw, Fault, Read, Sql, Step, Write},
};
use tokio_postgres::{Client, Error, Row, Statement};

use super::{
    connection::Connection,
    error::{fault, is_constraint, leaves_connection, text},
    value::{Encoded, PgRow},
};

/// Why an access failed, and what became of the connection.
pub(super) struct Failure {
    pub(super) why: Why,
    /// Whether others can use the connection.
    pub(super) usable: bool,
}

/// Why an access failed.
pub(super) enum Why {
    /// Decided without more to ask.
    Fault(Fault),
    /// A constraint was violated by the statement at this position.
    Constraint(usize, Error),
    /// The statement at this position found so many rows.
    Expectation(usize, u64),
}

/// A statement that can be sent.
struct Ready {
    statement: Statement,
    params: Encoded,
}

/// What a statement answered.
struct Found {
    rows: Vec<Row>,
    affected: u64,
}

impl Failure {
    fn new(error: &Error) -> Self {
        Self { why: Why::Fault(fault(error)), usable: leaves_connection(error) }
    }

    fn of(error: StorageError, usable: bool) -> Self {
        Self { why: Why::Fault(Fault::Final(error)), usable }
    }

    /// A connection on which a transaction is open is not for others.
    fn unfinished(error: &Error) -> Self {
        Self { usable: false, ..Self::new(error) }
    }

    /// The same when the commit was sent along and may have been done, though nothing was heard of it.
    fn perhaps_done(self) -> Self {
        match self.why {
            Why::Fault(Fault::Stale(error @ StorageError::Unavailable(_))) => Self::of(error, false),
            _ => self,
        }
    }
}

/// Answers a read: one round trip, unless there is more to ask.
pub(super) async fn read(connection: &mut Connection, read: &Read<'_>) -> Result<Rows, Failure> {
    let first = ready(connection, &[&read.sql]).await?;
    let [first] = first.as_slice() else { return Err(Failure::of(foreign(), true)) };
    let client = &connection.client;
    let mut answer = read.answer();
    if !read.has_more() {
        let found = run(client, first).await.map_err(|error| Failure::new(&error))?;
        add(&mut answer, &found).map_err(|error| Failure::of(error, true))?;
        return Ok(answer.finish());
    }
    let begin = client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    let (begun, found) = join(begin, run(client, first)).await;
    begun.map_err(|error| Failure::unfinished(&error))?;
    let found = found.map_err(|error| Failure::unfinished(&error))?;
    add(&mut answer, &found).map_err(|error| Failure::of(error, false))?;
    let more = answer.more().map_err(|error| Failure::of(error, false))?;
    let texts: Vec<_> = more.iter().map(|(_, sql)| sql).collect();
    let further = ready(connection, &texts).await.map_err(|failure| Failure { usable: false, ..failure })?;
    let client = &connection.client;
    let asked = join_all(further.iter().map(|further| run(client, further)));
    let (found, ended) = join(asked, client.batch_execute("COMMIT")).await;
    for ((slot, _), found) in more.iter().zip(found) {
        for row in found.map_err(|error| Failure::unfinished(&error))?.rows {
            answer.add_more(*slot, &PgRow(&row)).map_err(|error| Failure::of(error, false))?;
        }
    }
    ended.map_err(|error| Failure::unfinished(&error))?;
    Ok(answer.finish())
}

/// Draws numbers, in one round trip.
pub(super) async fn draw(connection: &mut Connection, draws: &[Draw]) -> Result<Vec<Vec<i64>>, Failure> {
    let texts: Vec<_> = draws.iter().map(|draw| &draw.ask).collect();
    let ready = ready(connection, &texts).await?;
    let client = &connection.client;
    // Sessions are read-only by default. What is drawn stays drawn, whatever becomes of the transaction.
    let begin = client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    let run = join_all(ready.iter().map(|ready| run(client, ready)));
    let (begun, (found, ended)) = join(begin, join(run, client.batch_execute("COMMIT"))).await;
    begun.map_err(|error| Failure::unfinished(&error))?;
    ended.map_err(|error| Failure::unfinished(&error))?;
    let numbers = |found: Found| {
        let number = |row: &Row| row.try_get::<_, Option<i64>>(0).ok().flatten();
        found.rows.iter().map(number).collect::<Option<Vec<_>>>().ok_or_else(unnumbered)
    };
    let drawn = found.into_iter().map(|found| {
        let found = found.map_err(|error| Failure::new(&error))?;
        numbers(found).map_err(|error| Failure::of(error, true))
    });
    drawn.collect()
}

fn unnumbered() -> StorageError {
    StorageError::Failed("a table has no sequence for its ids".to_owned())
}

fn add(answer: &mut Answer<'_, '_>, found: &Found) -> Result<(), StorageError> {
    found.rows.iter().try_for_each(|row| answer.add(&PgRow(row)))
}

/// Applies all of a batch or nothing: one round trip where no answer decides what is kept, otherwise two.
pub(super) async fn write(
    connection: &mut Connection,
    steps: &[Step<'_>],
    demands: Demands,
) -> Result<Vec<Rows>, Failure> {
    let texts = steps.iter().map(|step| sql(&step.write)).collect::<Result<Vec<_>, _>>();
    let ready = ready(connection, &texts.map_err(|error| Failure::of(error, true))?).await?;
    let client = &connection.client;
    let begin = client.batch_execute(match demands {
        Demands::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
        _ => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    });
    let run = join_all(ready.iter().map(|ready| run(client, ready)));
    if matches!(demands, Demands::Judged | Demands::Serializable) {
        let (begun, found) = join(begin, run).await;
        return judge(client, steps, begun, found).await;
    }
    let (begun, (found, ended)) = join(begin, join(run, client.batch_execute("COMMIT"))).await;
    let answers = answers(steps, begun, found).map_err(Failure::perhaps_done)?;
    ended.map_err(|error| not_committed(error, steps.len() - 1))?;
    Ok(answers)
}

async fn judge(
    client: &Client,
    steps: &[Step<'_>],
    begun: Result<(), Error>,
    found: Vec<Result<Found, Error>>,
) -> Result<Vec<Rows>, Failure> {
    match answers(steps, begun, found) {
        Ok(answers) => {
            let ended = client.batch_execute("COMMIT").await;
            ended.map_err(|error| not_committed(error, steps.len() - 1))?;
            Ok(answers)
        }
        Err(failure) if failure.usable => {
            let usable = client.batch_execute("ROLLBACK").await.is_ok();
            Err(Failure { usable, ..failure })
        }
        Err(failure) => Err(failure),
    }
}

/// The answers of all statements, or what became of the first that failed or did not find what it should. Those after it ran
/// all the same, so what they say does not count.
fn answers(
    steps: &[Step<'_>],
    begun: Result<(), Error>,
    found: Vec<Result<Found, Error>>,
) -> Result<Vec<Rows>, Failure> {
    // Sessions are read-only by default, so what followed did nothing even if it ran.
    begun.map_err(|error| Failure::unfinished(&error))?;
    // What was found before others crossed it may be about to change.
    let crossed =
        |found: &Result<Found, Error>| found.as_ref().is_err_and(|error| matches!(fault(error), Fault::Crossed));
    if found.iter().any(crossed) {
        return Err(Failure { why: Why::Fault(Fault::Crossed), usable: true });
    }
    let mut answers = Vec::with_capacity(steps.len());
    // Whether all answers came in, so that the connection is free.
    let whole = found.iter().all(|found| found.as_ref().err().is_none_or(leaves_connection));
    for (position, (step, found)) in steps.iter().zip(found).enumerate() {
        let failure = match found {
            Ok(found) => match answer(&step.write, &found) {
                Ok(answer) if step.expect.holds(answer.count) => {
                    answers.push(answer);
                    continue;
                }
                Ok(answer) => Failure { why: Why::Expectation(position, answer.count), usable: true },
                Err(error) => Failure::of(error, true),
            },
            Err(error) if is_constraint(&error) => Failure { why: Why::Constraint(position, error), usable: true },
            Err(error) => Failure::new(&error),
        };
        return Err(Failure { usable: failure.usable && whole, ..failure });
    }
    Ok(answers)
}

/// What it means that a commit failed: only some errors say that nothing was kept.
fn not_committed(error: Error, last: usize) -> Failure {
    if is_constraint(&error) {
        return Failure { why: Why::Constraint(last, error), usable: true };
    }
    match fault(&error) {
        Fault::Crossed => Failure { why: Why::Fault(Fault::Crossed), usable: true },
        _ => Failure::of(StorageError::Unavailable(text(&error)), false),
    }
}

fn answer(write: &Write<'_>, found: &Found) -> Result<Rows, StorageError> {
    Ok(match write {
        Write::Insert { row, .. } => Rows::found(vec![row.clone()]),
        Write::Change { .. } => Rows::counted(found.affected),
        Write::Count { .. } => {
            let count = found.rows.first().and_then(|row| row.try_get::<_, i64>(0).ok());
            let count = count.and_then(|count| u64::try_from(count).ok());
            Rows::counted(count.ok_or_else(|| StorageError::Failed("a count is not a number".to_owned()))?)
        }
        Write::Take { rows, .. } => {
            Rows::found(found.rows.iter().map(|row| rows.row(&PgRow(row))).collect::<Result<_, _>>()?)
        }
        _ => return Err(foreign()),
    })
}

/// Makes statements ready to be sent, so that nothing can keep one of them back.
async fn ready(connection: &mut Connection, sqls: &[&Sql]) -> Result<Vec<Ready>, Failure> {
    let texts: Vec<_> = sqls.iter().map(|sql| sql.text.as_str()).collect();
    let statements = connection.prepare(&texts).await.map_err(|error| Failure::new(&error))?;
    let ready = sqls.iter().zip(statements).map(|(sql, statement)| {
        let params = Encoded::new(&sql.params, statement.params())?;
        Ok(Ready { statement, params })
    });
    ready.collect::<Result<_, _>>().map_err(|error| Failure::of(error, true))
}

async fn run(client: &Client, ready: &Ready) -> Result<Found, Error> {
    let mut stream = std::pin::pin!(client.query_raw(&ready.statement, ready.params.params()).await?);
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row?);
    }
    Ok(Found { rows, affected: stream.rows_affected().unwrap_or_default() })
}

fn sql<'w>(write: &'w Write<'_>) -> Result<&'w Sql, StorageError> {
    match write {
        Write::Insert { run: sql, .. } | Write::Change { run: sql } => Ok(sql),
        Write::Count { ask: sql } | Write::Take { ask: sql, .. } => Ok(sql),
        _ => Err(foreign()),
    }
}

fn foreign() -> StorageError {
    StorageError::Failed("the statement is not for this database".to_owned())
}
