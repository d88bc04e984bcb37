//! The contract on MySQL or MariaDB, and what is its own.
#![allow(clippy::unwrap_used)]

mod contract;
mod own;
mod place;
