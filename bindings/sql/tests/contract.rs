//! The contract on SQLite, in memory and in a file, and generated scripts against the memory store.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use kernia::{
    schema::Schema,
    store::{
        Cache, Storage, contract,
        memory::{MemoryCache, MemoryStore},
    },
    testing::Many,
    wire::date::{FixedClock, Timestamp},
};
use kernia_sql::{Database as _, SqliteOptions, SqliteStore};
use proptest::prelude::*;

mod file;
use file::TempFile;

fn open(path: &str, schema: &Arc<Schema>) -> SqliteStore {
    let store = SqliteStore::open(path, Arc::clone(schema), &SqliteOptions::default()).unwrap();
    runtime().block_on(store.migrate()).unwrap();
    store
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

#[test]
fn the_contract_is_kept_in_memory() {
    for schema in contract::schemas().map(Arc::new) {
        for case in contract::cases(&schema).chain(contract::extremes()).chain(contract::fractions()) {
            runtime().block_on(case.check(&schema, &open(":memory:", &schema)));
        }
    }
}

#[test]
fn the_contract_is_kept_in_a_file() {
    for schema in contract::schemas().map(Arc::new) {
        for case in contract::cases(&schema).chain(contract::extremes()).chain(contract::fractions()) {
            let file = TempFile::new(case.name);
            runtime().block_on(case.check(&schema, &open(file.path(), &schema)));
        }
    }
}

#[test]
fn races_end_as_they_must() {
    let schema = Arc::new(contract::schema());
    for race in contract::races() {
        let file = TempFile::new(race.name);
        // Two stores on one file, as two processes would have it.
        let two = [file.path(); 2].map(|path| Arc::new(open(path, &schema)) as Arc<dyn Storage>);
        let memory = [Arc::new(open(":memory:", &schema)) as Arc<dyn Storage>];
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
        threads.block_on(race.check(&two, tokio::spawn));
        threads.block_on(race.check(&memory, tokio::spawn));
    }
}

#[test]
fn case_201_links_and_codes_work_once_on_a_whole_server() {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let file = TempFile::new("whole server");
    for path in [":memory:", file.path()] {
        let engine = Many::engine(false);
        let store = Arc::new(open(path, &engine.schema()));
        threads.block_on(Many::new(engine, store, None).check(tokio::spawn));
    }
}

#[test]
fn case_201_links_and_codes_work_once_on_a_whole_server_in_memory() {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    for secondary in [false, true] {
        let engine = Many::engine(secondary);
        let store = Arc::new(MemoryStore::new(engine.schema()));
        let clock = Arc::new(FixedClock::new(Timestamp::from_millis(1_767_225_600_000)));
        let cache = secondary.then(|| Arc::new(MemoryCache::new(clock)) as Arc<dyn Cache>);
        threads.block_on(Many::new(engine, store, cache).check(tokio::spawn));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scripts_are_answered_as_by_the_memory_store(script in contract::script()) {
        for schema in contract::schemas().map(Arc::new) {
            let model = MemoryStore::new(Arc::clone(&schema));
            let outcome = runtime().block_on(contract::agree(&schema, &model, &open(":memory:", &schema), &script));
            prop_assert_eq!(outcome.map_err(|difference| difference.to_string()), Ok(()));
        }
    }
}
