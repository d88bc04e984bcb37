//! Statements as changes of documents, with what references ask for.

use super::{
    Bson, Collection, Document, Link, Translator,
    filter::{accepts_one, condition},
};
use crate::store::{Filter, Name, Row, Statement, StorageError, Value, shape::Changes};

/// Each counted field doubles the forms of an update.
const MAX_COUNTED: usize = 4;

/// What to do for a statement.
#[derive(Debug)]
pub enum Change<'t> {
    /// Store a document.
    Insert(Insert<'t>),
    /// Change documents.
    Edit(Edit<'t>),
    /// Remove documents.
    Remove(Remove<'t>),
    /// Count documents, and keep them as they are until the batch is done.
    Check {
        /// The collection.
        collection: &'t Collection,
        /// Which documents.
        filter: Document,
    },
}

/// A document to store.
#[derive(Debug)]
pub struct Insert<'t> {
    /// Where.
    pub collection: &'t Collection,
    /// The document.
    pub document: Document,
    /// Documents that must be there.
    pub parents: Vec<Pointer<'t>>,
    /// The row as stored.
    pub row: Row,
}

/// Documents of which one must be there.
#[derive(Debug)]
pub struct Pointer<'t> {
    /// The collection.
    pub collection: &'t Collection,
    /// What accepts them.
    pub filter: Document,
}

/// Documents to change.
#[derive(Debug)]
pub struct Edit<'t> {
    /// The collection.
    pub collection: &'t Collection,
    /// Updates, to be applied in this order. No document is accepted by two of them.
    pub updates: Vec<Update>,
    /// Documents that must be there if anything was changed.
    pub parents: Vec<Pointer<'t>>,
    /// Fields that are set and that other documents may point at.
    pub moved: Vec<Moved>,
    /// Whether at most one document can be accepted.
    pub single: bool,
    /// What is set, for taking it back.
    pub(super) set: Vec<(usize, Bson)>,
    /// What is added.
    pub(super) add: Vec<(usize, i64)>,
}

/// One update.
#[derive(Debug)]
pub struct Update {
    /// Which documents.
    pub filter: Document,
    /// The change.
    pub update: Document,
}

/// A field that others point at and that is set. Nothing may point at what it was, unless it stays the same.
#[derive(Debug)]
pub struct Moved {
    /// What points at it.
    pub link: Link,
    /// What it becomes.
    pub value: Bson,
}

/// Documents to remove, and what points at them after them.
#[derive(Debug)]
pub struct Remove<'t> {
    /// The collection.
    pub collection: &'t Collection,
    /// Which documents.
    pub filter: Document,
    /// In which order, and at most how many; all when absent.
    pub first: Option<(Document, u32)>,
    /// Whether the rows are answered.
    pub answered: bool,
    /// Whether at most one document can be accepted.
    pub single: bool,
}

pub(super) fn translate(translator: &Translator, statement: Statement) -> Result<Change<'_>, StorageError> {
    let ids = translator.ids;
    let collection = translator.by_name(statement.table())?;
    let remove = |filter: &Filter, answered| {
        let single = accepts_one(collection, filter);
        let filter = condition(collection, ids, filter)?;
        Ok(Change::Remove(Remove { collection, filter, first: None, answered, single }))
    };
    match statement {
        Statement::Insert { row, .. } => {
            let record = collection.shape.record(row)?;
            let parents = pointers(translator, collection, |at| Some(&record[at]));
            let document = collection.document(ids, &record);
            Ok(Change::Insert(Insert { collection, document, parents, row: collection.shape.row(record) }))
        }
        Statement::Update { filter, set, .. } => edit(translator, collection, &filter, Vec::new(), set),
        Statement::Increment { filter, by, set, .. } => edit(translator, collection, &filter, by, set),
        Statement::Delete { filter, .. } => remove(&filter, false),
        Statement::Consume { filter, .. } => remove(&filter, true),
        Statement::Check { filter, .. } => {
            Ok(Change::Check { collection, filter: condition(collection, ids, &filter)? })
        }
        Statement::Sweep { filter, order, limit, .. } => {
            let at = collection.shape.sortable(&order)?;
            let first = Some((Document::of(collection.path(at), 1), limit));
            let filter = condition(collection, ids, &filter)?;
            Ok(Change::Remove(Remove { collection, filter, first, answered: false, single: false }))
        }
    }
}

fn edit<'t>(
    translator: &'t Translator,
    collection: &'t Collection,
    filter: &Filter,
    by: Vec<(Name, i64)>,
    set: Row,
) -> Result<Change<'t>, StorageError> {
    let Changes { set, add } = collection.shape.changes(by, set)?;
    let single = accepts_one(collection, filter);
    let filter = condition(collection, translator.ids, filter)?;
    if set.is_empty() && add.is_empty() {
        return Ok(Change::Check { collection, filter });
    }
    let linked = |at: &usize| collection.parents.iter().chain(&collection.children).any(|link| link.at == *at);
    if add.len() > MAX_COUNTED || add.iter().any(|(at, _)| linked(at)) {
        return Err(StorageError::Failed(format!("fields of {} cannot be counted in this way", collection.table())));
    }
    let parents = pointers(translator, collection, |at| set.iter().find(|(known, _)| *known == at).map(|(_, to)| to));
    let encoded: Vec<_> = set.iter().map(|(at, to)| (*at, collection.encode(translator.ids, *at, to))).collect();
    let moved = collection.children.iter().filter_map(|link| {
        let (_, value) = encoded.iter().find(|(at, _)| *at == link.at)?;
        Some(Moved { link: *link, value: value.clone() })
    });
    let moved = moved.collect();
    let updates = updates(collection, &filter, &encoded, &add);
    Ok(Change::Edit(Edit { collection, updates, parents, moved, single, set: encoded, add }))
}

/// The update in each form that absent counters need, which `$inc` does not take for zero: first the form for documents that
/// have all of them, so that no document becomes acceptable to a later one.
fn updates(collection: &Collection, filter: &Document, set: &[(usize, Bson)], add: &[(usize, i64)]) -> Vec<Update> {
    let forms = 0..1_usize << add.len();
    let form = |absent: usize| {
        let mut conditions = vec![Bson::from(filter.clone())];
        let mut fields: Document = set.iter().map(|(at, to)| (collection.path(*at).to_owned(), to.clone())).collect();
        let mut steps = Document::new();
        for (bit, (at, step)) in add.iter().enumerate() {
            let path = collection.path(*at);
            if absent >> bit & 1 == 1 {
                conditions.push(Document::of(path, Bson::Null).into());
                fields.push(path, counted(*step));
            } else {
                conditions.push(Document::of(path, Document::of("$ne", Bson::Null)).into());
                steps.push(path, counted(*step));
            }
        }
        let mut update = Document::new();
        if !fields.is_empty() {
            update.push("$set", fields);
        }
        if !steps.is_empty() {
            update.push("$inc", steps);
        }
        let filter = if add.is_empty() { filter.clone() } else { Document::of("$and", conditions) };
        Update { filter, update }
    };
    forms.map(form).collect()
}

/// A step as small as it fits, so that counters keep their type.
pub(super) fn counted(step: i64) -> Bson {
    i32::try_from(step).map_or(Bson::Int64(step), Bson::Int32)
}

/// What must be there for the references that get these values.
fn pointers<'t, 'v>(
    translator: &'t Translator,
    collection: &Collection,
    value: impl Fn(usize) -> Option<&'v Value>,
) -> Vec<Pointer<'t>> {
    let pointers = collection.parents.iter().filter_map(|link| {
        let value = value(link.at).filter(|value| !value.is_null())?;
        let parent = translator.collection(link.collection);
        let filter = Document::of(parent.path(link.field), parent.encode(translator.ids, link.field, value));
        Some(Pointer { collection: parent, filter })
    });
    pointers.collect()
}
