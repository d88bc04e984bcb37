//! The store that forgets when the process ends, for tests, for development, and as the model that other stores are
//! compared with. Besides it, secondary storage and the rate limiter of one process.

mod cache;
mod change;
mod filter;
mod index;
mod limiter;
mod plan;
mod read;
mod shards;
mod table;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;

pub use self::{cache::MemoryCache, filter::accepts, limiter::Limiter};
use self::{plan::Plan, table::TableRows};
use super::{Batch, Name, Query, Row, Rows, Storage, StorageError};
use crate::schema::Schema;

/// A [`Storage`] in memory.
///
/// Reads share a lock, a batch has it alone and is taken back in whole when a statement of it is refused. Equality on
/// `id` and on unique, indexed and referring fields is answered from hash indexes, everything else by looking at every
/// row. Rows come in order of insertion where nothing else is asked for.
pub struct MemoryStore {
    schema: Arc<Schema>,
    plan: Arc<Plan>,
    tables: RwLock<Vec<TableRows>>,
}

impl MemoryStore {
    /// An empty store of the tables of `schema`.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        let plan = Plan::new(&schema);
        let tables = plan.tables.iter().map(|table| TableRows::new(table.indexes())).collect();
        Self { schema, plan: Arc::new(plan), tables: RwLock::new(tables) }
    }

    /// The tables that the store has.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// A store of its own with the same content.
    #[must_use]
    pub fn fork(&self) -> Self {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner).clone();
        Self { schema: Arc::clone(&self.schema), plan: Arc::clone(&self.plan), tables: RwLock::new(tables) }
    }

    /// All rows of every table, in order of insertion.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<Name, Vec<Row>> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let named = self.plan.tables.iter().zip(tables.iter()).map(|(plan, rows)| {
            let rows = rows.iter().map(|(_, record)| plan.shape.row(record.iter().cloned())).collect();
            (plan.shape.table().clone(), rows)
        });
        named.collect()
    }
}

#[async_trait]
impl Storage for MemoryStore {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        read::read(&self.plan, &tables, &query)
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        change::Change::apply(&self.plan, &mut tables, batch)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use proptest::prelude::*;

    use super::*;
    use crate::store::{
        Expect, Filter,
        contract::{self, NaiveStore},
    };

    /// The outcome of a future that never waits.
    fn now<F: Future>(future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("a store in memory does not wait"),
        }
    }

    fn store() -> MemoryStore {
        MemoryStore::new(Arc::new(contract::schema()))
    }

    #[test]
    fn the_contract_is_kept() {
        for schema in contract::schemas().map(Arc::new) {
            for case in contract::cases(&schema).chain(contract::extremes()).chain(contract::fractions()) {
                now(case.check(&schema, &MemoryStore::new(Arc::clone(&schema))));
            }
        }
    }

    #[test]
    fn the_naive_store_keeps_the_contract_too() {
        for schema in contract::schemas() {
            for case in contract::cases(&schema).chain(contract::extremes()).chain(contract::fractions()) {
                now(case.check(&schema, &NaiveStore::new(schema.clone())));
            }
        }
    }

    #[test]
    fn races_end_as_they_must() {
        for race in contract::races() {
            let store: Arc<dyn Storage> = Arc::new(store());
            now(race.check(&[store], |write| {
                let writer = std::thread::spawn(|| now(write));
                async { writer.join() }
            }));
        }
    }

    proptest! {
        #[test]
        fn scripts_are_answered_as_by_the_naive_store(script in contract::script()) {
            for schema in contract::schemas().map(Arc::new) {
                let model = NaiveStore::new(Schema::clone(&schema));
                let outcome = now(contract::agree(&schema, &model, &MemoryStore::new(Arc::clone(&schema)), &script));
                prop_assert_eq!(outcome.map_err(|difference| difference.to_string()), Ok(()));
            }
        }
    }

    #[test]
    fn a_fork_goes_its_own_way() {
        let first = store();
        let row = |id: &str| Row::new().with("id", id).with("body", "");
        now(first.write(Batch::new().insert("note", row("1")))).unwrap();
        let second = first.fork();
        now(second.write(Batch::new().insert("note", row("2")))).unwrap();
        now(first.write(Batch::new().delete("note", Filter::eq("id", "1"), Expect::Rows(1)))).unwrap();
        let ids =
            |store: &MemoryStore| store.snapshot()["note"].iter().map(|row| row.id().to_owned()).collect::<Vec<_>>();
        assert_eq!((ids(&first), ids(&second)), (vec![], vec!["1".to_owned(), "2".to_owned()]));
    }

    #[test]
    fn rows_come_in_order_of_insertion() {
        let store = store();
        let row = |id: &str| Row::new().with("id", id).with("body", "");
        for id in ["c", "a", "b"] {
            now(store.write(Batch::new().insert("note", row(id)))).unwrap();
        }
        let touch = Batch::new().update("note", Filter::eq("id", "c"), Row::new().with("body", "x"), Expect::Rows(1));
        now(store.write(touch)).unwrap();
        let rows = now(store.read(Query::all("note").limit(2))).unwrap().rows;
        assert_eq!(rows.iter().map(Row::id).collect::<Vec<_>>(), ["c", "a"]);
    }

    #[test]
    fn of_many_threads_one_consumes() {
        let store = store();
        now(store.write(Batch::new().insert("note", Row::new().with("id", "1").with("body", "")))).unwrap();
        let consume = || Batch::new().consume("note", Filter::eq("id", "1"), Expect::Rows(1));
        let won = std::thread::scope(|scope| {
            let attempts: Vec<_> = (0..16).map(|_| scope.spawn(|| now(store.write(consume())).is_ok())).collect();
            attempts.into_iter().map(|attempt| attempt.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(won, 1);
    }
}
