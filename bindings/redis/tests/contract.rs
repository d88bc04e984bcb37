//! The contract on Redis, by several clients at once.
#![allow(clippy::unwrap_used)]

mod server;

use kernia::store::{Cache, contract::CACHE_CASES};

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
