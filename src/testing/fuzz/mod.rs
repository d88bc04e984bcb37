//! What the fuzz targets run. Plain functions, so that the stable toolchain replays their corpora as tests.
//!
//! A target reads arbitrary bytes, and panics when something does not hold that must. Where the bytes are text, they are taken as
//! they are; where a structure is wanted, they are the decisions from which it is made (`source`).

mod forged;
mod input;
#[cfg(feature = "mongo")]
mod mongo;
#[cfg(feature = "passkey")]
mod passkey;
mod request;
mod server;
mod source;
#[cfg(feature = "sql")]
mod sql;
#[cfg(any(feature = "mongo", feature = "sql"))]
mod statements;
mod wire;

/// A fuzz target: `fuzz/fuzz_targets` has a program for it, and `fuzz/corpus` a folder.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// What it runs.
    ///
    /// # Panics
    /// When something does not hold that must.
    pub run: fn(&[u8]),
}

/// All targets of the engine.
pub const TARGETS: &[Target] = &[
    Target { name: "request", run: request::run },
    Target { name: "input", run: input::run },
    Target { name: "cookie", run: forged::cookie },
    Target { name: "sealed", run: forged::sealed },
    Target { name: "session_cache", run: forged::session_cache },
    Target { name: "jwt", run: forged::jwt },
    Target { name: "body", run: wire::body },
    Target { name: "address", run: wire::address },
    Target { name: "redirect", run: wire::redirect },
    Target { name: "password_hash", run: wire::password_hash },
    #[cfg(feature = "passkey")]
    Target { name: "passkey", run: passkey::run },
    #[cfg(feature = "sql")]
    Target { name: "sql", run: sql::run },
    #[cfg(feature = "mongo")]
    Target { name: "mongo", run: mongo::run },
];

/// Runs the target called `name` on `data`.
///
/// # Panics
/// When there is no such target, and when something does not hold that must.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of the list").run)(data);
}
