//! The contract, races, and generated scripts against the memory store.

use std::sync::Arc;

use kernia::store::{Batch, Expect, Filter, Storage, contract, memory::MemoryStore};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::place::{pool, store, threads};

async fn empty(store: &dyn Storage) {
    let tables = ["badge", "note", "ticket", "person"];
    let batch = tables.into_iter().fold(Batch::new(), |batch, table| batch.delete(table, Filter::All, Expect::Any));
    store.write(batch).await.unwrap();
}

#[test]
fn the_contract_is_kept() {
    threads().block_on(async {
        for schema in contract::schemas().map(Arc::new) {
            let store = store(&pool(10).await, &schema).await;
            for case in contract::cases(&schema).chain(contract::extremes()) {
                println!("{}", case.name);
                empty(&store).await;
                case.check(&schema, &store).await;
            }
        }
    });
}

#[test]
fn races_end_as_they_must() {
    let schema = Arc::new(contract::schema());
    threads().block_on(async {
        for race in contract::races() {
            println!("{}", race.name);
            // Two stores on one pool, as two engines in one application have it.
            let pool = pool(10).await;
            let two = [store(&pool, &schema).await, store(&pool, &schema).await];
            race.check(&two.map(|store| Arc::new(store) as Arc<dyn Storage>), tokio::spawn).await;
        }
    });
}

#[test]
fn scripts_are_answered_as_by_the_memory_store() {
    for schema in contract::schemas().map(Arc::new) {
        let threads = threads();
        let store = threads.block_on(async { store(&pool(2).await, &schema).await });
        let config = Config { failure_persistence: None, ..Config::default() };
        let config = Config { cases: config.cases / 4, ..config };
        let outcome = TestRunner::new(config).run(&contract::whole_script(), |script| {
            threads.block_on(empty(&store));
            let model = MemoryStore::new(Arc::clone(&schema));
            let outcome = threads.block_on(contract::agree(&schema, &model, &store, &script));
            prop_assert_eq!(outcome.map_err(|difference| difference.to_string()), Ok(()));
            Ok(())
        });
        assert_eq!(outcome.map_err(|failure| failure.to_string()), Ok(()));
    }
}
