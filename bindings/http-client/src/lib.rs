//! Kernia's calls to other servers: HTTP/1.1 over rustls, with limits of time and size, no redirects, and, for addresses that a user
//! can influence, only to public ones.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # fn backend(builder: kernia_runtime::BackendBuilder) -> Result<(), kernia_http_client::SettingsError> {
//! use kernia_http_client::{Client, ClientSettings};
//! let builder = builder.http_client(Arc::new(Client::new(ClientSettings::default())?));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod address;
mod client;
mod kept;
mod resolver;
mod settings;

pub use address::is_public;
pub use client::Client;
pub use settings::{ClientSettings, SettingsError};
