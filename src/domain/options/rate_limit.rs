//! Rate limits.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};

use super::ColumnNames;
use crate::wire::wildcard::path_matches;

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
    /// Rules by path (`*` matches any run); `false` lifts the limit. Of several that fit, the first counts.
    pub custom_rules: CustomRules,
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
            custom_rules: CustomRules::default(),
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

/// Rules of one's own by path, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomRules(Vec<(String, CustomRule)>);

impl CustomRules {
    /// Adds a rule behind the others, or in the place of one for the same paths.
    pub fn insert(&mut self, paths: impl Into<String>, rule: CustomRule) {
        let paths = paths.into();
        match self.0.iter_mut().find(|(known, _)| *known == paths) {
            Some((_, known)) => *known = rule,
            None => self.0.push((paths, rule)),
        }
    }

    /// The rule for `path`: the first that fits.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<CustomRule> {
        self.0.iter().find(|(paths, _)| path_matches(paths, path)).map(|(_, rule)| *rule)
    }
}

impl Serialize for CustomRules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(paths, rule)| (paths, rule)))
    }
}

impl<'de> Deserialize<'de> for CustomRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = CustomRules;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CustomRules, A::Error> {
                let mut rules = CustomRules::default();
                while let Some((paths, rule)) = map.next_entry::<String, _>()? {
                    rules.insert(paths, rule);
                }
                Ok(rules)
            }
        }

        deserializer.deserialize_map(InOrder)
    }
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
