//! One-time values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AdditionalField, ColumnNames};
use crate::domain::stored_secret::StoreToken;

/// One-time values.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct VerificationOptions {
    /// The table's name in the database.
    pub model_name: Option<String>,
    /// The columns' names.
    pub fields: ColumnNames,
    /// The application's own fields.
    pub additional_fields: BTreeMap<String, AdditionalField>,
    /// How identifiers are stored.
    pub store_identifier: StoreIdentifier,
    /// Whether the database holds one-time values also where there is secondary storage.
    pub store_in_database: bool,
    /// Whether expired values stay in the database.
    pub disable_cleanup: bool,
}

/// How the identifiers of one-time values are stored: hashed ones keep a copy of the database from opening anything.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum StoreIdentifier {
    /// All alike.
    All(StoreToken),
    /// As their beginning says.
    ByPrefix(IdentifierRules),
}

/// How identifiers are stored, by their beginning.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierRules {
    /// Those that no other rule is for.
    pub default: StoreToken,
    /// Those that begin so. The longest beginning that fits decides.
    #[serde(default)]
    pub overrides: BTreeMap<String, StoreToken>,
}

impl StoreIdentifier {
    /// The form in which `identifier` is stored.
    #[must_use]
    pub fn of(&self, identifier: &str) -> &StoreToken {
        match self {
            Self::All(form) => form,
            Self::ByPrefix(rules) => {
                let fitting = rules.overrides.iter().filter(|(prefix, _)| identifier.starts_with(prefix.as_str()));
                fitting.max_by_key(|(prefix, _)| prefix.len()).map_or(&rules.default, |(_, form)| form)
            }
        }
    }
}

impl Default for StoreIdentifier {
    fn default() -> Self {
        Self::All(StoreToken::default())
    }
}

impl From<StoreToken> for StoreIdentifier {
    fn from(form: StoreToken) -> Self {
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
        let form = |options: &VerificationOptions, identifier| {
            serde_json::to_value(options.store_identifier.of(identifier)).unwrap()
        };
        assert_eq!(form(&options, "reset-password:x"), "plain");
        assert_eq!(form(&options, "sign-in:x"), "hashed");
        assert_eq!(form(&options, "sign-in-otp-x"), "plain");
        assert_eq!(form(&read(json!({"store_identifier": "hashed"})).unwrap(), "x"), "hashed");
        assert_eq!(form(&VerificationOptions::default(), "x"), "plain");
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
