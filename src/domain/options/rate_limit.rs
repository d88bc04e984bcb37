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
}

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
