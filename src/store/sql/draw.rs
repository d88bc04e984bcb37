//! Numbers drawn from PostgreSQL's sequences before a batch is run, so that all of it can be sent without waiting for an answer.

use super::{Dialect, Param, Sql, Translator, text::Writer};
use crate::store::{Assigned, Batch, Name, Statement, StorageError};

/// Numbers that a batch needs for the new rows of one table.
#[derive(Debug)]
pub struct Draw {
    table: Name,
    /// The question; each row of its result has one cell, a number.
    pub ask: Sql,
}

impl Translator {
    /// What to ask for before `batch` is run; nothing where it inserts no rows that the database numbers, or where the database
    /// tells the number of each row as it inserts it.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when a table is not there.
    pub fn draws(&self, batch: &Batch) -> Result<Vec<Draw>, StorageError> {
        let mut counts: Vec<(&Name, i64)> = Vec::new();
        for statement in &batch.statements {
            let Statement::Insert { table, .. } = statement else { continue };
            if self.dialect != Dialect::Postgres || !self.table(table)?.shape.numbered() {
                continue;
            }
            match counts.iter_mut().find(|(known, _)| *known == table) {
                Some((_, count)) => *count += 1,
                None => counts.push((table, 1)),
            }
        }
        let draw = |(name, count): (&Name, i64)| {
            let table = self.table(name)?;
            let mut out = Writer::new(self.dialect);
            out.push("SELECT nextval(pg_get_serial_sequence(");
            out.bind(Param::Text(table.name.clone()));
            out.push("::text, 'id')) FROM generate_series(1, ");
            out.bind(Param::Int(count));
            out.push("::int8)");
            Ok(Draw { table: name.clone(), ask: out.finish()? })
        };
        counts.into_iter().map(draw).collect()
    }

    /// `batch` with the numbers that were drawn, which stand in it wherever placeholders stood.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when there are too few, or when a row has no placeholder.
    pub fn number(&self, mut batch: Batch, drawn: Vec<(Draw, Vec<i64>)>) -> Result<Batch, StorageError> {
        let mut drawn: Vec<_> = drawn.into_iter().map(|(draw, ids)| (draw.table, ids.into_iter())).collect();
        let mut assigned = Assigned::default();
        for statement in &mut batch.statements {
            assigned.settle(statement);
            let Statement::Insert { table, row } = statement else { continue };
            let Some((_, ids)) = drawn.iter_mut().find(|(known, _)| known == table) else { continue };
            let (placeholder, _) = self.table(table)?.shape.unnumbered(row.clone())?;
            let id = ids.next().ok_or_else(|| StorageError::Failed(format!("too few numbers for {table}")))?;
            assigned.note(placeholder, id.to_string());
            row.set("id", id.to_string());
        }
        Ok(batch)
    }
}
