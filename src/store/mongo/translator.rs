//! From queries, statements and schemas to documents.

use std::collections::HashMap;

use super::{Change, Collection, IdFormat, IndexModel, Link, Read, change, index::indexes, read};
use crate::{
    schema::{IdKind, Schema},
    store::{ConflictKind, Name, Query, Statement, StorageError},
};

/// Translates for one schema.
#[derive(Debug)]
pub struct Translator {
    pub(super) ids: IdFormat,
    collections: Vec<Collection>,
    indexes: Vec<Vec<IndexModel>>,
    by_name: HashMap<Name, usize>,
}

impl Translator {
    /// A translator for the tables of `schema`.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when a table or a field has a name in the database that MongoDB does not take, or when the database
    /// should number rows.
    pub fn new(schema: &Schema, ids: IdFormat) -> Result<Self, StorageError> {
        let tables = schema.tables();
        if tables.iter().any(|table| table.ids == IdKind::Serial) {
            return Err(StorageError::Failed("MongoDB does not number rows: ids cannot be \"serial\"".to_owned()));
        }
        let by_name: HashMap<_, _> = tables.iter().enumerate().map(|(at, table)| (table.name.clone(), at)).collect();
        let mut collections = tables.iter().map(|table| Collection::new(table, ids)).collect::<Result<Vec<_>, _>>()?;
        for (child, table) in tables.iter().enumerate() {
            for (at, field) in table.fields.iter().enumerate() {
                let Some(reference) = &field.references else { continue };
                // A table that keeps its rows elsewhere cannot be pointed at.
                let Some(parent) = by_name.get(&reference.table).copied() else { continue };
                let target = collections[parent].shape.position(&reference.field)?;
                let on_delete = reference.on_delete;
                collections[child].parents.push(Link { at, collection: parent, field: target, on_delete });
                collections[parent].children.push(Link { at: target, collection: child, field: at, on_delete });
            }
        }
        let indexes = collections.iter().zip(tables).map(|(collection, table)| indexes(collection, table)).collect();
        Ok(Self { ids, collections, indexes, by_name })
    }

    /// All collections with their indexes.
    pub fn collections(&self) -> impl Iterator<Item = (&Collection, &[IndexModel])> {
        self.collections.iter().zip(self.indexes.iter().map(Vec::as_slice))
    }

    /// The collection that a [`Link`] names.
    #[must_use]
    pub fn collection(&self, at: usize) -> &Collection {
        &self.collections[at]
    }

    /// The aggregation that answers `query`.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the query does not fit the schema.
    pub fn read(&self, query: &Query) -> Result<Read<'_>, StorageError> {
        read::translate(self, query)
    }

    /// What to do for `statement`.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the statement does not fit the schema.
    pub fn write(&self, statement: Statement) -> Result<Change<'_>, StorageError> {
        change::translate(self, statement)
    }

    /// The unique field that a server speaks of in its error 11000 about `collection`: that of the index it names.
    #[must_use]
    pub fn violated(&self, collection: &Collection, message: &str) -> Option<ConflictKind> {
        let name = message.split_once(" index: ")?.1;
        let name = name.split_once(" dup key").map_or(name, |(name, _)| name).trim();
        let at = if name == "_id_" {
            collection.shape.id()
        } else {
            self.field_of(collection, name).or_else(|| keyed(collection, message))?
        };
        let (table, field) = (collection.shape.table().clone(), collection.shape.name(at).clone());
        Some(ConflictKind::Unique { table, field })
    }

    fn field_of(&self, collection: &Collection, index: &str) -> Option<usize> {
        let at = self.by_name.get(collection.table())?;
        self.indexes[*at].iter().find(|known| known.name == index).map(|known| known.field)
    }

    pub(super) fn by_name(&self, table: &str) -> Result<&Collection, StorageError> {
        let at = self.by_name.get(table).ok_or_else(|| StorageError::Failed(format!("there is no table {table}")))?;
        Ok(&self.collections[*at])
    }
}

/// The first field of the key that the message shows, for indexes under names that are not ours.
fn keyed(collection: &Collection, message: &str) -> Option<usize> {
    let key = message.split_once(" dup key: { ")?.1;
    (0..collection.shape.len())
        .find(|at| key.strip_prefix(collection.path(*at)).is_some_and(|rest| rest.starts_with(':')))
}
