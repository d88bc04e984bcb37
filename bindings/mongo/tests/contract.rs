//! The contract on the stand-in for MongoDB, with transactions and without, and generated scripts against the memory store.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use kernia::store::{contract, memory::MemoryStore};
use kernia_mongo::Atomicity;
use proptest::{prelude::*, test_runner::TestRunner};

mod server;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn keep_the_contract(atomicity: Atomicity) {
    runtime().block_on(async {
        for schema in [contract::schema(), contract::renamed_schema()] {
            let opened = server::open(&schema, atomicity).await;
            assert_eq!(opened.store.atomicity(), atomicity);
            for case in contract::cases(&schema) {
                case.check(&schema, &opened.store).await;
                opened.clear().await;
            }
        }
    });
}

#[test]
fn the_contract_is_kept_with_transactions() {
    keep_the_contract(Atomicity::Transactions);
}

#[test]
fn the_contract_is_kept_by_compensation() {
    keep_the_contract(Atomicity::Compensation);
}

fn answer_scripts(schema: &kernia::schema::Schema, atomicity: Atomicity) {
    let runtime = runtime();
    let opened = runtime.block_on(server::open(schema, atomicity));
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&contract::script(), |script| {
        let model = MemoryStore::new(Arc::new(schema.clone()));
        let outcome = runtime.block_on(async {
            let outcome = contract::agree(schema, &model, &opened.store, &script).await;
            opened.clear().await;
            outcome
        });
        prop_assert_eq!(outcome.map_err(|difference| difference.to_string()), Ok(()));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn scripts_are_answered_as_by_the_memory_store_with_transactions() {
    answer_scripts(&contract::schema(), Atomicity::Transactions);
}

#[test]
fn scripts_are_answered_as_by_the_memory_store_by_compensation() {
    answer_scripts(&contract::renamed_schema(), Atomicity::Compensation);
}
