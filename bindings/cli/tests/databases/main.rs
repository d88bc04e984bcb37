//! The schema commands and `kernia adopt` on database servers.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod adopt;
#[path = "../golden/mod.rs"]
mod golden;
mod migrations;
mod place;
#[path = "../server/mod.rs"]
mod server;
