//! Running translated statements on a connection, one after the other: the protocol has no flights.

use kernia::store::{
    Assigned, Rows, Statement, StorageError,
    sql::{Demands, Fault, Read, Sql, Translator, Write},
};
use mysql_async::{Conn, Error, Row, prelude::Queryable as _};

use super::{
    error::{Violated, fault, leaves_connection, text, violated},
    value::{MySqlRow, params},
};
use crate::touched::Touched;

/// A statement of a batch.
pub(super) struct Step {
    pub(super) statement: Statement,
    pub(super) touched: Touched,
}

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
    Constraint(usize, Violated),
    /// The statement at this position found so many rows.
    Expectation(usize, u64),
}

impl Failure {
    fn new(error: &Error) -> Self {
        Self { why: Why::Fault(fault(error)), usable: leaves_connection(error) }
    }

    fn of(error: StorageError) -> Self {
        Self { why: Why::Fault(Fault::Final(error)), usable: true }
    }

    fn at(position: usize, error: &Error) -> Self {
        match violated(error) {
            Some(constraint) => Self { why: Why::Constraint(position, constraint), usable: true },
            None => Self::new(error),
        }
    }

    /// The same of a statement that was kept as soon as it was done, though nothing may have been heard of it.
    fn perhaps_done(self) -> Self {
        match self.why {
            Why::Fault(Fault::Stale(error @ StorageError::Unavailable(_))) => Self { usable: false, ..Self::of(error) },
            _ => self,
        }
    }
}

/// Answers a read: one round trip, unless there is more to ask.
pub(super) async fn read(conn: &mut Conn, read: &Read<'_>) -> Result<Rows, Failure> {
    // A connection on which a transaction is open is not used again.
    let unfinished = |failure: Failure| Failure { usable: false, ..failure };
    if read.has_more() {
        let begin =
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
        conn.query_drop(begin).await.map_err(|error| unfinished(Failure::new(&error)))?;
    }
    let mut answer = read.answer();
    let outcome = async {
        let (rows, _) = run(conn, &read.sql).await.map_err(|error| Failure::new(&error))?;
        rows.iter().try_for_each(|row| answer.add(&MySqlRow(row))).map_err(Failure::of)?;
        for (slot, sql) in answer.more().map_err(Failure::of)? {
            let (rows, _) = run(conn, &sql).await.map_err(|error| Failure::new(&error))?;
            rows.iter().try_for_each(|row| answer.add_more(slot, &MySqlRow(row))).map_err(Failure::of)?;
        }
        if read.has_more() {
            conn.query_drop("COMMIT").await.map_err(|error| Failure::new(&error))?;
        }
        Ok(answer.finish())
    };
    outcome.await.map_err(|failure| if read.has_more() { unfinished(failure) } else { failure })
}

/// Applies all of a batch or nothing.
pub(super) async fn write(
    conn: &mut Conn,
    translator: &Translator,
    steps: &[Step],
    demands: Demands,
) -> Result<Vec<Rows>, Failure> {
    if demands == Demands::Alone && steps.len() == 1 {
        return hold_all(conn, translator, steps).await.map_err(Failure::perhaps_done);
    }
    let begin = match demands {
        Demands::Serializable => "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION",
        _ => "START TRANSACTION",
    };
    conn.query_drop(begin).await.map_err(|error| Failure { usable: false, ..Failure::new(&error) })?;
    match hold_all(conn, translator, steps).await {
        Ok(answers) => {
            conn.query_drop("COMMIT").await.map_err(|error| not_committed(&error))?;
            Ok(answers)
        }
        Err(failure) if failure.usable => {
            let usable = conn.query_drop("ROLLBACK").await.is_ok();
            Err(Failure { usable, ..failure })
        }
        Err(failure) => Err(failure),
    }
}

/// Each statement is translated when its turn comes: it may name rows that the database has numbered by then.
async fn hold_all(conn: &mut Conn, translator: &Translator, steps: &[Step]) -> Result<Vec<Rows>, Failure> {
    let mut answers = Vec::with_capacity(steps.len());
    let mut assigned = Assigned::default();
    for (position, step) in steps.iter().enumerate() {
        let mut statement = step.statement.clone();
        assigned.settle(&mut statement);
        let expect = statement.expect();
        let write = translator.write(statement).map_err(Failure::of)?;
        let answer = perform(conn, position, write, &mut assigned).await?;
        if !expect.holds(answer.count) {
            return Err(Failure { why: Why::Expectation(position, answer.count), usable: true });
        }
        answers.push(answer);
    }
    Ok(answers)
}

async fn perform(conn: &mut Conn, position: usize, write: Write<'_>, assigned: &mut Assigned) -> Result<Rows, Failure> {
    let at = |error: Error| Failure::at(position, &error);
    Ok(match write {
        Write::Insert { run: sql, row } => {
            run(conn, &sql).await.map_err(at)?;
            Rows::found(vec![row])
        }
        Write::Number { run: sql, numbering } => {
            run(conn, &sql).await.map_err(at)?;
            let made = conn.last_insert_id().and_then(|id| i64::try_from(id).ok());
            let failed = || Failure::of(StorageError::Failed("the database made no number".to_owned()));
            Rows::found(vec![numbering.row(made.ok_or_else(failed)?, assigned)])
        }
        Write::Change { run: sql } => Rows::counted(run(conn, &sql).await.map_err(at)?.1),
        Write::Count { ask } => {
            let (rows, _) = run(conn, &ask).await.map_err(at)?;
            let count = rows.first().and_then(|row| row.get(0));
            Rows::counted(count.ok_or_else(|| Failure::of(StorageError::Failed("a count is not a number".to_owned())))?)
        }
        Write::LockAndTake { ask, rows: records, run: sql } => {
            let (rows, _) = run(conn, &ask).await.map_err(at)?;
            let taken: Result<Vec<_>, _> = rows.iter().map(|row| records.row(&MySqlRow(row))).collect();
            let (_, removed) = run(conn, &sql).await.map_err(at)?;
            // A row that appeared in between was removed unseen.
            if removed != rows.len() as u64 {
                return Err(Failure { why: Why::Fault(Fault::Crossed), usable: true });
            }
            Rows::found(taken.map_err(Failure::of)?)
        }
        _ => return Err(Failure::of(StorageError::Failed("the statement is not for this database".to_owned()))),
    })
}

/// What it means that a commit failed: only some errors say that nothing was kept.
fn not_committed(error: &Error) -> Failure {
    match fault(error) {
        Fault::Crossed => Failure { why: Why::Fault(Fault::Crossed), usable: true },
        _ => Failure { usable: false, ..Failure::of(StorageError::Unavailable(text(error))) },
    }
}

/// The rows of a statement, and how many it changed.
async fn run(conn: &mut Conn, sql: &Sql) -> Result<(Vec<Row>, u64), Error> {
    let mut result = conn.exec_iter(sql.text.as_str(), params(&sql.params)).await?;
    let rows = result.collect().await?;
    let affected = result.affected_rows();
    result.drop_result().await?;
    Ok((rows, affected))
}
