//! The contract, races, and generated scripts against the memory store.

use std::sync::Arc;

use kernia::{
    store::{Batch, Expect, Filter, Storage, contract, memory::MemoryStore},
    testing::Many,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::place::{fresh, options, store, threads};
use kernia_sql::Database as _;

async fn empty(store: &dyn Storage) {
    let tables = ["badge", "note", "ticket", "person"];
    let batch = tables.into_iter().fold(Batch::new(), |batch, table| batch.delete(table, Filter::All, Expect::Any));
    store.write(batch).await.unwrap();
}

#[test]
fn the_contract_is_kept() {
    threads().block_on(async {
        for schema in contract::schemas().map(Arc::new) {
            let store = fresh(&schema).await;
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
            let options = options();
            // Two pools on one database, as two processes would have it.
            let two = [store(&schema, &options), store(&schema, &options)];
            two[0].migrate().await.unwrap();
            race.check(&two.map(|store| Arc::new(store) as Arc<dyn Storage>), tokio::spawn).await;
        }
    });
}

#[test]
fn case_201_links_and_codes_work_once_on_a_whole_server() {
    threads().block_on(async {
        let engine = Many::engine(false);
        let store = fresh(&engine.schema()).await;
        Many::new(engine, Arc::new(store), None).check(tokio::spawn).await;
    });
}

#[test]
fn scripts_are_answered_as_by_the_memory_store() {
    for schema in contract::schemas().map(Arc::new) {
        let threads = threads();
        let store = threads.block_on(fresh(&schema));
        let config = Config { failure_persistence: None, ..Config::default() };
        let config = Config { cases: config.cases / 2, ..config };
        let outcome = TestRunner::new(config).run(&contract::whole_script(), |script| {
            let empty = ["badge", "note", "ticket", "person"];
            let empty =
                empty.into_iter().fold(Batch::new(), |batch, table| batch.delete(table, Filter::All, Expect::Any));
            threads.block_on(store.write(empty)).unwrap();
            let model = MemoryStore::new(Arc::clone(&schema));
            let outcome = threads.block_on(contract::agree(&schema, &model, &store, &script));
            prop_assert_eq!(outcome.map_err(|difference| difference.to_string()), Ok(()));
            Ok(())
        });
        assert_eq!(outcome.map_err(|failure| failure.to_string()), Ok(()));
    }
}
