//! The security catalogue: each test is named after the case that it proves. `docs/security-cases.md` lists all cases; `catalogue.rs`
//! holds the list against the tests of the whole source tree.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use kernia::testing::World;

mod bodies;
mod captchas;
mod catalogue;
mod codes;
mod cookies;
#[path = "../it/elsewhere.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod elsewhere;
mod faults;
mod given;
mod guesses;
mod input;
mod limits;
mod links;
mod log;
mod notices;
mod origins;
#[cfg(feature = "passkey")]
mod passkeys;
mod passwords;
mod protocol;
mod purpose;
#[path = "../it/race.rs"]
mod race;
mod redirects;
mod sessions;
#[path = "../it/stepping.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod stepping;
mod strangers;
mod two_factor;
