//! Taking a change of one document back, for servers without transactions.

use super::{Bson, Collection, Document, Edit, Update, change::counted};

impl Edit<'_> {
    /// The updates that make `before`, a document as it was, of the changed one again. A field that somebody else has set
    /// meanwhile is left alone; what was added is subtracted.
    #[must_use]
    pub fn undo(&self, before: &Document) -> Vec<Update> {
        let Some(id) = before.get("_id") else { return Vec::new() };
        let mut updates = Vec::new();
        let mut steps = Document::new();
        let mut restore = |path: &str, now: &Bson| {
            let update = match before.get(path) {
                Some(old) => Document::of("$set", Document::of(path, old.clone())),
                None => Document::of("$unset", Document::of(path, "")),
            };
            updates.push(Update { filter: Document::of("_id", id.clone()).with(path, now.clone()), update });
        };
        for (at, to) in &self.set {
            restore(self.collection.path(*at), to);
        }
        for (at, step) in &self.add {
            let path = self.collection.path(*at);
            match before.get(path) {
                None | Some(Bson::Null) => restore(path, &counted(*step)),
                Some(_) => steps.push(path, counted(step.wrapping_neg())),
            }
        }
        if !steps.is_empty() {
            updates.push(Update { filter: Document::of("_id", id.clone()), update: Document::of("$inc", steps) });
        }
        updates
    }
}

impl Collection {
    /// The update that gives the field at `at`, which was made absent, what it held in `before`.
    #[must_use]
    pub fn restore(&self, at: usize, before: &Document) -> Option<Update> {
        let path = self.path(at);
        let update = Document::of("$set", Document::of(path, before.get(path)?.clone()));
        Some(Update { filter: Document::of("_id", before.get("_id")?.clone()).with(path, Bson::Null), update })
    }
}
