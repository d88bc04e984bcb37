//! Auth0: the users of its export job or of its import format, and the password hashes that its support hands out.

use kernia::crypto::secret::Secret;

use super::{as_written, renamed};
use crate::import::{
    hashes,
    person::{Identity, Person, full_name},
    record::Record,
};

/// The connections' strategies that have other names here.
const PROVIDERS: &[(&str, &str)] = &[("google-oauth2", "google"), ("windowslive", "microsoft")];

/// Strategies whose users have a password or a code, and no identity elsewhere.
const OWN: &[&str] = &["auth0", "email", "sms"];

pub(super) fn person(record: &Record, second: &[Record]) -> Person {
    // A file of password hashes alone names users in its own way.
    let id = record.text("user_id").or_else(|| password_key(record));
    let passwords = || [record].into_iter().chain(second);
    let hash = passwords()
        .find_map(|record| record.any_text(&["passwordHash", "password_hash"]).map(as_written))
        .or_else(|| {
            let custom = passwords().find_map(|record| record.object("custom_password_hash"))?;
            Some(hashes::auth0(&custom).map(Secret::from))
        });
    Person {
        email: record.text("email"),
        email_verified: record.flag("email_verified"),
        name: record
            .text("name")
            // Without a better one, Auth0 makes the address the name.
            .filter(|name| !name.contains('@'))
            .or_else(|| full_name(record.text("given_name"), record.text("family_name")))
            .or_else(|| record.text("nickname")),
        image: record.text("picture"),
        created_at: record.date("created_at"),
        username: record.text("username"),
        phone: record.text("phone_number"),
        phone_verified: record.flag("phone_verified").unwrap_or_default(),
        hash,
        identities: identities(record, id.as_deref()),
        blocked: record.flag("blocked").unwrap_or_default().then_some("the user is blocked"),
        id,
        ..Person::default()
    }
}

/// The user's id in the file of password hashes: `auth0|` and what the database knows the user by.
pub(super) fn password_key(record: &Record) -> Option<String> {
    let stored = record.object("_id").or_else(|| record.object("_ID")).and_then(|id| id.text("$oid"));
    let own = record.text("alt_id").or(stored).map(|id| format!("auth0|{id}"));
    own.or_else(|| record.text("user_id"))
}

fn identities(record: &Record, id: Option<&str>) -> Vec<Identity> {
    let listed = record.objects("identities");
    let identity = |provider: String, id: Option<String>| {
        let own = OWN.contains(&provider.as_str());
        Identity::new((!own).then(|| renamed(&provider, PROVIDERS)), id)
    };
    if !listed.is_empty() {
        let found = listed.iter().filter_map(|item| identity(item.text("provider")?, item.text("user_id")));
        return found.collect();
    }
    let Some((provider, id)) = id.and_then(|id| id.split_once('|')) else { return Vec::new() };
    identity(provider.to_owned(), Some(id.to_owned())).into_iter().collect()
}
