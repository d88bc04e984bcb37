//! The contract on PostgreSQL, and what is its own.
#![allow(clippy::unwrap_used)]

mod contract;
mod own;
mod place;
mod proxy;
mod trips;
