//! The names that cases and scripts give to rows, over stores that make ids of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    schema::{FieldType, IdKind, Schema},
    store::{Batch, Filter, Name, Query, Row, Rows, Statement, Storage, StorageError, Value},
};

/// A number that no row has.
const NOBODY: &str = "2000000000";

/// A store in which rows seem to have the ids that they were inserted with. With ids of the kind [`IdKind::Text`] that is so;
/// otherwise the text stands for an id of the schema's kind, in everything that goes in and comes out. A text that stands for
/// none yet is no id.
pub(super) struct Labelled<'s> {
    store: &'s dyn Storage,
    schema: &'s Schema,
    ids: IdKind,
    numbers: Mutex<Numbers>,
}

/// Ids by table and label, and back.
#[derive(Default)]
struct Numbers {
    ids: BTreeMap<(Name, String), String>,
    labels: BTreeMap<(Name, String), String>,
}

/// The rows that are new in a batch, by table and label.
type Fresh = BTreeSet<(Name, String)>;

impl<'s> Labelled<'s> {
    pub(super) fn new(store: &'s dyn Storage, schema: &'s Schema) -> Self {
        let ids = schema.tables().first().map(|table| table.ids).unwrap_or_default();
        Self { store, schema, ids, numbers: Mutex::default() }
    }

    /// The table whose id `field` of `table` holds, if it holds one.
    fn target(&self, table: &str, field: &str) -> Option<Name> {
        let table = self.schema.table(table)?;
        if !matches!(table.kind(field), Some(FieldType::Id(_))) {
            return None;
        }
        let references = table.field(field).and_then(|field| field.references.as_ref());
        Some(references.map_or_else(|| table.name.clone(), |reference| reference.table.clone()))
    }

    fn id(&self, target: Name, label: &str, fresh: &Fresh) -> Option<String> {
        if self.ids == IdKind::Uuid {
            return Some(uuid(label));
        }
        let key = (target, label.to_owned());
        if fresh.contains(&key) {
            return Some(placeholder(&key.0, label));
        }
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).ids.get(&key).cloned()
    }

    fn set(&self, table: &str, row: &mut Row, fresh: &Fresh) {
        let fields: Vec<_> = row.fields().map(|(name, value)| (name.clone(), value.clone())).collect();
        for (name, value) in fields {
            if let (Some(target), Value::Text(label)) = (self.target(table, &name), value) {
                row.set(name, self.id(target, &label, fresh).unwrap_or_else(|| NOBODY.to_owned()));
            }
        }
    }

    fn filter(&self, table: &str, filter: &mut Filter, fresh: &Fresh) {
        let settle = |field: &str, value: &mut Value| {
            if let (Some(target), Value::Text(label)) = (self.target(table, field), &value) {
                *value = self.id(target, label, fresh).unwrap_or_else(|| format!("~{label}")).into();
            }
        };
        match filter {
            Filter::All => {}
            Filter::Compare { field, value, .. } => settle(field, value),
            Filter::In { field, values, .. } => values.iter_mut().for_each(|value| settle(field, value)),
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter_mut().for_each(|part| self.filter(table, part, fresh));
            }
        }
    }

    fn statement(&self, statement: &mut Statement, fresh: &mut Fresh) {
        let table = statement.table().clone();
        match statement {
            Statement::Insert { row, .. } => {
                let label = row.remove("id");
                self.set(&table, row, fresh);
                let Some(Value::Text(label)) = label else { return };
                let id = if self.ids == IdKind::Uuid { uuid(&label) } else { placeholder(&table, &label) };
                row.set("id", id);
                fresh.insert((table, label));
            }
            Statement::Update { filter, set, .. } | Statement::Increment { filter, set, .. } => {
                self.filter(&table, filter, fresh);
                self.set(&table, set, fresh);
            }
            Statement::Delete { filter, .. }
            | Statement::Consume { filter, .. }
            | Statement::Check { filter, .. }
            | Statement::Sweep { filter, .. } => self.filter(&table, filter, fresh),
        }
    }

    fn label(&self, table: &str, row: &mut Row) {
        let fields: Vec<_> = row.fields().map(|(name, value)| (name.clone(), value.clone())).collect();
        let numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in fields {
            if let (Some(target), Value::Text(id)) = (self.target(table, &name), value) {
                let label = match self.ids {
                    IdKind::Uuid => label_of(&id),
                    _ => numbers.labels.get(&(target, id.clone())).cloned(),
                };
                row.set(name, label.unwrap_or(id));
            }
        }
    }
}

#[async_trait]
impl Storage for Labelled<'_> {
    async fn read(&self, mut query: Query) -> Result<Rows, StorageError> {
        if self.ids == IdKind::Text {
            return self.store.read(query).await;
        }
        self.filter(&query.table.clone(), &mut query.filter, &Fresh::new());
        let (table, with) = (query.table.clone(), query.with.clone());
        let mut answer = self.store.read(query).await?;
        for row in &mut answer.rows {
            self.label(&table, row);
            for with in &with {
                let mut related = row.detach(&with.name);
                related.iter_mut().for_each(|row| self.label(&with.table, row));
                row.attach(with.name.clone(), related);
            }
        }
        Ok(answer)
    }

    async fn write(&self, mut batch: Batch) -> Result<Vec<Rows>, StorageError> {
        if self.ids == IdKind::Text {
            return self.store.write(batch).await;
        }
        let mut fresh = Fresh::new();
        let mut made = Vec::new();
        for statement in &mut batch.statements {
            let label = match &statement {
                Statement::Insert { row, .. } => Some(row.id().to_owned()),
                _ => None,
            };
            made.push((statement.table().clone(), label));
            self.statement(statement, &mut fresh);
        }
        let mut answers = self.store.write(batch).await?;
        for ((table, label), answer) in made.into_iter().zip(&mut answers) {
            if let (Some(label), Some(row)) = (label, answer.rows.first()) {
                let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
                numbers.labels.insert((table.clone(), row.id().to_owned()), label.clone());
                numbers.ids.insert((table.clone(), label), row.id().to_owned());
            }
            answer.rows.iter_mut().for_each(|row| self.label(&table, row));
        }
        Ok(answers)
    }
}

impl fmt::Debug for Labelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labelled").finish_non_exhaustive()
    }
}

/// What an insert has for an id that the store is to make.
fn placeholder(table: &Name, label: &str) -> String {
    format!("~{table}/{label}")
}

/// A UUID for `label`, so that UUIDs sort as their labels do.
fn uuid(label: &str) -> String {
    let mut bytes = [0; 16];
    assert!(label.len() <= bytes.len(), "a row's name is short");
    bytes[..label.len()].copy_from_slice(label.as_bytes());
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

fn label_of(uuid: &str) -> Option<String> {
    let number = u128::from_str_radix(&uuid.replace('-', ""), 16).ok()?;
    let bytes = number.to_be_bytes();
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8(bytes[..end].to_vec()).ok()
}
