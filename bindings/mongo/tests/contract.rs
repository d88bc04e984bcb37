//! The contract on the stand-in for MongoDB, with transactions and without, and generated scripts against the memory store.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use kernia::{
    store::{contract, memory::MemoryStore},
    testing::Many,
};
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
            for case in contract::cases(&schema).chain(contract::extremes()).chain(contract::fractions()) {
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

#[test]
fn case_201_links_and_codes_work_once_on_a_whole_server() {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    threads.block_on(async {
        let engine = Many::engine(false);
        let opened = server::open(&engine.schema(), Atomicity::Compensation).await;
        Many::new(engine, Arc::new(opened.store), None).check(tokio::spawn).await;
    });
}

/// Without transactions nothing holds what was checked until the end of a batch, so the other races have no fixed end. The
/// transactions of the stand-in do not notice each other, as those of MongoDB do, so they have none either.
const HELD_WITHOUT_TRANSACTIONS: [&str; 4] = [
    "a_token_is_consumed_once",
    "an_address_is_taken_once",
    "a_limit_is_never_overstepped",
    "increments_are_all_counted",
];

#[test]
fn races_for_one_document_end_as_they_must() {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let races: Vec<_> = contract::races().filter(|race| HELD_WITHOUT_TRANSACTIONS.contains(&race.name)).collect();
    assert_eq!(races.len(), HELD_WITHOUT_TRANSACTIONS.len());
    threads.block_on(async {
        for race in races {
            let opened = server::open(&contract::schema(), Atomicity::Compensation).await;
            race.check(&[Arc::new(opened.store)], tokio::spawn).await;
        }
    });
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
