//! Kernia turns an `http::Request<Bytes>` into an `http::Response<Bytes>`, and asks for everything it needs from the world in
//! between (rows, hashes, messages) as a value. It speaks the protocol of Better Auth.
//!
//! This crate is the engine: no socket, no file, no clock, no runtime, no `unsafe`. The `kernia` command and the bindings for
//! Axum, Actix, Rocket and Hyper are crates around it. `ARCHITECTURE.md` is the map.
//!
//! # An exchange, by hand
//!
//! ```
//! # use std::sync::Arc;
//! # use kernia::{crypto::entropy::SeededEntropy, wire::date::{FixedClock, Timestamp}};
//! use bytes::Bytes;
//! use kernia::{Engine, domain::options::Options, engine::{Effect, Outcome, Step}, store::Rows};
//!
//! let mut options = Options::default();
//! options.secret = Some("0123456789-a-secret-of-your-own-0123456789".into());
//! # let clock = Arc::new(FixedClock::new(Timestamp::from_secs(1_767_225_600)));
//! # let entropy = Arc::new(SeededEntropy::new(1));
//! let engine = Engine::builder(options, clock, entropy).build()?;
//!
//! let request = http::Request::get("/api/auth/ok").header("host", "localhost").body(Bytes::new())?;
//! let mut exchange = engine.begin(request);
//! let response = loop {
//!     match exchange.step() {
//!         Step::Respond(response) => break response,
//!         // A driver performs what is asked. This one knows an empty database and counts nobody.
//!         Step::Perform(Effect::Read(_)) => exchange.supply(Outcome::Read(Ok(Rows::default()))),
//!         Step::Perform(Effect::Limit(_)) => exchange.supply(Outcome::Limit(kernia::store::HitVerdict::Allowed)),
//!         Step::Perform(other) => panic!("this driver cannot {other:?}"),
//!     }
//! };
//! assert_eq!(response.body(), r#"{"ok":true}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod crypto;
pub mod domain;
pub mod engine;
pub mod gate;
pub mod oauth;
pub mod plugins;
pub mod providers;
pub mod routes;
pub mod schema;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wire;

mod assembly;

pub use assembly::{Engine, EngineBuilder};
