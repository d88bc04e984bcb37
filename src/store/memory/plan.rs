//! The schema as the memory store needs it: positions instead of names.

use std::collections::HashMap;

use super::index::Index;
use crate::{
    schema::{OnDelete, Schema, Table},
    store::{Name, StorageError, shape::Shape},
};

/// What does not change while the store lives.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) tables: Vec<TablePlan>,
    by_name: HashMap<Name, usize>,
}

#[derive(Debug)]
pub(super) struct TablePlan {
    pub(super) shape: Shape,
    /// The rows that this table's rows point at.
    pub(super) parents: Vec<Link>,
    /// The rows that point at this table's rows.
    pub(super) children: Vec<Link>,
    indexes: Vec<(Vec<usize>, bool)>,
}

/// `at` of this table holds the same as `field` of `table`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) at: usize,
    pub(super) table: usize,
    pub(super) field: usize,
    pub(super) on_delete: OnDelete,
}

impl Plan {
    pub(super) fn new(schema: &Schema) -> Self {
        let by_name: HashMap<_, _> =
            schema.tables().iter().enumerate().map(|(at, table)| (table.name.clone(), at)).collect();
        let mut tables: Vec<_> = schema.tables().iter().map(TablePlan::new).collect();
        for (child, table) in schema.tables().iter().enumerate() {
            for (at, field) in table.fields.iter().enumerate() {
                // A table that keeps its rows elsewhere (sessions in secondary storage) is not in the schema, and cannot be
                // pointed at.
                let Some(reference) = &field.references else {
                    continue;
                };
                let Some(parent) = by_name.get(&reference.table).copied() else {
                    continue;
                };
                let Ok(target) = tables[parent].shape.position(&reference.field) else {
                    continue;
                };
                let on_delete = reference.on_delete;
                tables[child].parents.push(Link { at, table: parent, field: target, on_delete });
                tables[parent].children.push(Link { at: target, table: child, field: at, on_delete });
                tables[parent].want_index(vec![target], false);
            }
        }
        Self { tables, by_name }
    }

    pub(super) fn table(&self, name: &str) -> Result<usize, StorageError> {
        self.by_name.get(name).copied().ok_or_else(|| StorageError::Failed(format!("there is no table {name}")))
    }
}

impl TablePlan {
    fn new(table: &Table) -> Self {
        let shape = Shape::of(table);
        let mut plan =
            Self { parents: Vec::new(), children: Vec::new(), indexes: vec![(vec![shape.id()], true)], shape };
        for (at, field) in table.fields.iter().enumerate() {
            if field.unique || field.index || field.references.is_some() {
                plan.want_index(vec![at], field.unique);
            }
        }
        for index in &table.indexes {
            if let Ok(fields) = index.fields.iter().map(|field| plan.shape.position(field)).collect() {
                plan.want_index(fields, index.unique);
            }
        }
        plan
    }

    /// Empty indexes of this table, `id` first.
    pub(super) fn indexes(&self) -> Vec<Index> {
        self.indexes.iter().map(|(fields, unique)| Index::new(fields.clone(), *unique)).collect()
    }

    fn want_index(&mut self, fields: Vec<usize>, unique: bool) {
        match self.indexes.iter_mut().find(|(known, _)| *known == fields) {
            Some((_, known)) => *known |= unique,
            None => self.indexes.push((fields, unique)),
        }
    }
}
