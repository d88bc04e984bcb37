//! The contract on SQLite, in memory and in a file, and generated scripts against the memory store.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use kernia::{
    schema::Schema,
    store::{contract, memory::MemoryStore},
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
    for schema in [contract::schema(), contract::renamed_schema()] {
        let schema = Arc::new(schema);
        for case in contract::cases() {
            runtime().block_on(case.check(&open(":memory:", &schema)));
        }
    }
}

#[test]
fn the_contract_is_kept_in_a_file() {
    for schema in [contract::schema(), contract::renamed_schema()] {
        let schema = Arc::new(schema);
        for case in contract::cases() {
            let file = TempFile::new(case.name);
            runtime().block_on(case.check(&open(file.path(), &schema)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scripts_are_answered_as_by_the_memory_store(script in contract::script()) {
        for schema in [contract::schema(), contract::renamed_schema()] {
            let schema = Arc::new(schema);
            let model = MemoryStore::new(Arc::clone(&schema));
            let outcome = runtime().block_on(contract::agree(&model, &open(":memory:", &schema), &script));
            prop_assert_eq!(outcome.map_err(|difference| difference.to_string()), Ok(()));
        }
    }
}
