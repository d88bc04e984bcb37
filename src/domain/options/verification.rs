//! One-time values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ColumnNames;

/// One-time values.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct VerificationOptions {
    /// The table's name in the database.
    pub model_name: Option<String>,
    /// The columns' names.
    pub fields: ColumnNames,
    /// How identifiers are stored.
    pub store_identifier: StoreIdentifier,
    /// Whether the database holds one-time values also where there is secondary storage.
    pub store_in_database: bool,
    /// Whether expired values stay in the database.
    pub disable_cleanup: bool,
}

/// How the identifiers of one-time values are stored.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum StoreIdentifier {
    /// All alike.
    All(IdentifierStorage),
    /// As their beginning says.
    ByPrefix(IdentifierRules),
}

/// How identifiers are stored, by their beginning.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct IdentifierRules {
    /// Those that no other rule is for.
    pub default: IdentifierStorage,
    /// Those that begin so. The longest beginning that fits decides.
    #[serde(default)]
    pub overrides: BTreeMap<String, IdentifierStorage>,
}

/// The stored form of an identifier.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum IdentifierStorage {
    /// As it is.
    #[default]
    Plain,
    /// As unpadded base64url of its SHA-256, so that a copy of the database opens nothing.
    Hashed,
}

impl StoreIdentifier {
    /// The form in which `identifier` is stored.
    #[must_use]
    pub fn of(&self, identifier: &str) -> IdentifierStorage {
        match self {
            Self::All(form) => *form,
            Self::ByPrefix(rules) => {
                let fitting = rules.overrides.iter().filter(|(prefix, _)| identifier.starts_with(prefix.as_str()));
                fitting.max_by_key(|(prefix, _)| prefix.len()).map_or(rules.default, |(_, form)| *form)
            }
        }
    }
}

impl Default for StoreIdentifier {
    fn default() -> Self {
        Self::All(IdentifierStorage::default())
    }
}

impl From<IdentifierStorage> for StoreIdentifier {
    fn from(form: IdentifierStorage) -> Self {
        Self::All(form)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: serde_json::Value) -> Result<VerificationOptions, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn the_longest_beginning_decides() {
        let overrides = json!({"sign-in": "hashed", "sign-in-otp": "plain"});
        let options = read(json!({"store_identifier": {"default": "plain", "overrides": overrides}})).unwrap();
        let form = |identifier| options.store_identifier.of(identifier);
        assert_eq!(form("reset-password:x"), IdentifierStorage::Plain);
        assert_eq!(form("sign-in:x"), IdentifierStorage::Hashed);
        assert_eq!(form("sign-in-otp-x"), IdentifierStorage::Plain);
        let all = read(json!({"store_identifier": "hashed"})).unwrap();
        assert_eq!(all.store_identifier.of("x"), IdentifierStorage::Hashed);
        assert_eq!(VerificationOptions::default().store_identifier.of("x"), IdentifierStorage::Plain);
    }

    #[test]
    fn unknown_rules_are_refused() {
        for wrong in [
            json!({"store_identifier": "salted"}),
            json!({"store_identifier": {"overrides": {}}}),
            json!({"store_identifier": {"default": "plain", "override": {}}}),
            json!({"storeInDatabase": true}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
