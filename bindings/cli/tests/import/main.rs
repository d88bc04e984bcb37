//! `kernia import` as people run it.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod exports;
mod given;
mod many;
mod refusals;
#[path = "../server/mod.rs"]
mod server;
mod sources;
