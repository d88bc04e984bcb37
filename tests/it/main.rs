//! Tests of the engine from outside: whole servers in memory, driven by requests.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]
#![allow(clippy::duplicate_mod, reason = "the scenarios run once for each setting")]

mod api;
mod apple;
mod captcha;
mod client_key;
mod corpora;
mod database;
mod elsewhere;
mod error_page;
mod have_i_been_pwned;
mod hooks;
mod malformed;
mod open_api;
mod per_request;
mod provider;
mod stale_reads;
mod stepping;
mod user_gate;
mod user_import;

#[path = "scenarios.rs"]
mod in_both;
#[path = "scenarios.rs"]
mod in_database;
#[path = "scenarios.rs"]
mod in_secondary_storage;
#[path = "scenarios.rs"]
mod numbered;
#[path = "scenarios.rs"]
mod numbered_in_both;
#[path = "scenarios.rs"]
mod numbered_in_secondary_storage;
