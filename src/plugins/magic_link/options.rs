//! What an operator can decide about magic links.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::domain::{options::Limit, stored_secret::StoreToken};

/// The options of the magic link plugin. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MagicLinkOptions {
    /// How long a link is good, in seconds; 0 stands for 300, as in the reference.
    pub expires_in: i64,
    /// Whether a link signs in known users only.
    pub disable_sign_up: bool,
    /// How tokens are stored.
    pub store_token: StoreToken,
    /// How often one client may ask for links, and follow them.
    pub rate_limit: Limit,
    #[serde(skip)]
    pub(super) generate_token: Option<Generate>,
}

impl Default for MagicLinkOptions {
    fn default() -> Self {
        Self {
            expires_in: 300,
            disable_sign_up: false,
            store_token: StoreToken::default(),
            rate_limit: Limit { window: 60, max: 5 },
            generate_token: None,
        }
    }
}

impl MagicLinkOptions {
    /// Tokens as `generate` makes them for an address, instead of 32 random letters. They must be hard to guess, never the same
    /// twice, and of visible ASCII characters: others open nothing.
    #[must_use]
    pub fn generate_token(mut self, generate: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.generate_token = Some(Generate(Arc::new(generate)));
        self
    }

    /// How long a link is good, in seconds.
    pub(super) fn lifetime(&self) -> i64 {
        if self.expires_in == 0 { 300 } else { self.expires_in }
    }
}

/// The application's own way to make tokens.
#[derive(Clone)]
pub(super) struct Generate(pub(super) Arc<dyn Fn(&str) -> String + Send + Sync>);

impl fmt::Debug for Generate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generate")
    }
}
