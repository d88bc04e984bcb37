//! The magic link plugin: a link in a mail that signs in whoever follows it, once.
//!
//! ```
//! use kernia::{domain::stored_secret::StoreToken, plugins::magic_link::{MagicLink, MagicLinkOptions}};
//!
//! let mut options = MagicLinkOptions::default();
//! options.store_token = StoreToken::Hashed;
//! let plugin = MagicLink::new(options);
//! ```

mod logic;
mod options;
pub mod routes;

use std::sync::Arc;

use serde_json::Value;

pub use options::MagicLinkOptions;

use crate::{
    domain::{Plugin, RateRule, Route},
    engine::{Channel, PathMatch},
};

/// Sign-in by a link in a mail.
#[derive(Clone, Debug, Default)]
pub struct MagicLink {
    options: Arc<MagicLinkOptions>,
}

impl MagicLink {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: MagicLinkOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for MagicLink {
    fn id(&self) -> &'static str {
        "magic-link"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.options)
    }

    fn sends_by(&self) -> &'static [Channel] {
        &[Channel::Mail]
    }

    fn rate_limits(&self) -> Vec<RateRule> {
        let limit = self.options.rate_limit;
        ["/sign-in/magic-link", "/magic-link/verify"].map(|path| RateRule::new(PathMatch::Prefix(path), limit)).into()
    }
}
