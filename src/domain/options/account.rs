//! Accounts.

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
