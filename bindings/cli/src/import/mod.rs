//! `import`: users of another system, with their passwords.
//!
//! ```text
//! file ─► Reader ─► Record ─► Source ─► Person ─► ImportedUser ─► Engine::begin_import ─► what came of each
//!          one at a time      what says what      rows, checked    a batch at a time
//! ```
//!
//! Doing it again brings in nobody twice; the state that an interrupted run leaves only saves the time of finding that out.

mod failure;
mod hash_config;
mod hashes;
mod ids;
mod options;
mod person;
mod progress;
mod reader;
mod record;
mod report;
mod run;
mod second;
mod sources;
mod state;

pub use self::{
    failure::ImportFailure,
    options::{Import, OnConflict, UnreadableHashes},
    report::Summary,
    sources::Source,
};
