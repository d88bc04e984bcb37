//! Running translated statements on a connection.

use kernia::{
    schema::Schema,
    store::{
        Assigned, Batch, Conflict, ConflictKind, Query, Rows, Statement, StorageError,
        sql::{Cells, Param, Raw, Sql, Translator, Write},
    },
};
use rusqlite::{CachedStatement, Connection, Row, types::ValueRef};

use super::error::{conflict, failure};
use crate::touched::Touched;

/// Why a statement did not run.
enum Refusal {
    /// The database said so.
    Database(rusqlite::Error),
    /// It was said before or after the database was asked.
    Storage(StorageError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Answers `query`.
pub(super) fn read(connection: &Connection, translator: &Translator, query: &Query) -> Result<Rows, StorageError> {
    let read = translator.read(query)?;
    let answer = || {
        let mut answer = read.answer();
        each_row(connection, &read.sql, |cells| answer.add(cells))?;
        for (slot, sql) in answer.more()? {
            each_row(connection, &sql, |cells| answer.add_more(slot, cells))?;
        }
        Ok(answer.finish())
    };
    let outcome = if read.has_more() { in_transaction(connection, "BEGIN", answer) } else { answer() };
    outcome.map_err(|refusal: Refusal| match refusal {
        Refusal::Database(error) => failure(&error),
        Refusal::Storage(error) => error,
    })
}

/// Applies all of `batch` or nothing.
pub(super) fn write(
    connection: &Connection,
    translator: &Translator,
    schema: &Schema,
    batch: Batch,
) -> Result<Vec<Rows>, StorageError> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let apply = || {
        let mut answers = Vec::with_capacity(batch.statements.len());
        let mut assigned = Assigned::default();
        for (position, mut statement) in batch.statements.into_iter().enumerate() {
            assigned.settle(&mut statement);
            answers.push(hold(connection, translator, schema, position, statement, &mut assigned)?);
        }
        Ok(answers)
    };
    in_transaction(connection, "BEGIN IMMEDIATE", apply).map_err(|refusal: Refusal| match refusal {
        Refusal::Database(error) => failure(&error),
        Refusal::Storage(error) => error,
    })
}

/// Runs `act` between `begin` and a commit; a failure takes everything back.
pub(super) fn in_transaction<T, E: From<rusqlite::Error>>(
    connection: &Connection,
    begin: &str,
    act: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    connection.prepare_cached(begin)?.execute([])?;
    let outcome = act().and_then(|done| {
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(done)
    });
    // Some failures have taken everything back already.
    if outcome.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK")?.execute([])?;
    }
    outcome
}

fn hold(
    connection: &Connection,
    translator: &Translator,
    schema: &Schema,
    position: usize,
    statement: Statement,
    assigned: &mut Assigned,
) -> Result<Rows, StorageError> {
    let expect = statement.expect();
    let touched = Touched::by(&statement);
    let answer = perform(connection, translator, statement, assigned).map_err(|refusal| match refusal {
        Refusal::Database(error) => conflict(&touched, schema, position, &error),
        Refusal::Storage(error) => error,
    })?;
    if expect.holds(answer.count) {
        return Ok(answer);
    }
    let kind = ConflictKind::Expectation { found: answer.count };
    Err(StorageError::Conflict(Conflict { statement: position, kind }))
}

fn perform(
    connection: &Connection,
    translator: &Translator,
    statement: Statement,
    assigned: &mut Assigned,
) -> Result<Rows, Refusal> {
    match translator.write(statement)? {
        Write::Insert { run, row } => {
            prepare(connection, &run)?.raw_execute()?;
            Ok(Rows::found(vec![row]))
        }
        Write::Number { run, numbering } => {
            let mut made = None;
            each_row(connection, &run, |cells| {
                if let Raw::Int(number) = cells.cell(0)? {
                    made = Some(number);
                }
                Ok(())
            })?;
            let id = made.ok_or_else(|| StorageError::Failed("the database made no number".to_owned()))?;
            Ok(Rows::found(vec![numbering.row(id, assigned)]))
        }
        Write::Change { run } => Ok(Rows::counted(prepare(connection, &run)?.raw_execute()? as u64)),
        Write::Count { ask } => {
            let mut count = 0;
            each_row(connection, &ask, |cells| {
                if let Raw::Int(number) = cells.cell(0)? {
                    count = u64::try_from(number).unwrap_or_default();
                }
                Ok(())
            })?;
            Ok(Rows::counted(count))
        }
        Write::Take { ask, rows } => {
            let mut taken = Vec::new();
            each_row(connection, &ask, |cells| {
                taken.push(rows.row(cells)?);
                Ok(())
            })?;
            Ok(Rows::found(taken))
        }
        _ => Err(StorageError::Failed("the statement is not for this database".to_owned()).into()),
    }
}

fn each_row(
    connection: &Connection,
    sql: &Sql,
    mut take: impl FnMut(&SqliteRow<'_>) -> Result<(), StorageError>,
) -> Result<(), Refusal> {
    let mut statement = prepare(connection, sql)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        take(&SqliteRow(row))?;
    }
    Ok(())
}

fn prepare<'c>(connection: &'c Connection, sql: &Sql) -> rusqlite::Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(&sql.text)?;
    for (position, param) in sql.params.iter().enumerate() {
        bind(&mut statement, position + 1, param)?;
    }
    Ok(statement)
}

fn bind(statement: &mut CachedStatement<'_>, at: usize, param: &Param) -> rusqlite::Result<()> {
    match param {
        Param::Int(number) => statement.raw_bind_parameter(at, number),
        Param::Real(number) => statement.raw_bind_parameter(at, number),
        Param::Text(text) | Param::Json(text) => statement.raw_bind_parameter(at, text),
        Param::Bool(flag) => statement.raw_bind_parameter(at, flag),
        Param::Date(moment) => statement.raw_bind_parameter(at, moment.to_iso()),
        _ => statement.raw_bind_parameter(at, rusqlite::types::Null),
    }
}

struct SqliteRow<'r>(&'r Row<'r>);

impl Cells for SqliteRow<'_> {
    fn cell(&self, at: usize) -> Result<Raw<'_>, StorageError> {
        let unreadable = || StorageError::Failed("a cell cannot be read".to_owned());
        match self.0.get_ref(at).map_err(|error| failure(&error))? {
            ValueRef::Null => Ok(Raw::Null),
            ValueRef::Integer(number) => Ok(Raw::Int(number)),
            ValueRef::Real(number) => Ok(Raw::Real(number)),
            ValueRef::Text(bytes) => {
                std::str::from_utf8(bytes).map(|text| Raw::Text(text.into())).map_err(|_| unreadable())
            }
            ValueRef::Blob(_) => Err(unreadable()),
        }
    }
}
