//! The contract on Redis, by several clients at once.
#![allow(clippy::unwrap_used)]

mod server;

use std::sync::Arc;

use kernia::{
    store::{Cache, contract::CACHE_CASES, memory::MemoryStore},
    testing::Many,
};

#[tokio::test(flavor = "multi_thread")]
async fn case_201_links_and_codes_work_once_on_a_whole_server() {
    let engine = Many::engine(true);
    let cache = server::client(&server::unique_prefix("whole server")).await;
    let store = MemoryStore::new(engine.schema());
    Many::new(engine, Arc::new(store), Some(Arc::new(cache))).check(tokio::spawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_is_kept() {
    for case in CACHE_CASES {
        let prefix = server::unique_prefix(case.name);
        let mut clients = Vec::new();
        for _ in 0..4 {
            clients.push(server::client(&prefix).await);
        }
        let clients: Vec<_> = clients.iter().map(|client| client as &dyn Cache).collect();
        case.check(&clients).await;
    }
}
