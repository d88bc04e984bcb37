//! Applying a batch: each change is noted, so that all of them can be taken back.

use super::{
    filter::{Test, order},
    index::{Record, Sequence},
    plan::{Plan, TablePlan},
    table::TableRows,
};
use crate::{
    schema::OnDelete,
    store::{Assigned, Batch, Conflict, ConflictKind, Filter, Name, Row, Rows, Statement, StorageError, Value},
};

/// A batch being applied to tables that nobody else sees meanwhile.
pub(super) struct Change<'s> {
    plan: &'s Plan,
    tables: &'s mut [TableRows],
    journal: Vec<(usize, Sequence, Option<Record>)>,
    assigned: Assigned,
}

/// Why a statement was refused.
enum Refusal {
    Conflict(ConflictKind),
    Failed(StorageError),
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        Self::Failed(error)
    }
}

impl<'s> Change<'s> {
    /// Applies all of `batch`, or nothing.
    pub(super) fn apply(plan: &'s Plan, tables: &'s mut [TableRows], batch: Batch) -> Result<Vec<Rows>, StorageError> {
        let mut change = Self { plan, tables, journal: Vec::new(), assigned: Assigned::default() };
        let mut answers = Vec::with_capacity(batch.statements.len());
        for (position, mut statement) in batch.statements.into_iter().enumerate() {
            change.assigned.settle(&mut statement);
            match change.hold(statement) {
                Ok(answer) => answers.push(answer),
                Err(refusal) => {
                    change.undo();
                    return Err(match refusal {
                        Refusal::Conflict(kind) => StorageError::Conflict(Conflict { statement: position, kind }),
                        Refusal::Failed(error) => error,
                    });
                }
            }
        }
        Ok(answers)
    }

    fn hold(&mut self, statement: Statement) -> Result<Rows, Refusal> {
        let expect = statement.expect();
        let answer = self.perform(statement)?;
        if expect.holds(answer.count) {
            return Ok(answer);
        }
        Err(Refusal::Conflict(ConflictKind::Expectation { found: answer.count }))
    }

    fn perform(&mut self, statement: Statement) -> Result<Rows, Refusal> {
        let table = self.plan.table(statement.table())?;
        match statement {
            Statement::Insert { row, .. } => self.insert(table, row),
            Statement::Update { filter, set, .. } => self.update(table, &filter, Vec::new(), set),
            Statement::Increment { filter, by, set, .. } => self.update(table, &filter, by, set),
            Statement::Delete { filter, .. } => Ok(Rows::counted(self.remove_all(table, &filter)?.count)),
            Statement::Consume { filter, .. } => self.remove_all(table, &filter),
            Statement::Check { filter, .. } => Ok(Rows::counted(self.matching(table, &filter)?.len() as u64)),
            Statement::Sweep { filter, order, limit, .. } => self.sweep(table, &filter, &order, limit),
        }
    }

    fn insert(&mut self, table: usize, row: Row) -> Result<Rows, Refusal> {
        let shape = &self.table(table).shape;
        let sequence;
        let record = if shape.numbered() {
            let (placeholder, mut record) = shape.unnumbered(row)?;
            sequence = self.tables[table].next();
            let id = i64::try_from(sequence).unwrap_or(i64::MAX);
            record.push(Value::Int(id));
            self.assigned.note(placeholder, id.to_string());
            record
        } else {
            let record = shape.record(row)?;
            sequence = self.tables[table].next();
            record
        };
        self.put(table, sequence, record.clone())?;
        self.hold_references(table, sequence, None)?;
        Ok(Rows::found(vec![self.table(table).shape.row(record)]))
    }

    fn update(&mut self, table: usize, filter: &Filter, by: Vec<(Name, i64)>, set: Row) -> Result<Rows, Refusal> {
        let shape = &self.table(table).shape;
        let changes = shape.changes(by, set)?;
        let matching = self.matching(table, filter)?;
        let mut before = Vec::with_capacity(matching.len());
        for sequence in matching {
            let Some(mut record) = self.tables[table].get(sequence).cloned() else {
                continue;
            };
            for (at, value) in &changes.set {
                record[*at] = value.clone();
            }
            for (at, step) in &changes.add {
                record[*at] = shape.admit(*at, added(&record[*at], *step)?)?;
            }
            before.push((sequence, self.put(table, sequence, record)?));
        }
        for (sequence, old) in &before {
            self.hold_references(table, *sequence, old.as_ref())?;
        }
        Ok(Rows::counted(before.len() as u64))
    }

    fn remove_all(&mut self, table: usize, filter: &Filter) -> Result<Rows, Refusal> {
        let mut removed = Vec::new();
        for sequence in self.matching(table, filter)? {
            if let Some(record) = self.remove(table, sequence)? {
                removed.push(self.table(table).shape.row(record));
            }
        }
        Ok(Rows::found(removed))
    }

    fn sweep(&mut self, table: usize, filter: &Filter, by: &str, limit: u32) -> Result<Rows, Refusal> {
        let shape = &self.table(table).shape;
        let at = shape.sortable(by)?;
        let test = Test::new(shape, filter)?;
        let mut matching = self.tables[table].select(&test, usize::MAX);
        matching.sort_by(|(_, left), (_, right)| order(&left[at], &right[at]));
        let first: Vec<_> = matching.into_iter().take(limit as usize).map(|(sequence, _)| sequence).collect();
        for sequence in &first {
            self.remove(table, *sequence)?;
        }
        Ok(Rows::counted(first.len() as u64))
    }

    /// Stores a row, holding it to unique fields, and answers what was there.
    fn put(&mut self, table: usize, sequence: Sequence, record: Record) -> Result<Option<Record>, Refusal> {
        if let Some(fields) = self.tables[table].clash(sequence, &record) {
            let shape = &self.table(table).shape;
            let (table, field) = (shape.table().clone(), shape.name(fields[0]).clone());
            return Err(Refusal::Conflict(ConflictKind::Unique { table, field }));
        }
        Ok(self.note(table, sequence, Some(record)))
    }

    /// Holds a stored row, which was `old` before, to the rows that it points at and that point at it.
    fn hold_references(&self, table: usize, sequence: Sequence, old: Option<&Record>) -> Result<(), Refusal> {
        let plan = self.table(table);
        let Some(record) = self.tables[table].get(sequence) else {
            return Ok(());
        };
        for link in &plan.parents {
            let pointer = &record[link.at];
            if !pointer.is_null() && self.rows_with(link.table, link.field, pointer).is_empty() {
                return Err(self.reference(table));
            }
        }
        let Some(old) = old else { return Ok(()) };
        for link in &plan.children {
            let (before, after) = (&old[link.at], &record[link.at]);
            if before != after && !self.rows_with(link.table, link.field, before).is_empty() {
                return Err(self.reference(link.table));
            }
        }
        Ok(())
    }

    /// Removes a row and what goes with it.
    fn remove(&mut self, table: usize, sequence: Sequence) -> Result<Option<Record>, Refusal> {
        let Some(record) = self.note(table, sequence, None) else {
            return Ok(None);
        };
        for link in &self.table(table).children {
            for child in self.rows_with(link.table, link.field, &record[link.at]).to_vec() {
                match link.on_delete {
                    OnDelete::Cascade => {
                        self.remove(link.table, child)?;
                    }
                    OnDelete::SetNull => {
                        let Some(mut orphan) = self.tables[link.table].get(child).cloned() else {
                            continue;
                        };
                        orphan[link.field] = self.table(link.table).shape.admit(link.field, Value::Null)?;
                        self.note(link.table, child, Some(orphan));
                    }
                    OnDelete::Restrict => return Err(self.reference(link.table)),
                }
            }
        }
        Ok(Some(record))
    }

    fn matching(&self, table: usize, filter: &Filter) -> Result<Vec<Sequence>, StorageError> {
        let test = Test::new(&self.table(table).shape, filter)?;
        Ok(self.tables[table].select(&test, usize::MAX).into_iter().map(|(sequence, _)| sequence).collect())
    }

    fn rows_with(&self, table: usize, field: usize, value: &Value) -> &[Sequence] {
        match self.tables[table].index(field) {
            Some(index) if !value.is_null() => index.find(value),
            _ => &[],
        }
    }

    fn reference(&self, table: usize) -> Refusal {
        Refusal::Conflict(ConflictKind::Reference { table: self.table(table).shape.table().clone() })
    }

    fn table(&self, table: usize) -> &'s TablePlan {
        &self.plan.tables[table]
    }

    fn note(&mut self, table: usize, sequence: Sequence, record: Option<Record>) -> Option<Record> {
        let old = self.tables[table].put(sequence, record);
        self.journal.push((table, sequence, old.clone()));
        old
    }

    fn undo(&mut self) {
        while let Some((table, sequence, old)) = self.journal.pop() {
            self.tables[table].put(sequence, old);
        }
    }
}

fn added(value: &Value, step: i64) -> Result<Value, StorageError> {
    match value {
        Value::Null => Ok(Value::Int(step)),
        Value::Float(number) => Ok(Value::Float(number + step as f64)),
        Value::Int(number) => match number.checked_add(step) {
            Some(sum) => Ok(Value::Int(sum)),
            None => Err(StorageError::Failed("a counter left the range of 64 bits".to_owned())),
        },
        _ => Err(StorageError::Failed("only numbers can be counted".to_owned())),
    }
}
