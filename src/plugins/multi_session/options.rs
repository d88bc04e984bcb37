//! What an operator can decide about several sessions in one browser.

use serde::{Deserialize, Serialize};

/// The options of the multi-session plugin.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MultiSessionOptions {
    /// How many sessions a browser can change between. Of more, the newest is active and cannot be come back to.
    pub maximum_sessions: usize,
}

impl Default for MultiSessionOptions {
    fn default() -> Self {
        Self { maximum_sessions: 5 }
    }
}
