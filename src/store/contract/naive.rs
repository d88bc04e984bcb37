//! The contract said a second time, as plainly as possible: no index, no journal, constraints checked over everything after
//! each statement. The memory store is held against it.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use async_trait::async_trait;

use crate::{
    schema::{OnDelete, Schema},
    store::{
        Assigned, Batch, CaseMode, Conflict, ConflictKind, Direction, Filter, Name, Op, Query, Row, Rows, Statement,
        Storage, StorageError, Value, shape::Shape,
    },
};

/// A [`Storage`] that is too slow to be wrong. It gives no number twice, whatever the table.
pub struct NaiveStore {
    schema: Schema,
    tables: Mutex<Tables>,
    numbers: AtomicI64,
}

type Tables = BTreeMap<Name, Vec<Row>>;

enum Refusal {
    Conflict(ConflictKind),
    Failed(StorageError),
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        Self::Failed(error)
    }
}

impl From<ConflictKind> for Refusal {
    fn from(kind: ConflictKind) -> Self {
        Self::Conflict(kind)
    }
}

impl NaiveStore {
    /// An empty store of the tables of `schema`.
    #[must_use]
    pub fn new(schema: Schema) -> Self {
        let tables = schema.tables().iter().map(|table| (table.name.clone(), Vec::new())).collect();
        Self { schema, tables: Mutex::new(tables), numbers: AtomicI64::new(1) }
    }

    fn shape(&self, table: &str) -> Result<Shape, StorageError> {
        let table = self.schema.table(table).ok_or_else(|| StorageError::Failed("no such table".to_owned()))?;
        Ok(Shape::of(table))
    }

    fn matching(&self, tables: &Tables, table: &Name, filter: &Filter) -> Result<Vec<Row>, StorageError> {
        let shape = self.shape(table)?;
        accepts(&shape, &kept(&shape, vec![Value::Null; shape.len()]), filter)?;
        let mut rows = Vec::new();
        for row in &tables[table] {
            if accepts(&shape, row, filter)? {
                rows.push(row.clone());
            }
        }
        Ok(rows)
    }

    fn perform(&self, tables: &mut Tables, mut statement: Statement, assigned: &mut Assigned) -> Result<Rows, Refusal> {
        assigned.settle(&mut statement);
        let table = statement.table().clone();
        let shape = self.shape(&table)?;
        let removes =
            matches!(statement, Statement::Delete { .. } | Statement::Consume { .. } | Statement::Sweep { .. });
        let answer = match statement {
            Statement::Insert { row, .. } => {
                let record = if shape.numbered() {
                    let (placeholder, mut record) = shape.unnumbered(row)?;
                    let id = self.numbers.fetch_add(1, Relaxed);
                    assigned.note(placeholder, id.to_string());
                    record.push(id.into());
                    record
                } else {
                    shape.record(row)?
                };
                rows_of(tables, &table).push(kept(&shape, record.clone()));
                Rows::found(vec![shape.row(record)])
            }
            Statement::Update { filter, set, .. } => self.change(tables, &table, &filter, &[], set)?,
            Statement::Increment { filter, by, set, .. } => self.change(tables, &table, &filter, &by, set)?,
            Statement::Check { filter, .. } => Rows::counted(self.matching(tables, &table, &filter)?.len() as u64),
            Statement::Delete { filter, .. } => {
                let gone = self.matching(tables, &table, &filter)?;
                rows_of(tables, &table).retain(|row| !gone.contains(row));
                Rows::counted(gone.len() as u64)
            }
            Statement::Consume { filter, .. } => {
                let gone = self.matching(tables, &table, &filter)?;
                rows_of(tables, &table).retain(|row| !gone.contains(row));
                Rows::found(gone.into_iter().map(|row| shown(&shape, row)).collect())
            }
            Statement::Sweep { filter, order, limit, .. } => {
                shape.sortable(&order)?;
                let mut gone = self.matching(tables, &table, &filter)?;
                gone.sort_by(|left, right| compare(left.get(&order), right.get(&order)));
                gone.truncate(limit as usize);
                rows_of(tables, &table).retain(|row| !gone.contains(row));
                Rows::counted(gone.len() as u64)
            }
        };
        self.hold_unique(tables)?;
        self.hold_references(tables, removes)?;
        Ok(answer)
    }

    fn change(
        &self,
        tables: &mut Tables,
        table: &Name,
        filter: &Filter,
        by: &[(Name, i64)],
        set: Row,
    ) -> Result<Rows, Refusal> {
        let shape = self.shape(table)?;
        let mut changes = Vec::new();
        for (name, value) in set {
            let at = shape.settable(&name)?;
            changes.push((name, shape.admit(at, value)?));
        }
        for (name, _) in by {
            shape.countable(name)?;
            let mentions = by.iter().map(|(other, _)| other).chain(changes.iter().map(|(other, _)| other));
            if mentions.filter(|other| *other == name).count() > 1 {
                return Err(StorageError::Failed("changed twice".to_owned()).into());
            }
        }
        let matching = self.matching(tables, table, filter)?;
        for row in rows_of(tables, table).iter_mut().filter(|row| matching.contains(row)) {
            for (name, value) in &changes {
                row.set(name.clone(), value.clone());
            }
            for (name, step) in by {
                let sum = match row.get(name) {
                    Value::Int(number) => Value::Int(number + step),
                    Value::Float(number) => Value::Float(number + *step as f64),
                    _ => Value::Int(*step),
                };
                row.set(name.clone(), shape.admit(shape.position(name)?, sum)?);
            }
        }
        Ok(Rows::counted(matching.len() as u64))
    }

    /// Finds rows that point at nothing, and lets them follow what was removed, or refuses.
    fn hold_references(&self, tables: &mut Tables, removes: bool) -> Result<(), Refusal> {
        let mut settled = false;
        while !settled {
            settled = true;
            for table in self.schema.tables() {
                for field in &table.fields {
                    let Some(reference) = &field.references else { continue };
                    let targets: Vec<_> =
                        tables[&reference.table].iter().map(|row| row.get(&reference.field).clone()).collect();
                    let lost = |row: &Row| !row.get(&field.name).is_null() && !targets.contains(row.get(&field.name));
                    if !tables[&table.name].iter().any(lost) {
                        continue;
                    }
                    if !removes || reference.on_delete == OnDelete::Restrict {
                        return Err(ConflictKind::Reference { table: table.name.clone() }.into());
                    }
                    settled = false;
                    let rows = rows_of(tables, &table.name);
                    match reference.on_delete {
                        OnDelete::Cascade => rows.retain(|row| !lost(row)),
                        _ => rows
                            .iter_mut()
                            .filter(|row| lost(row))
                            .for_each(|row| row.set(field.name.clone(), Value::Null)),
                    }
                }
            }
        }
        Ok(())
    }

    fn hold_unique(&self, tables: &Tables) -> Result<(), Refusal> {
        for table in self.schema.tables() {
            let single = table.fields.iter().filter(|field| field.unique).map(|field| vec![field.name.clone()]);
            let several = table.indexes.iter().filter(|index| index.unique).map(|index| index.fields.clone());
            for fields in single.chain(several).chain([vec![Name::constant("id")]]) {
                let key = |row: &Row| fields.iter().map(|field| row.get(field).clone()).collect::<Vec<_>>();
                let mut seen = Vec::new();
                for key in tables[&table.name].iter().map(key).filter(|key| !key.contains(&Value::Null)) {
                    if seen.contains(&key) {
                        return Err(ConflictKind::Unique { table: table.name.clone(), field: fields[0].clone() }.into());
                    }
                    seen.push(key);
                }
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for NaiveStore {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let shape = self.shape(&query.table)?;
        let mut rows = self.matching(&tables, &query.table, &query.filter)?;
        if query.count {
            return Ok(Rows::counted(rows.len() as u64));
        }
        for key in query.order.iter().rev() {
            shape.sortable(&key.field)?;
            rows.sort_by(|left, right| {
                let order = compare(left.get(&key.field), right.get(&key.field));
                if key.direction == Direction::Descending { order.reverse() } else { order }
            });
        }
        let take = query.limit.map_or(usize::MAX, |limit| limit as usize);
        let rows: Vec<_> = rows.into_iter().skip(query.offset as usize).take(take).collect();
        let mut answer: Vec<_> = rows.iter().map(|row| shown(&shape, row.clone())).collect();
        for with in &query.with {
            let other = self.shape(&with.table)?;
            shape.joinable(&with.local, &other, &with.foreign)?;
            for (row, kept) in answer.iter_mut().zip(&rows) {
                let local = kept.get(&with.local);
                let related =
                    tables[&with.table].iter().filter(|row| !local.is_null() && row.get(&with.foreign) == local);
                row.attach(with.name.clone(), related.map(|row| shown(&other, row.clone())).collect());
            }
        }
        Ok(Rows::found(answer))
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = tables.clone();
        let mut answers = Vec::new();
        let mut assigned = Assigned::default();
        for (statement, change) in batch.statements.into_iter().enumerate() {
            let expect = change.expect();
            let refusal = match self.perform(&mut changed, change, &mut assigned) {
                Ok(answer) if expect.holds(answer.count) => {
                    answers.push(answer);
                    continue;
                }
                Ok(answer) => ConflictKind::Expectation { found: answer.count },
                Err(Refusal::Conflict(kind)) => kind,
                Err(Refusal::Failed(error)) => return Err(error),
            };
            return Err(StorageError::Conflict(Conflict { statement, kind: refusal }));
        }
        *tables = changed;
        Ok(answers)
    }
}

impl fmt::Debug for NaiveStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NaiveStore").finish_non_exhaustive()
    }
}

/// A row with its values as they are kept.
fn kept(shape: &Shape, record: Vec<Value>) -> Row {
    record.into_iter().enumerate().map(|(at, value)| (shape.name(at).clone(), value)).collect()
}

/// The row as others see it.
fn shown(shape: &Shape, kept: Row) -> Row {
    shape.row(kept.into_iter().map(|(_, value)| value))
}

fn rows_of<'t>(tables: &'t mut Tables, table: &Name) -> &'t mut Vec<Row> {
    tables.entry(table.clone()).or_default()
}

fn accepts(shape: &Shape, row: &Row, filter: &Filter) -> Result<bool, StorageError> {
    Ok(match filter {
        Filter::All => true,
        Filter::And(parts) => {
            let verdicts = parts.iter().map(|part| accepts(shape, row, part)).collect::<Result<Vec<_>, _>>()?;
            verdicts.into_iter().all(|verdict| verdict)
        }
        Filter::Or(parts) => {
            let verdicts = parts.iter().map(|part| accepts(shape, row, part)).collect::<Result<Vec<_>, _>>()?;
            verdicts.into_iter().any(|verdict| verdict)
        }
        Filter::In { field, values, negated } => {
            let mut found = false;
            for value in values {
                found |= !value.is_null() && holds(shape, row, field, Op::Eq, value, CaseMode::Sensitive)?;
            }
            shape.position(field)?;
            !row.get(field).is_null() && found != *negated
        }
        Filter::Compare { field, op, value, case } => holds(shape, row, field, *op, value, *case)?,
    })
}

fn holds(shape: &Shape, row: &Row, field: &Name, op: Op, value: &Value, case: CaseMode) -> Result<bool, StorageError> {
    let Some(value) = shape.comparand(shape.position(field)?, op, value)? else { return Ok(false) };
    let found = row.get(field);
    if value.is_null() {
        return Ok(found.is_null() == (op == Op::Eq));
    }
    if found.is_null() {
        return Ok(false);
    }
    let fold = |text: &Value| match (text, case) {
        (Value::Text(text), CaseMode::Insensitive) => Value::Text(text.to_ascii_lowercase()),
        _ => text.clone(),
    };
    let (found, value) = (fold(found), fold(&value));
    let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
    let order = compare(&found, &value);
    Ok(match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Lte => order.is_le(),
        Op::Gt => order.is_gt(),
        Op::Gte => order.is_ge(),
        Op::Contains => text(&found).contains(&text(&value)),
        Op::StartsWith => text(&found).starts_with(&text(&value)),
        Op::EndsWith => text(&found).ends_with(&text(&value)),
    })
}

/// The order of two values of one field. Numbers in scripts are small enough for floats.
fn compare(left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::Date(moment) => moment.as_millis() as f64,
        _ => 0.0,
    };
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => left.as_bytes().cmp(right.as_bytes()),
        (Value::Null, _) | (_, Value::Null) => left.is_null().cmp(&right.is_null()).reverse(),
        _ => rank(left).total_cmp(&rank(right)),
    }
}
