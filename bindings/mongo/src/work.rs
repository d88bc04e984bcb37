//! The few things a batch asks of a database, in a transaction, alone, or so that they can be taken back.

use kernia::store::{
    StorageError,
    mongo::{Collection, Document, Edit, LOCK, Translator, Update},
};
use mongodb::{
    ClientSession, Database,
    bson::{self, doc},
    error::Error,
};

use crate::{
    bson::{from_driver, to_driver},
    failure::Failure,
};

/// A batch at work.
pub(crate) struct Work<'w> {
    pub(crate) translator: &'w Translator,
    pub(crate) database: &'w Database,
    pub(crate) mode: Mode<'w>,
}

/// What keeps a batch whole.
pub(crate) enum Mode<'w> {
    /// A transaction.
    Transaction(&'w mut ClientSession),
    /// That it changes one document only.
    Alone,
    /// Notes on how to take back what was done.
    Journal(Vec<Undo>),
}

/// How to take back what was done to a document.
pub(crate) struct Undo {
    collection: String,
    action: UndoAction,
}

enum UndoAction {
    Remove(bson::Bson),
    Restore(bson::Document),
    Update(Update),
}

type Outcome<T> = Result<T, Failure>;

/// Runs a driver's action, in the transaction if there is one.
macro_rules! run {
    ($work:expr, $collection:expr, |$documents:ident| $action:expr) => {{
        let $documents = $work.documents($collection);
        let outcome = match &mut $work.mode {
            Mode::Transaction(session) => $action.session(&mut **session).await,
            Mode::Alone | Mode::Journal(_) => $action.await,
        };
        outcome.map_err(|error| Failure::of($work.translator, $collection, &error))
    }};
}

impl Work<'_> {
    /// The documents that `filter` accepts, or the first of them.
    pub(crate) async fn find(
        &mut self,
        collection: &Collection,
        filter: Document,
        first: Option<(Document, u32)>,
    ) -> Outcome<Vec<Document>> {
        let documents = self.documents(collection);
        let mut find = documents.find(to_driver(filter));
        if let Some((order, limit)) = first {
            // A limit of zero is none.
            if limit == 0 {
                return Ok(Vec::new());
            }
            find = find.sort(to_driver(order)).limit(limit.into());
        }
        let found = collect(&mut self.mode, find).await;
        let found = found.map_err(|error| Failure::of(self.translator, collection, &error))?;
        Ok(found.into_iter().map(from_driver).collect::<Result<_, _>>()?)
    }

    /// Whether a document is there.
    pub(crate) async fn exists(&mut self, collection: &Collection, filter: Document) -> Outcome<bool> {
        Ok(run!(self, collection, |documents| documents.find_one(to_driver(filter)))?.is_some())
    }

    /// How many documents are there.
    pub(crate) async fn count(&mut self, collection: &Collection, filter: Document) -> Outcome<u64> {
        run!(self, collection, |documents| documents.count_documents(to_driver(filter)))
    }

    /// How many documents are there, which stay as they are until the batch is done, as far as the mode can.
    pub(crate) async fn hold(&mut self, collection: &Collection, filter: Document) -> Outcome<u64> {
        if !matches!(self.mode, Mode::Transaction(_)) {
            return self.count(collection, filter).await;
        }
        // A read does not keep others from writing; only a write that changes something does.
        let lock = doc! { "$inc": { LOCK: 1_i64 } };
        Ok(run!(self, collection, |documents| documents.update_many(to_driver(filter), lock))?.matched_count)
    }

    /// Whether one document is there, which stays until the batch is done, as far as the mode can.
    pub(crate) async fn hold_one(&mut self, collection: &Collection, filter: Document) -> Outcome<bool> {
        if !matches!(self.mode, Mode::Transaction(_)) {
            return self.exists(collection, filter).await;
        }
        let lock = doc! { "$inc": { LOCK: 1_i64 } };
        let held = run!(self, collection, |documents| documents.update_one(to_driver(filter), lock))?;
        Ok(held.matched_count > 0)
    }

    /// Stores a document.
    pub(crate) async fn insert(&mut self, collection: &Collection, document: Document) -> Outcome<()> {
        let document = to_driver(document);
        run!(self, collection, |documents| documents.insert_one(&document))?;
        if let (Mode::Journal(journal), Some(id)) = (&mut self.mode, document.get("_id")) {
            let action = UndoAction::Remove(id.clone());
            journal.push(Undo { collection: collection.name().to_owned(), action });
        }
        Ok(())
    }

    /// Changes documents, and answers how many.
    pub(crate) async fn edit(&mut self, edit: &Edit<'_>) -> Outcome<u64> {
        let mut changed = 0;
        // An absent counter can come to be between the two forms of an update.
        let rounds = if matches!(self.mode, Mode::Alone) && edit.updates.len() > 1 { 2 } else { 1 };
        for _ in 0..rounds {
            for Update { filter, update } in &edit.updates {
                let undo = |before: &Document| edit.undo(before);
                changed += self.update(edit.collection, filter, update, edit.single, &undo).await?;
                if edit.single && changed > 0 {
                    return Ok(changed);
                }
            }
        }
        Ok(changed)
    }

    /// Applies `update` to the documents that `filter` accepts, and answers how many.
    pub(crate) async fn update(
        &mut self,
        collection: &Collection,
        filter: &Document,
        update: &Document,
        single: bool,
        undo: &(dyn Fn(&Document) -> Vec<Update> + Sync),
    ) -> Outcome<u64> {
        let change = to_driver(update.clone());
        if !matches!(self.mode, Mode::Journal(_)) {
            let filter = to_driver(filter.clone());
            let outcome = if single {
                run!(self, collection, |documents| documents.update_one(filter.clone(), change.clone()))
            } else {
                run!(self, collection, |documents| documents.update_many(filter.clone(), change.clone()))
            };
            return Ok(outcome?.matched_count);
        }
        let mut changed = 0;
        for found in self.find(collection, filter.clone(), None).await? {
            let this = doc! { "$and": [to_driver(collection.these(&[found])), to_driver(filter.clone())] };
            let before =
                run!(self, collection, |documents| documents.find_one_and_update(this.clone(), change.clone()))?;
            // It is gone, or somebody else has changed it so that it is not meant any more.
            let Some(before) = before else { continue };
            changed += 1;
            for update in undo(&from_driver(before)?) {
                self.note(collection, UndoAction::Update(update));
            }
        }
        Ok(changed)
    }

    /// Removes the documents that `filter` accepts, and answers how many.
    pub(crate) async fn remove(&mut self, collection: &Collection, filter: Document, single: bool) -> Outcome<u64> {
        if matches!(self.mode, Mode::Journal(_)) {
            let found = self.find(collection, filter.clone(), None).await?;
            return Ok(self.take_each(collection, filter, found).await?.len() as u64);
        }
        let filter = to_driver(filter);
        let outcome = if single {
            run!(self, collection, |documents| documents.delete_one(filter.clone()))
        } else {
            run!(self, collection, |documents| documents.delete_many(filter.clone()))
        };
        Ok(outcome?.deleted_count)
    }

    /// Removes one document that `filter` accepts, and answers it.
    pub(crate) async fn take_one(&mut self, collection: &Collection, filter: Document) -> Outcome<Vec<Document>> {
        let filter = to_driver(filter);
        let taken = run!(self, collection, |documents| documents.find_one_and_delete(filter.clone()))?;
        if let Some(taken) = &taken {
            self.note(collection, UndoAction::Restore(taken.clone()));
        }
        Ok(taken.into_iter().map(from_driver).collect::<Result<_, _>>()?)
    }

    /// Removes the documents that `filter` accepts, or the first of them, and answers them.
    pub(crate) async fn take(
        &mut self,
        collection: &Collection,
        filter: Document,
        first: Option<(Document, u32)>,
    ) -> Outcome<Vec<Document>> {
        let found = self.find(collection, filter.clone(), first).await?;
        if found.is_empty() {
            return Ok(found);
        }
        if matches!(self.mode, Mode::Journal(_)) {
            return self.take_each(collection, filter, found).await;
        }
        let removed = self.remove(collection, collection.these(&found), false).await?;
        if removed != found.len() as u64 {
            let error = StorageError::Unavailable("MongoDB changed documents under a transaction".to_owned());
            return Err(Failure::Transient(error));
        }
        Ok(found)
    }

    /// Removes those of `found` that `filter` still accepts, and answers them.
    async fn take_each(
        &mut self,
        collection: &Collection,
        filter: Document,
        found: Vec<Document>,
    ) -> Outcome<Vec<Document>> {
        let mut taken = Vec::with_capacity(found.len());
        for document in found {
            let this = Document::of("$and", vec![collection.these(&[document]).into(), filter.clone().into()]);
            taken.append(&mut self.take_one(collection, this).await?);
        }
        Ok(taken)
    }

    fn note(&mut self, collection: &Collection, action: UndoAction) {
        if let Mode::Journal(journal) = &mut self.mode {
            journal.push(Undo { collection: collection.name().to_owned(), action });
        }
    }

    fn documents(&self, collection: &Collection) -> mongodb::Collection<bson::Document> {
        self.database.collection(collection.name())
    }
}

/// Takes everything back, the last first, and answers how much of it failed.
pub(crate) async fn take_back(database: &Database, journal: Vec<Undo>) -> usize {
    let mut failed = 0;
    for Undo { collection, action } in journal.into_iter().rev() {
        let documents = database.collection::<bson::Document>(&collection);
        let outcome = match action {
            UndoAction::Remove(id) => documents.delete_one(doc! { "_id": id }).await.map(drop),
            UndoAction::Restore(document) => documents.insert_one(document).await.map(drop),
            UndoAction::Update(Update { filter, update, .. }) => {
                documents.update_one(to_driver(filter), to_driver(update)).await.map(drop)
            }
        };
        failed += usize::from(outcome.is_err());
    }
    failed
}

async fn collect(
    mode: &mut Mode<'_>,
    find: mongodb::action::Find<'_, bson::Document>,
) -> Result<Vec<bson::Document>, Error> {
    let mut found = Vec::new();
    match mode {
        Mode::Transaction(session) => {
            let mut cursor = find.session(&mut **session).await?;
            while cursor.advance(session).await? {
                found.push(cursor.deserialize_current()?);
            }
        }
        Mode::Alone | Mode::Journal(_) => {
            let mut cursor = find.await?;
            while cursor.advance().await? {
                found.push(cursor.deserialize_current()?);
            }
        }
    }
    Ok(found)
}
