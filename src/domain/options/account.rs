//! Accounts and one-time values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AdditionalField, ColumnNames};

/// Accounts.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountOptions {
    /// The table's name in the database.
    pub model_name: Option<String>,
    /// The columns' names.
    pub fields: ColumnNames,
    /// The application's own fields.
    pub additional_fields: BTreeMap<String, AdditionalField>,
    /// Linking several accounts to one user.
    pub account_linking: AccountLinking,
    /// Whether the account is kept in a cookie.
    pub store_account_cookie: bool,
}

/// Linking several accounts to one user.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountLinking {
    /// Whether the last account may be unlinked.
    pub allow_unlinking_all: bool,
}

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
    pub store_identifier: IdentifierStorage,
}

/// How the identifiers of one-time values are stored.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum IdentifierStorage {
    /// As they are.
    #[default]
    Plain,
    /// As unpadded base64url of their SHA-256, so that a copy of the database opens nothing.
    Hashed,
}
