//! What an operator can decide about the OAuth proxy.

use serde::{Deserialize, Serialize};

use crate::domain::options::SecretText;

/// The options of the OAuth proxy.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OAuthProxyOptions {
    /// Where the server is whose address the providers know; by default here.
    pub production_url: Option<String>,
    /// Where this server is; by default where the request went, if that origin is trusted, and else its base URL.
    pub current_url: Option<String>,
    /// How old what production has sealed may be, in seconds.
    pub max_age: i64,
    /// What seals what travels, and the same on both servers; by default the server's own secret.
    pub secret: Option<SecretText>,
}

impl Default for OAuthProxyOptions {
    fn default() -> Self {
        Self { production_url: None, current_url: None, max_age: 60, secret: None }
    }
}
