//! Accounts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AdditionalField, ColumnNames};

/// Accounts.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
    /// Whether the account is kept in a cookie, tokens included.
    pub store_account_cookie: bool,
    /// Whether a sign-in replaces the stored tokens by those that the provider has just given.
    pub update_account_on_sign_in: bool,
    /// Whether access and refresh tokens are stored encrypted. Those stored before are still read.
    pub encrypt_oauth_tokens: bool,
    /// Where it is remembered what a browser wants of a provider.
    pub store_state_strategy: StateStrategy,
    /// Whether a browser may come back from a provider without the cookie that it left with. It then takes no more than a link
    /// to sign somebody in as somebody else.
    pub skip_state_cookie_check: bool,
}

impl Default for AccountOptions {
    fn default() -> Self {
        Self {
            model_name: None,
            fields: ColumnNames::new(),
            additional_fields: BTreeMap::new(),
            account_linking: AccountLinking::default(),
            store_account_cookie: false,
            update_account_on_sign_in: true,
            encrypt_oauth_tokens: false,
            store_state_strategy: StateStrategy::default(),
            skip_state_cookie_check: false,
        }
    }
}

/// Where it is remembered what a browser wants of a provider while it is there.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum StateStrategy {
    /// As a one-time value, which a cookie binds to the browser.
    #[default]
    Database,
    /// In an encrypted cookie of the browser itself.
    Cookie,
}

/// Linking several accounts to one user.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountLinking {
    /// Whether accounts are linked at all.
    pub enabled: bool,
    /// Whether a sign-in never links an account to the user who has its address.
    pub disable_implicit_linking: bool,
    /// Whether a sign-in links an account only to a user whose own address is verified.
    pub require_local_email_verified: bool,
    /// Providers whose word on an address is taken although they do not say that it is verified.
    pub trusted_providers: Vec<String>,
    /// Whether a signed-in user may link an account with another address.
    pub allow_different_emails: bool,
    /// Whether the last account may be unlinked.
    pub allow_unlinking_all: bool,
    /// Whether the linked account's name, image and mapped fields become the user's.
    pub update_user_info_on_link: bool,
}

impl Default for AccountLinking {
    fn default() -> Self {
        Self {
            enabled: true,
            disable_implicit_linking: false,
            require_local_email_verified: true,
            trusted_providers: Vec::new(),
            allow_different_emails: false,
            allow_unlinking_all: false,
            update_user_info_on_link: false,
        }
    }
}
