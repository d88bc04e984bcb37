//! The contract on PostgreSQL through sqlx, and what is its own.
#![allow(clippy::unwrap_used)]

mod contract;
mod example;
mod own;
mod place;
