//! Statements, and what references ask for: MongoDB knows none, so the store holds them.

use std::pin::Pin;

use kernia::{
    schema::OnDelete,
    store::{
        ConflictKind, Name, Rows, Statement,
        mongo::{Bson, Change, Collection, Document, Edit, Insert, Pointer, Remove, Translator, Update},
    },
};

use crate::{failure::Failure, work::Work};

type Outcome<T> = Result<T, Failure>;

impl Work<'_> {
    /// Does what `statement` says and holds it to what it expects.
    pub(crate) async fn apply(&mut self, statement: Statement) -> Outcome<Rows> {
        let expect = statement.expect();
        let answer = match self.translator.write(statement)? {
            Change::Insert(insert) => self.store(insert).await?,
            Change::Edit(edit) => Rows::counted(self.edit_linked(&edit).await?),
            Change::Remove(remove) => self.remove_linked(remove).await?,
            Change::Check { collection, filter } => Rows::counted(self.hold(collection, filter).await?),
        };
        if expect.holds(answer.count) {
            return Ok(answer);
        }
        Err(Failure::Conflict(ConflictKind::Expectation { found: answer.count }))
    }

    async fn store(&mut self, insert: Insert<'_>) -> Outcome<Rows> {
        // First the row, then what it points at: whoever removes that meanwhile looks for such rows after it.
        self.insert(insert.collection, insert.document).await?;
        self.hold_parents(insert.collection, &insert.parents).await?;
        Ok(Rows::found(vec![insert.row]))
    }

    async fn hold_parents(&mut self, collection: &Collection, parents: &[Pointer<'_>]) -> Outcome<()> {
        for parent in parents {
            if !self.hold_one(parent.collection, parent.filter.clone()).await? {
                return Err(reference(collection.table()));
            }
        }
        Ok(())
    }

    async fn edit_linked(&mut self, edit: &Edit<'_>) -> Outcome<u64> {
        let mut before = Vec::new();
        if !edit.moved.is_empty() {
            for update in &edit.updates {
                before.append(&mut self.find(edit.collection, update.filter.clone(), None).await?);
            }
        }
        let changed = self.edit(edit).await?;
        if changed == 0 {
            return Ok(0);
        }
        self.hold_parents(edit.collection, &edit.parents).await?;
        for moved in &edit.moved {
            let mut old = edit.collection.values(moved.link.at, &before);
            old.retain(|value| *value != moved.value);
            self.hold_unused(moved.link.collection, moved.link.field, old).await?;
        }
        Ok(changed)
    }

    async fn remove_linked(&mut self, remove: Remove<'_>) -> Outcome<Rows> {
        let Remove { collection, filter, first, answered, single } = remove;
        if !answered && first.is_none() && collection.children().is_empty() {
            return Ok(Rows::counted(self.remove(collection, filter, single).await?));
        }
        let gone = if single && first.is_none() {
            self.take_one(collection, filter).await?
        } else {
            self.take(collection, filter, first).await?
        };
        self.follow(collection, &gone).await?;
        if answered {
            let rows = gone.into_iter().map(|document| collection.row(document)).collect::<Result<_, _>>()?;
            return Ok(Rows::found(rows));
        }
        Ok(Rows::counted(gone.len() as u64))
    }

    /// What becomes of the documents that point at those that are gone.
    fn follow<'a>(
        &'a mut self,
        collection: &'a Collection,
        gone: &'a [Document],
    ) -> Pin<Box<dyn Future<Output = Outcome<()>> + Send + 'a>> {
        Box::pin(async move {
            let translator = self.translator;
            for link in collection.children() {
                let keys = collection.values(link.at, gone);
                let child = translator.collection(link.collection);
                match link.on_delete {
                    OnDelete::Cascade => {
                        let Some(filter) = child.holding(link.field, keys) else { continue };
                        if child.children().is_empty() {
                            self.remove(child, filter, false).await?;
                        } else {
                            let gone = self.take(child, filter, None).await?;
                            self.follow(child, &gone).await?;
                        }
                    }
                    OnDelete::SetNull => self.release(child, link.field, keys).await?,
                    // A way that is new here and unknown: nothing is lost by refusing.
                    _ => self.hold_unused(link.collection, link.field, keys).await?,
                }
            }
            Ok(())
        })
    }

    async fn release(&mut self, child: &Collection, field: usize, keys: Vec<Bson>) -> Outcome<()> {
        let Some(filter) = child.holding(field, keys) else { return Ok(()) };
        let update = child.release(field)?;
        let undo = |before: &Document| -> Vec<Update> { child.restore(field, before).into_iter().collect() };
        self.update(child, &filter, &update, false, &undo).await?;
        Ok(())
    }

    /// Refuses when a document of the collection at `collection` holds one of `keys` in `field`.
    async fn hold_unused(&mut self, collection: usize, field: usize, keys: Vec<Bson>) -> Outcome<()> {
        let child = self.translator.collection(collection);
        match child.holding(field, keys) {
            Some(filter) if self.exists(child, filter.clone()).await? => Err(reference(child.table())),
            _ => Ok(()),
        }
    }
}

/// Whether the statement changes at most one document in one step, so that it needs nothing to keep it whole.
pub(crate) fn stands_alone(translator: &Translator, statement: &Statement) -> bool {
    let expect = statement.expect();
    let kept = |single: bool| single && expect.holds(1);
    match translator.write(statement.clone()) {
        Ok(Change::Insert(insert)) => insert.parents.is_empty(),
        Ok(Change::Edit(edit)) => kept(edit.single) && edit.parents.is_empty() && edit.moved.is_empty(),
        Ok(Change::Remove(remove)) => {
            kept(remove.single) && remove.first.is_none() && remove.collection.children().is_empty()
        }
        // What cannot be translated is refused wherever it is tried.
        Ok(Change::Check { .. }) | Err(_) => true,
    }
}

fn reference(table: &Name) -> Failure {
    Failure::Conflict(ConflictKind::Reference { table: table.clone() })
}
