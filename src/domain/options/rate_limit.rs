//! Rate limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ColumnNames;

/// Rate limits.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RateLimitOptions {
    /// Whether requests are limited; by default in production.
    pub enabled: Option<bool>,
    /// The window, in seconds, where no other rule applies.
    pub window: u64,
    /// How many requests a window allows, where no other rule applies.
    pub max: u64,
    /// Where counters are kept; by default in secondary storage if there is one, else in memory.
    pub storage: Option<RateLimitStorage>,
    /// The counters' table in the database.
    pub model_name: Option<String>,
    /// Its columns' names.
    pub fields: ColumnNames,
    /// Rules by path (`*` matches any run); `false` lifts the limit.
    pub custom_rules: BTreeMap<String, CustomRule>,
    /// How many wrong passwords one account bears in a row, wherever they come from; by default [`FAILURES`]. A right one
    /// ends the row; the time without one is the window.
    pub failures_per_account: CustomRule,
    /// How many messages of one kind one address or phone number gets, whoever asks for them; by default [`MESSAGES`].
    pub messages_per_address: CustomRule,
}

/// What [`failures_per_account`](RateLimitOptions::failures_per_account) is where nothing else is said.
pub const FAILURES: Limit = Limit { window: 900, max: 20 };
/// What [`messages_per_address`](RateLimitOptions::messages_per_address) is where nothing else is said.
pub const MESSAGES: Limit = Limit { window: 3600, max: 10 };

impl Default for RateLimitOptions {
    fn default() -> Self {
        Self {
            enabled: None,
            window: 10,
            max: 100,
            storage: None,
            model_name: None,
            fields: ColumnNames::new(),
            custom_rules: BTreeMap::new(),
            failures_per_account: CustomRule::Switch(true),
            messages_per_address: CustomRule::Switch(true),
        }
    }
}

/// Where counters are kept.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum RateLimitStorage {
    /// In this process.
    Memory,
    /// In the database.
    Database,
    /// In secondary storage.
    SecondaryStorage,
}

/// How often one client may do something.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The window in seconds.
    pub window: u64,
    /// How many requests it allows.
    pub max: u64,
}

/// A rule of one's own.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum CustomRule {
    /// `false` lifts the limit, `true` changes nothing.
    Switch(bool),
    /// Another limit.
    Limit {
        /// The window in seconds.
        window: u64,
        /// How many requests it allows.
        max: u64,
    },
}

impl CustomRule {
    /// The limit, where `usual` is the one that this rule may change; `None` when it is lifted.
    #[must_use]
    pub fn over(self, usual: Limit) -> Option<Limit> {
        match self {
            Self::Switch(false) => None,
            Self::Switch(true) => Some(usual),
            Self::Limit { window, max } => Some(Limit { window, max }),
        }
    }
}
