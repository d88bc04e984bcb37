//! Queries as one `SELECT`, and its result as rows.

use std::collections::HashMap;

use super::{
    Sql, Translator,
    filter::{Scope, write_list, write_where},
    table::{Records, TableText},
    text::Writer,
    value::{Cells, Raw, encode},
};
use crate::store::{Name, Query, Row, Rows, StorageError, Value, With};

/// How many values one statement for further relations asks for.
const BATCH: usize = 4096;

/// A query in SQL.
///
/// Relations to one row, and the first relation to many, are joined into the one statement. Where more relations to
/// many are asked for, [`Answer::more`] says what else to run, in the same snapshot.
#[derive(Debug)]
pub struct Read<'t> {
    /// The statement.
    pub sql: Sql,
    /// True when the only cell of the result is the answer.
    pub counts: bool,
    translator: &'t Translator,
    main: Records<'t>,
    relations: Vec<Relation<'t>>,
}

#[derive(Debug)]
struct Relation<'t> {
    name: Name,
    table: &'t TableText,
    local: usize,
    foreign: usize,
    /// Where the joined columns start; absent when the rows are asked for afterwards.
    joined: Option<Records<'t>>,
    many: bool,
}

/// The rows of a [`Read`] while they come in.
#[derive(Debug)]
pub struct Answer<'r, 't> {
    read: &'r Read<'t>,
    rows: Vec<Gathered>,
    /// Rows by id, where one row may come several times.
    known: HashMap<String, usize>,
    count: u64,
}

struct Gathered {
    record: Vec<Value>,
    related: Vec<Vec<Row>>,
}

/// Hides the content, which may be secret.
impl std::fmt::Debug for Gathered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gathered").finish_non_exhaustive()
    }
}

pub(super) fn translate<'t>(translator: &'t Translator, query: &Query) -> Result<Read<'t>, StorageError> {
    let table = translator.table(&query.table)?;
    let main = Records::new(table, 0);
    if query.count {
        let mut out = Writer::new(translator.dialect);
        out.push("SELECT count(*) FROM ");
        out.push(&table.name);
        write_where(&mut out, Scope { table, alias: "" }, &query.filter)?;
        return Ok(Read { sql: out.finish()?, counts: true, translator, main, relations: Vec::new() });
    }
    let relations = relate(translator, main, &query.with)?;
    let sql = select(translator, table, &relations, query)?;
    Ok(Read { sql, counts: false, translator, main, relations })
}

/// Decides which relations are joined, and where their columns are.
fn relate<'t>(translator: &'t Translator, main: Records<'t>, with: &[With]) -> Result<Vec<Relation<'t>>, StorageError> {
    let table = main.table();
    let mut next = main.end();
    let mut joined_many = false;
    let mut relations = Vec::with_capacity(with.len());
    for With { name, table: other, local, foreign } in with {
        let other = translator.table(other)?;
        let (local, foreign) = table.shape.joinable(local, &other.shape, foreign)?;
        let many = !other.unique[foreign];
        let records = Records::new(other, next);
        let joined = (!many || !joined_many).then_some(records);
        if joined.is_some() {
            next = records.end();
            joined_many |= many;
        }
        relations.push(Relation { name: name.clone(), table: other, local, foreign, joined, many });
    }
    Ok(relations)
}

fn select(
    translator: &Translator,
    table: &TableText,
    relations: &[Relation<'_>],
    query: &Query,
) -> Result<Sql, StorageError> {
    let scope = Scope { table, alias: "t." };
    let mut out = Writer::new(translator.dialect);
    out.push("SELECT ");
    write_columns(&mut out, table, "t");
    let joined = || relations.iter().enumerate().filter(|(_, relation)| relation.joined.is_some());
    for (number, relation) in joined() {
        out.push(", ");
        write_columns(&mut out, relation.table, &format!("r{number}"));
    }
    out.push(" FROM ");
    // A row that comes several times must not use up the limit.
    let windowed = query.limit.is_some() || query.offset > 0;
    let nested = windowed && joined().any(|(_, relation)| relation.many);
    if nested {
        out.push("(SELECT t.* FROM ");
        out.push(&table.name);
        out.push(" AS t");
        write_where(&mut out, scope, &query.filter)?;
        write_order(&mut out, scope, query)?;
        write_window(&mut out, query);
        out.push(") AS t");
    } else {
        out.push(&table.name);
        out.push(" AS t");
    }
    for (number, relation) in joined() {
        let alias = format!("r{number}");
        out.push(&format!(" LEFT JOIN {} AS {alias} ON {alias}.", relation.table.name));
        out.push(&relation.table.columns[relation.foreign]);
        out.push(" = t.");
        out.push(&table.columns[relation.local]);
    }
    if !nested {
        write_where(&mut out, scope, &query.filter)?;
    }
    write_order(&mut out, scope, query)?;
    if !nested {
        write_window(&mut out, query);
    }
    out.finish()
}

fn write_columns(out: &mut Writer, table: &TableText, alias: &str) {
    for (position, column) in table.columns.iter().enumerate() {
        if position > 0 {
            out.push(", ");
        }
        out.push(alias);
        out.push(".");
        out.push(column);
    }
}

fn write_order(out: &mut Writer, scope: Scope<'_>, query: &Query) -> Result<(), StorageError> {
    if query.order.is_empty() {
        return Ok(());
    }
    out.push(" ORDER BY ");
    out.separated(", ", &query.order, |out, key| {
        let at = scope.table.shape.sortable(&key.field)?;
        out.push(&scope.sort_key(out.dialect, at));
        out.push(out.dialect.direction(key.direction));
        Ok(())
    })
}

fn write_window(out: &mut Writer, query: &Query) {
    match (query.limit, out.dialect.no_limit()) {
        // The limit of nearly every query; others come from outside, and would each make a text of their own.
        (Some(1), _) => out.push(" LIMIT 1"),
        (Some(limit), _) => {
            out.push(" LIMIT ");
            out.bind(super::Param::Int(i64::from(limit)));
        }
        (None, Some(no_limit)) if query.offset > 0 => {
            out.push(" LIMIT ");
            out.push(no_limit);
        }
        (None, _) => {}
    }
    if query.offset > 0 {
        out.push(" OFFSET ");
        out.bind(super::Param::Int(i64::from(query.offset)));
    }
}

impl<'t> Read<'t> {
    /// An answer without rows yet.
    #[must_use]
    pub fn answer(&self) -> Answer<'_, 't> {
        Answer { read: self, rows: Vec::new(), known: HashMap::new(), count: 0 }
    }

    /// True when [`Answer::more`] will ask for more, so that a transaction is needed for all to be of one moment.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.relations.iter().any(|relation| relation.joined.is_none())
    }

    fn repeats(&self) -> bool {
        self.relations.iter().any(|relation| relation.many && relation.joined.is_some())
    }
}

impl<'t> Answer<'_, 't> {
    /// Takes one row of the result of [`Read::sql`].
    ///
    /// # Errors
    /// [`StorageError::Failed`] when a cell does not hold what its field can.
    pub fn add(&mut self, cells: &impl Cells) -> Result<(), StorageError> {
        if self.read.counts {
            self.count = count(cells)?;
            return Ok(());
        }
        let at = self.main(cells)?;
        for (slot, relation) in self.read.relations.iter().enumerate() {
            let Some(records) = relation.joined else { continue };
            let row = &mut self.rows[at];
            // A relation to one comes again with every row of a relation to many.
            let seen = !relation.many && !row.related[slot].is_empty();
            if !seen && !records.value(cells, records.id())?.is_null() {
                row.related[slot].push(records.row(cells)?);
            }
        }
        Ok(())
    }

    /// What else to run, each with the number to give to [`Answer::add_more`].
    ///
    /// # Errors
    /// [`StorageError::Failed`], never for a query that was translated.
    pub fn more(&self) -> Result<Vec<(usize, Sql)>, StorageError> {
        let mut statements = Vec::new();
        for (slot, relation) in self.read.relations.iter().enumerate().filter(|(_, relation)| relation.joined.is_none())
        {
            let mut locals = Vec::new();
            for row in &self.rows {
                let local = &row.record[relation.local];
                if !local.is_null() && !locals.contains(&local) {
                    locals.push(local);
                }
            }
            for values in locals.chunks(BATCH) {
                let mut out = Writer::new(self.read.translator.dialect);
                let params: Vec<_> = values.iter().map(|value| encode(out.dialect, value)).collect();
                out.push("SELECT ");
                write_columns(&mut out, relation.table, "t");
                out.push(&format!(" FROM {} AS t WHERE ", relation.table.name));
                write_list(&mut out, Scope { table: relation.table, alias: "t." }, relation.foreign, &params, false);
                statements.push((slot, out.finish()?));
            }
        }
        Ok(statements)
    }

    /// Takes one row of the result of the statement that [`Answer::more`] numbered `slot`.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when a cell does not hold what its field can.
    pub fn add_more(&mut self, slot: usize, cells: &impl Cells) -> Result<(), StorageError> {
        let Some(relation) = self.read.relations.get(slot) else { return Ok(()) };
        let records = Records::new(relation.table, 0);
        let value = records.value(cells, relation.foreign)?;
        let related = records.row(cells)?;
        for row in self.rows.iter_mut().filter(|row| row.record[relation.local] == value) {
            row.related[slot].push(related.clone());
        }
        Ok(())
    }

    /// All that came in.
    #[must_use]
    pub fn finish(self) -> Rows {
        if self.read.counts {
            return Rows::counted(self.count);
        }
        let rows = self.rows.into_iter().map(|Gathered { record, related }| {
            let mut row = self.read.main.make(record);
            for (relation, rows) in self.read.relations.iter().zip(related) {
                row.attach(relation.name.clone(), rows);
            }
            row
        });
        Rows::found(rows.collect())
    }

    /// The position of the row that `cells` hold, which may have come before.
    fn main(&mut self, cells: &impl Cells) -> Result<usize, StorageError> {
        let main = self.read.main;
        let repeats = self.read.repeats();
        if repeats
            && let Some(id) = key(&main.value(cells, main.id())?)
            && let Some(at) = self.known.get(&id)
        {
            return Ok(*at);
        }
        let record = main.record(cells)?;
        if repeats && let Some(id) = record.get(main.id()).and_then(key) {
            self.known.insert(id, self.rows.len());
        }
        self.rows.push(Gathered { record, related: vec![Vec::new(); self.read.relations.len()] });
        Ok(self.rows.len() - 1)
    }
}

/// What tells one id from another.
fn key(id: &Value) -> Option<String> {
    match id {
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The number in the only cell of a result.
pub(super) fn count(cells: &impl Cells) -> Result<u64, StorageError> {
    match cells.cell(0)? {
        Raw::Int(number) => Ok(u64::try_from(number).unwrap_or_default()),
        _ => Err(StorageError::Failed("a count is not a number".to_owned())),
    }
}
