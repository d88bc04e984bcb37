//! A table as a collection.

use super::{Bson, Document, IdFormat, value};
use crate::{
    schema::{Field, OnDelete, Table},
    store::{Name, Row, StorageError, Value, shape::Shape},
};

/// A field that the store adds to documents on which a batch rests, so that two batches cannot rest on and change the same
/// document unnoticed. The reference does not look at it.
pub const LOCK: &str = "_lock";
/// Where related documents are put in an answer; a number follows.
pub(super) const RELATED: &str = "_with";
const ID: &str = "_id";

/// A table as MongoDB keeps it.
#[derive(Debug)]
pub struct Collection {
    pub(super) shape: Shape,
    pub(super) name: String,
    slots: Vec<Slot>,
    pub(super) unique: Vec<bool>,
    /// What documents of this collection point at.
    pub(super) parents: Vec<Link>,
    /// What points at documents of this collection.
    pub(super) children: Vec<Link>,
}

#[derive(Debug)]
struct Slot {
    path: String,
    is_id: bool,
}

/// The field at `at` of a collection holds the same as the field `field` of another one.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The position of the field.
    pub at: usize,
    /// The other collection, see [`Translator::collection`](super::Translator::collection).
    pub collection: usize,
    /// The position of the other field.
    pub field: usize,
    /// What happens to the document that points when the other one goes.
    pub on_delete: OnDelete,
}

impl Collection {
    pub(super) fn new(table: &Table, ids: IdFormat) -> Result<Self, StorageError> {
        if table.physical.is_empty() || table.physical.contains(['$', '\0']) || table.physical.starts_with("system.") {
            return Err(StorageError::Failed(format!("MongoDB takes no collection called {:?}", table.physical)));
        }
        let refers_to_id = |field: &Field| field.references.as_ref().is_some_and(|reference| reference.field == "id");
        let slot = |path: &str, is_id: bool| Slot { path: path.to_owned(), is_id: is_id && ids != IdFormat::Text };
        let mut slots = Vec::with_capacity(table.fields.len() + 1);
        for field in &table.fields {
            let path = &field.column;
            let reserved = *path == ID || *path == LOCK || path.starts_with(RELATED);
            if path.is_empty() || path.contains(['.', '\0']) || path.starts_with('$') || reserved {
                return Err(StorageError::Failed(format!("MongoDB takes no field called {path:?}")));
            }
            slots.push(slot(path, refers_to_id(field)));
        }
        slots.push(slot(ID, true));
        Ok(Self {
            shape: Shape::of(table),
            name: table.physical.to_string(),
            slots,
            unique: table.fields.iter().map(|field| field.unique).chain([true]).collect(),
            parents: Vec::new(),
            children: Vec::new(),
        })
    }

    /// The name in the database.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The table's name in code.
    #[must_use]
    pub fn table(&self) -> &Name {
        self.shape.table()
    }

    /// What points at documents of this collection.
    #[must_use]
    pub fn children(&self) -> &[Link] {
        &self.children
    }

    /// The name of the field at `at` in documents.
    pub(super) fn path(&self, at: usize) -> &str {
        &self.slots[at].path
    }

    /// Whether the field at `at` is an id or points at one, and ids are not simply text.
    pub(super) fn is_id(&self, at: usize) -> bool {
        self.slots[at].is_id
    }

    /// The value as it is kept at `at`.
    pub(super) fn encode(&self, ids: IdFormat, at: usize, value: &Value) -> Bson {
        match value {
            Value::Text(text) if self.is_id(at) => ids.encode(text),
            _ => value::encode(self.shape.kind(at), value),
        }
    }

    /// The document that a record of the shape makes up, its id first.
    pub(super) fn document(&self, ids: IdFormat, record: &[Value]) -> Document {
        let order = [self.shape.id()].into_iter().chain(0..self.shape.id());
        order.map(|at| (self.path(at).to_owned(), self.encode(ids, at, &record[at]))).collect()
    }

    /// The row that a document of this collection makes up.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when a field holds what its kind cannot.
    pub fn row(&self, mut document: Document) -> Result<Row, StorageError> {
        let mut record = Vec::with_capacity(self.shape.len());
        for at in 0..self.shape.len() {
            let value = document.take(self.path(at)).unwrap_or(Bson::Null);
            record.push(value::decode(self.shape.kind(at), value)?);
        }
        Ok(self.shape.row(record))
    }

    /// What accepts the documents of `documents`, by their ids.
    #[must_use]
    pub fn these(&self, documents: &[Document]) -> Document {
        among(ID, documents.iter().filter_map(|document| document.get(ID)).cloned().collect())
    }

    /// What accepts the documents whose field at `at` holds one of these values, none of them absent; `None` without any.
    #[must_use]
    pub fn holding(&self, at: usize, mut values: Vec<Bson>) -> Option<Document> {
        values.retain(|value| *value != Bson::Null);
        if values.is_empty() { None } else { Some(among(self.path(at), values)) }
    }

    /// What `documents` hold at `at`.
    #[must_use]
    pub fn values(&self, at: usize, documents: &[Document]) -> Vec<Bson> {
        documents.iter().filter_map(|document| document.get(self.path(at))).cloned().collect()
    }

    /// The update that makes the field at `at` absent.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the field is required.
    pub fn release(&self, at: usize) -> Result<Document, StorageError> {
        self.shape.admit(at, Value::Null)?;
        Ok(Document::of("$set", Document::of(self.path(at), Bson::Null)))
    }
}

fn among(path: &str, mut values: Vec<Bson>) -> Document {
    match values.len() {
        1 => Document::of(path, values.swap_remove(0)),
        _ => Document::of(path, Document::of("$in", values)),
    }
}
