//! The OAuth proxy: servers whose addresses no provider knows, such as previews, sign people in through one whose address it does.
//!
//! ```text
//! preview ─► provider ─► production: exchanges the code ─► preview: signs in
//! ```
//!
//! What travels is sealed with a secret that both have. Production makes neither a user nor a session.

mod hooks;
mod logic;
mod options;
pub mod routes;

use std::sync::Arc;

use serde_json::Value;

pub use options::OAuthProxyOptions;

use self::logic::Proxy;
use crate::domain::{Hooks, Plugin, Route};

/// Sign-in through another server.
#[derive(Clone, Debug, Default)]
pub struct OAuthProxy {
    proxy: Arc<Proxy>,
}

impl OAuthProxy {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: OAuthProxyOptions) -> Self {
        Self { proxy: Arc::new(Proxy::new(options)) }
    }
}

impl Plugin for OAuthProxy {
    fn id(&self) -> &'static str {
        "oauth-proxy"
    }

    fn options(&self) -> Value {
        serde_json::to_value(self.proxy.options()).unwrap_or_default()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.proxy)
    }

    fn hooks(&self) -> Hooks {
        hooks::all(&self.proxy)
    }
}
