//! Running translated statements on a connection, one after the other.

use kernia::store::{
    Rows, StorageError,
    sql::{Answer, Demands, Draw, Fault, Read, Sql, Step, Write},
};
use sqlx::{
    AssertSqlSafe, Connection as _, Error, Executor as _, PgConnection, Postgres, Row as _, SqlSafeStr as _,
    Statement as _,
    postgres::{PgArguments, PgRow, PgStatement},
    query::Query,
};

use crate::{
    error::{decided, fault, is_constraint},
    value::{Record, arguments},
};

/// Why an access failed.
pub(crate) enum Why {
    /// Decided without more to ask.
    Fault(Fault),
    /// A constraint was violated by the statement at this position.
    Constraint(usize, Error),
    /// The statement at this position found so many rows.
    Expectation(usize, u64),
}

impl From<Error> for Why {
    fn from(error: Error) -> Self {
        Self::Fault(fault(&error))
    }
}

impl From<StorageError> for Why {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// Answers a read, from one snapshot.
pub(crate) async fn read(conn: &mut PgConnection, read: &Read<'_>) -> Result<Rows, Why> {
    let mut answer = read.answer();
    if !read.has_more() {
        add(&mut answer, &ask(conn, &read.sql).await?)?;
        return Ok(answer.finish());
    }
    let mut snapshot = conn.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    add(&mut answer, &ask(&mut snapshot, &read.sql).await?)?;
    for (slot, sql) in answer.more()? {
        for row in ask(&mut snapshot, &sql).await? {
            answer.add_more(slot, &Record(&row))?;
        }
    }
    snapshot.commit().await?;
    Ok(answer.finish())
}

fn add(answer: &mut Answer<'_, '_>, rows: &[PgRow]) -> Result<(), StorageError> {
    rows.iter().try_for_each(|row| answer.add(&Record(row)))
}

/// Draws numbers.
pub(crate) async fn draw(conn: &mut PgConnection, draws: &[Draw]) -> Result<Vec<Vec<i64>>, Why> {
    let mut drawn = Vec::with_capacity(draws.len());
    for draw in draws {
        let number = |row: &PgRow| row.try_get::<Option<i64>, _>(0).ok().flatten().ok_or_else(unnumbered);
        drawn.push(ask(conn, &draw.ask).await?.iter().map(number).collect::<Result<_, _>>()?);
    }
    Ok(drawn)
}

fn unnumbered() -> StorageError {
    StorageError::Failed("a table has no sequence for its ids".to_owned())
}

/// Applies all of a batch or nothing.
///
/// A statement alone has its transaction too: on a connection where one was left open, it would be done in that, which nobody
/// commits; like this, it is committed.
pub(crate) async fn write(conn: &mut PgConnection, steps: &[Step<'_>], demands: Demands) -> Result<Vec<Rows>, Why> {
    let mut transaction = conn
        .begin_with(match demands {
            Demands::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
            _ => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        })
        .await?;
    match apply(&mut transaction, steps).await {
        Ok(answers) => {
            transaction.commit().await.map_err(|error| not_committed(error, steps.len() - 1))?;
            Ok(answers)
        }
        Err(why) => {
            // Where this fails the connection is of no more use, and what was done ends with it.
            _ = transaction.rollback().await;
            Err(why)
        }
    }
}

async fn apply(conn: &mut PgConnection, steps: &[Step<'_>]) -> Result<Vec<Rows>, Why> {
    let mut answers = Vec::with_capacity(steps.len());
    for (position, step) in steps.iter().enumerate() {
        let answer = match answer(conn, &step.write).await {
            Err(Failed::Driver(error)) if is_constraint(&error) => return Err(Why::Constraint(position, error)),
            Err(Failed::Driver(error)) => return Err(error.into()),
            Err(Failed::Decided(error)) => return Err(error.into()),
            Ok(answer) => answer,
        };
        if !step.expect.holds(answer.count) {
            return Err(Why::Expectation(position, answer.count));
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// What it means that a commit failed: only some errors say that nothing was kept.
fn not_committed(error: Error, last: usize) -> Why {
    if is_constraint(&error) {
        return Why::Constraint(last, error);
    }
    match fault(&error) {
        Fault::Crossed => Why::Fault(Fault::Crossed),
        _ => StorageError::Unavailable(decided(&error).to_string()).into(),
    }
}

/// Why a statement failed.
enum Failed {
    Driver(Error),
    Decided(StorageError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl From<StorageError> for Failed {
    fn from(error: StorageError) -> Self {
        Self::Decided(error)
    }
}

impl From<Failed> for Why {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Driver(error) => error.into(),
            Failed::Decided(error) => error.into(),
        }
    }
}

async fn answer(conn: &mut PgConnection, write: &Write<'_>) -> Result<Rows, Failed> {
    Ok(match write {
        Write::Insert { run: sql, row } => {
            run(conn, sql).await?;
            Rows::found(vec![row.clone()])
        }
        Write::Change { run: sql } => Rows::counted(run(conn, sql).await?),
        Write::Count { ask: sql } => {
            let rows = ask(conn, sql).await?;
            let count = rows.first().and_then(|row| row.try_get::<i64, _>(0).ok());
            let count = count.and_then(|count| u64::try_from(count).ok());
            Rows::counted(count.ok_or_else(|| StorageError::Failed("a count is not a number".to_owned()))?)
        }
        Write::Take { ask: sql, rows } => {
            let taken = ask(conn, sql).await?;
            Rows::found(taken.iter().map(|row| rows.row(&Record(row))).collect::<Result<_, _>>()?)
        }
        _ => return Err(StorageError::Failed("the statement is not for this database".to_owned()).into()),
    })
}

/// The rows of a result.
async fn ask(conn: &mut PgConnection, sql: &Sql) -> Result<Vec<PgRow>, Failed> {
    let statement = prepare(conn, sql).await?;
    Ok(query(&statement, sql)?.fetch_all(conn).await?)
}

/// How many rows a statement touched.
async fn run(conn: &mut PgConnection, sql: &Sql) -> Result<u64, Failed> {
    let statement = prepare(conn, sql).await?;
    Ok(query(&statement, sql)?.execute(conn).await?.rows_affected())
}

/// The statement, from sqlx's cache if it is there. The server decides the types of its parameters, as their columns have them.
async fn prepare(conn: &mut PgConnection, sql: &Sql) -> Result<PgStatement, Error> {
    conn.prepare(AssertSqlSafe(sql.text.clone()).into_sql_str()).await
}

fn query<'s>(statement: &'s PgStatement, sql: &Sql) -> Result<Query<'s, Postgres, PgArguments>, StorageError> {
    Ok(statement.query_with(arguments(statement, &sql.params)?))
}
