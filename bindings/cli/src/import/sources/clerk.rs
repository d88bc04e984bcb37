//! Clerk: the CSV that its dashboard exports, and users as its backend API lists them.

use kernia::crypto::secret::Secret;

use super::renamed;
use crate::import::{
    hashes::{self, Keys},
    person::{Identity, Person, full_name},
    record::Record,
};

/// Strategies that have other names here.
const PROVIDERS: &[(&str, &str)] = &[("x", "twitter"), ("linkedin_oidc", "linkedin")];

pub(super) fn person(record: &Record, second: &[Record], keys: Keys<'_>) -> Person {
    let either = |name: &str| record.text(name).or_else(|| second.iter().find_map(|record| record.text(name)));
    let (email, email_verified) = email(record);
    let hash = either("password_digest").map(|digest| {
        let hasher = either("password_hasher").unwrap_or_else(|| "bcrypt".to_owned());
        hashes::clerk(&digest, &hasher, keys).map(Secret::from)
    });
    let (phone, phone_verified) = phone(record);
    let banned = record.flag("banned").unwrap_or_default().then_some("the user is banned");
    Person {
        id: record.text("id"),
        email,
        email_verified: Some(email_verified),
        name: full_name(record.text("first_name"), record.text("last_name")),
        // A picture that Clerk made up is worth nothing elsewhere.
        image: record.text("image_url").filter(|_| record.flag("has_image").unwrap_or(true)),
        created_at: record.date("created_at"),
        username: record.text("username"),
        phone,
        phone_verified,
        hash,
        identities: record.objects("external_accounts").iter().filter_map(identity).collect(),
        blocked: banned,
        ..Person::default()
    }
}

/// The primary address and whether it is verified.
fn email(record: &Record) -> (Option<String>, bool) {
    let listed = record.objects("email_addresses");
    let primary = record.text("primary_email_address_id");
    let chosen = listed.iter().find(|item| primary.is_some() && item.text("id") == primary).or(listed.first());
    if let Some(chosen) = chosen {
        return (chosen.text("email_address"), is_verified(chosen));
    }
    let verified = addresses(record, "verified_email_addresses");
    let all = verified.iter().chain(&addresses(record, "unverified_email_addresses")).cloned().collect::<Vec<_>>();
    let email = record.any_text(&["primary_email_address", "email"]).or_else(|| all.first().cloned());
    let is_verified = email.as_ref().is_some_and(|email| verified.contains(email));
    (email, is_verified)
}

fn phone(record: &Record) -> (Option<String>, bool) {
    let listed = record.objects("phone_numbers");
    let primary = record.text("primary_phone_number_id");
    let chosen = listed.iter().find(|item| primary.is_some() && item.text("id") == primary).or(listed.first());
    if let Some(chosen) = chosen {
        return (chosen.text("phone_number"), is_verified(chosen));
    }
    let phone = record.text("primary_phone_number");
    let verified = phone.as_ref().is_some_and(|phone| addresses(record, "verified_phone_numbers").contains(phone));
    (phone, verified)
}

fn is_verified(item: &Record) -> bool {
    item.object("verification").and_then(|verification| verification.text("status")).as_deref() == Some("verified")
}

/// A column with several, separated by `|` or `,`.
fn addresses(record: &Record, column: &str) -> Vec<String> {
    let text = record.text(column).unwrap_or_default();
    text.split(['|', ',', ' ']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn identity(account: &Record) -> Option<Identity> {
    let provider = account.text("provider")?;
    let provider = provider.strip_prefix("oauth_").unwrap_or(&provider);
    let provider = provider.strip_prefix("custom_").unwrap_or(provider);
    Identity::new(Some(renamed(provider, PROVIDERS)), account.text("provider_user_id"))
}
