//! Better Auth: rows of its tables `user` and `account`.

use super::{Context, as_written};
use crate::import::{
    person::{Identity, Person, fields_of},
    record::Record,
};

/// The provider of the account that holds the password.
const CREDENTIAL: &str = "credential";

/// What is made anew here, or said otherwise.
const NOT_COPIED: &[&str] = &["id", "userId", "providerId", "accountId", "password"];

pub(super) fn person(record: &Record, second: &[Record], context: &Context<'_>) -> Person {
    let nested = record.objects("accounts").into_iter().chain(record.objects("account"));
    let accounts: Vec<_> = nested.chain(second.iter().cloned()).collect();
    let provider = |account: &Record| account.any_text(&["providerId", "provider_id"]);
    let credential = accounts.iter().find(|account| provider(account).as_deref() == Some(CREDENTIAL));
    let identities = accounts.iter().filter_map(|account| {
        let provider = provider(account).filter(|provider| provider != CREDENTIAL);
        let mut identity = Identity::new(provider, account.any_text(&["accountId", "account_id"]))?;
        identity.fields = fields_of(account, context.account_fields);
        identity.fields.retain(|(name, _)| !NOT_COPIED.contains(&name.as_str()));
        Some(identity)
    });
    Person {
        id: record.text("id"),
        email: record.text("email"),
        email_verified: record.flag("emailVerified").or_else(|| record.flag("email_verified")),
        hash: credential.and_then(|account| account.text("password")).map(as_written),
        identities: identities.collect(),
        // The name is among these, and whatever plugins have added.
        fields: fields_of(record, context.user_fields),
        ..Person::default()
    }
}
