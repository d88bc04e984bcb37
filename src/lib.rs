//! Kernia turns an `http::Request<Bytes>` into an `http::Response<Bytes>`, and asks for everything it needs from the world in
//! between as a value.
#![forbid(unsafe_code)]

pub mod crypto;
pub mod domain;
pub mod engine;
pub mod gate;
pub mod plugins;
pub mod routes;
pub mod schema;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wire;

mod assembly;

pub use assembly::{Engine, EngineBuilder};
