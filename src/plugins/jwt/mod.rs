//! The jwt plugin: tokens of a session for other services, signed with keys of the server's own, which it publishes.
//!
//! ```
//! use kernia::plugins::jwt::{Jwt, JwtOptions};
//! use serde_json::Map;
//!
//! let options = JwtOptions::default().define_payload(async |session| {
//!     Ok(Map::from_iter([("email".to_owned(), session.user.text("email").into())]))
//! });
//! let plugin = Jwt::new(options);
//! ```

pub mod errors;

mod hooks;
mod logic;
mod options;
pub mod routes;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use options::{
    ExpirationTime, JwksOptions, JwtOptions, KeyAlgorithm, KeyPairConfig, KeyRecord, RemoteSign, StoredKey,
    TokenOptions,
};

use self::logic::Keys;
use crate::{
    domain::{Hooks, Plugin, Route, options::Options, session::CacheSigner},
    engine::ApiError,
    schema::Table,
};

/// Tokens for other services.
#[derive(Debug, Default)]
pub struct Jwt {
    keys: Arc<Keys>,
}

impl Jwt {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: JwtOptions) -> Self {
        Self { keys: Arc::new(Keys::new(options)) }
    }
}

impl Plugin for Jwt {
    fn id(&self) -> &'static str {
        "jwt"
    }

    fn options(&self) -> Value {
        serde_json::to_value(self.keys.options()).unwrap_or_default()
    }

    fn tables(&self) -> Vec<Table> {
        schema::tables()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.keys)
    }

    fn hooks(&self) -> Hooks {
        hooks::all(&self.keys)
    }

    fn cache_signer(&self) -> Option<CacheSigner> {
        hooks::cache_signer(&self.keys)
    }

    fn check(&self, options: &Options) -> Result<(), String> {
        self.keys.options().check(options)
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}
