//! Statements of a batch as SQL.

use super::{
    Dialect, Numbering, Param, Sql, Translator,
    filter::{Scope, write_where},
    table::{Records, TableText},
    text::Writer,
    value::encode,
};
use crate::store::{Expect, Filter, Name, Row, Statement, StorageError, Value};

/// A statement of a batch in SQL.
#[derive(Debug)]
#[non_exhaustive]
pub enum Write<'t> {
    /// Run it; the answer is this row.
    Insert {
        /// The statement.
        run: Sql,
        /// The row as stored.
        row: Row,
    },
    /// Run it; the database makes the id, which it answers in the only cell of the result or, in MySQL, as the last insert id.
    /// The answer is the [numbered](Numbering::row) row.
    Number {
        /// The statement.
        run: Sql,
        /// The row without its id.
        numbering: Numbering<'t>,
    },
    /// Run it; the answer is the number of rows it matched.
    Change {
        /// The statement.
        run: Sql,
    },
    /// Ask it; the answer is the number in the only cell.
    Count {
        /// The statement.
        ask: Sql,
    },
    /// Ask it, which removes rows; the answer is the rows of the result.
    Take {
        /// The statement.
        ask: Sql,
        /// How its rows are read.
        rows: Records<'t>,
    },
    /// Ask the first and run the second, for databases that cannot answer what they remove; the answer is the rows of
    /// the first, which it locked.
    LockAndTake {
        /// The question.
        ask: Sql,
        /// How its rows are read.
        rows: Records<'t>,
        /// The removal.
        run: Sql,
    },
}

/// A statement of a batch in SQL, and when it has done what it should.
#[derive(Debug)]
pub struct Step<'t> {
    /// The statement.
    pub write: Write<'t>,
    /// How many rows it must touch.
    pub expect: Expect,
}

pub(super) fn translate(translator: &Translator, statement: Statement) -> Result<Write<'_>, StorageError> {
    let table = translator.table(statement.table())?;
    let out = Writer::new(translator.dialect);
    match statement {
        Statement::Insert { row, .. } => insert(out, table, row),
        Statement::Update { filter, set, .. } => update(out, table, &filter, Vec::new(), set),
        Statement::Increment { filter, by, set, .. } => update(out, table, &filter, by, set),
        Statement::Delete { filter, .. } => Ok(Write::Change { run: delete(out, table, &filter)? }),
        Statement::Consume { filter, .. } => consume(out, table, &filter),
        Statement::Check { filter, .. } => Ok(Write::Count { ask: check(out, table, &filter)? }),
        Statement::Sweep { filter, order, limit, .. } => sweep(out, table, &filter, &order, limit),
    }
}

fn insert(mut out: Writer, table: &TableText, row: Row) -> Result<Write<'_>, StorageError> {
    // PostgreSQL was asked for numbers before.
    if table.shape.numbered() && out.dialect != Dialect::Postgres {
        let (placeholder, record) = table.shape.unnumbered(row)?;
        write_insert(&mut out, table, &record)?;
        if out.dialect == Dialect::Sqlite {
            out.push(&format!(" RETURNING {}", table.columns[table.shape.id()]));
        }
        return Ok(Write::Number { run: out.finish()?, numbering: Numbering::new(table, placeholder, record) });
    }
    let record = table.shape.record(row)?;
    write_insert(&mut out, table, &record)?;
    Ok(Write::Insert { run: out.finish()?, row: table.shape.row(record) })
}

fn write_insert(out: &mut Writer, table: &TableText, record: &[Value]) -> Result<(), StorageError> {
    out.push(&format!("INSERT INTO {} ({}) VALUES (", table.name, table.columns[..record.len()].join(", ")));
    out.separated(", ", record, |out, value| {
        out.bind(encode(out.dialect, value));
        Ok(())
    })?;
    out.push(")");
    Ok(())
}

fn update<'t>(
    mut out: Writer,
    table: &'t TableText,
    filter: &Filter,
    by: Vec<(Name, i64)>,
    set: Row,
) -> Result<Write<'t>, StorageError> {
    let changes = table.shape.changes(by, set)?;
    let steps = changes.add.into_iter().map(|(at, step)| (at, Value::Int(step), true));
    let mut changes: Vec<_> = changes.set.into_iter().map(|(at, value)| (at, value, false)).chain(steps).collect();
    // The order in which a caller names fields must not make another text.
    changes.sort_by_key(|(at, ..)| *at);
    out.push(&format!("UPDATE {} SET ", table.name));
    if changes.is_empty() {
        let id = &table.columns[table.shape.id()];
        out.push(&format!("{id} = {id}"));
    }
    out.separated(", ", &changes, |out, (at, value, adds)| {
        let column = &table.columns[*at];
        out.push(column);
        out.push(" = ");
        if *adds {
            out.push(&format!("coalesce({column}, 0) + "));
        }
        out.bind(encode(out.dialect, value));
        Ok(())
    })?;
    write_where(&mut out, Scope { table, alias: "" }, filter)?;
    Ok(Write::Change { run: out.finish()? })
}

fn delete(mut out: Writer, table: &TableText, filter: &Filter) -> Result<Sql, StorageError> {
    out.push("DELETE FROM ");
    out.push(&table.name);
    write_where(&mut out, Scope { table, alias: "" }, filter)?;
    out.finish()
}

fn consume<'t>(mut out: Writer, table: &'t TableText, filter: &Filter) -> Result<Write<'t>, StorageError> {
    let scope = Scope { table, alias: "" };
    let columns = table.columns.join(", ");
    let rows = Records::new(table, 0);
    if out.dialect == Dialect::MySql {
        let run = delete(Writer::new(out.dialect), table, filter)?;
        out.push(&format!("SELECT {columns} FROM {}", table.name));
        write_where(&mut out, scope, filter)?;
        out.push(" FOR UPDATE");
        return Ok(Write::LockAndTake { ask: out.finish()?, rows, run });
    }
    out.push("DELETE FROM ");
    out.push(&table.name);
    write_where(&mut out, scope, filter)?;
    out.push(&format!(" RETURNING {columns}"));
    Ok(Write::Take { ask: out.finish()?, rows })
}

/// The rows that are counted stay as they are until the batch is through: SQLite has one writer, the others lock them.
/// That no further row appears needs a serializable transaction there.
fn check(mut out: Writer, table: &TableText, filter: &Filter) -> Result<Sql, StorageError> {
    let scope = Scope { table, alias: "" };
    if out.dialect != Dialect::Postgres {
        out.push("SELECT count(*) FROM ");
        out.push(&table.name);
        write_where(&mut out, scope, filter)?;
        if out.dialect == Dialect::MySql {
            out.push(" FOR UPDATE");
        }
        return out.finish();
    }
    out.push(&format!("SELECT count(*) FROM (SELECT 1 FROM {}", table.name));
    write_where(&mut out, scope, filter)?;
    out.push(" FOR UPDATE) AS t");
    out.finish()
}

fn sweep<'t>(
    mut out: Writer,
    table: &'t TableText,
    filter: &Filter,
    order: &str,
    limit: u32,
) -> Result<Write<'t>, StorageError> {
    let scope = Scope { table, alias: "" };
    let key = scope.sort_key(out.dialect, table.shape.sortable(order)?);
    let nested = out.dialect != Dialect::MySql;
    out.push("DELETE FROM ");
    out.push(&table.name);
    if nested {
        let id = &table.columns[table.shape.id()];
        out.push(&format!(" WHERE {id} IN (SELECT {id} FROM {}", table.name));
    }
    write_where(&mut out, scope, filter)?;
    out.push(&format!(" ORDER BY {key}"));
    out.push(out.dialect.direction(crate::store::Direction::Ascending));
    out.push(" LIMIT ");
    out.bind(Param::Int(i64::from(limit)));
    if nested {
        out.push(")");
    }
    Ok(Write::Change { run: out.finish()? })
}
