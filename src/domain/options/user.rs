//! Users.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AdditionalField, ColumnNames};

/// Users.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UserOptions {
    /// The table's name in the database.
    pub model_name: Option<String>,
    /// The columns' names.
    pub fields: ColumnNames,
    /// The application's own fields.
    pub additional_fields: BTreeMap<String, AdditionalField>,
    /// Changing the email address.
    pub change_email: ChangeEmail,
    /// Deleting oneself.
    pub delete_user: DeleteUser,
}

/// Changing the email address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ChangeEmail {
    /// Whether it is allowed.
    pub enabled: bool,
    /// Whether an unverified address is replaced at once.
    pub update_email_without_verification: bool,
    /// Whether the old, verified address is asked to confirm first.
    pub send_change_email_confirmation: bool,
}

/// Deleting oneself.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteUser {
    /// Whether it is allowed.
    pub enabled: bool,
    /// Whether it takes a link sent by mail.
    pub send_delete_account_verification: bool,
    /// How long that link is good, in seconds.
    pub delete_token_expires_in: i64,
}

impl Default for DeleteUser {
    fn default() -> Self {
        Self { enabled: false, send_delete_account_verification: false, delete_token_expires_in: 86_400 }
    }
}
