//! Tests of the engine from outside: whole servers in memory, driven by requests.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

mod accounts;
mod bearer;
mod callback;
mod corpora;
mod database;
mod email;
mod email_change;
mod error_page;
mod foreign_hash;
mod malformed;
mod own_password;
mod password_reset;
mod pipeline;
mod policy;
mod race;
mod sessions;
mod sign_in;
mod stale_reads;
mod stepping;
mod sweeps;
mod user;
mod user_deletion;
mod user_import;
mod username;
