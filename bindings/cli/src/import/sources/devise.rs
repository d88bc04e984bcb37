//! Devise: rows of the application's table of users.

use kernia::crypto::{foreign::peppered, secret::Secret};

use super::{Context, renamed};
use crate::import::{
    person::{Identity, Person, full_name},
    record::Record,
};

/// OmniAuth's strategies that have other names here.
const PROVIDERS: &[(&str, &str)] = &[
    ("google_oauth2", "google"),
    ("azure_activedirectory_v2", "microsoft"),
    ("entra_id", "microsoft"),
    ("microsoft_graph", "microsoft"),
    ("twitter2", "twitter"),
    ("linkedin_openid", "linkedin"),
];

pub(super) fn person(record: &Record, second: &[Record], context: &Context<'_>) -> Person {
    let hash = record
        .any_text(&["encrypted_password", "password_digest"])
        .map(|hash| Ok(Secret::from(if context.peppered { peppered(context.keys.name, &hash) } else { hash })));
    // Without the column nothing was ever confirmed; with it, it says.
    let confirmable = record.members.contains_key("confirmed_at");
    let identities = [record].into_iter().chain(second).filter_map(|record| {
        let provider = record.text("provider").filter(|provider| provider != "email");
        Identity::new(provider.map(|provider| renamed(&provider, PROVIDERS)), record.text("uid"))
    });
    Person {
        id: record.text("id"),
        email: record.text("email"),
        email_verified: confirmable.then(|| record.date("confirmed_at").is_some()),
        name: record
            .any_text(&["name", "full_name", "display_name"])
            .or_else(|| full_name(record.text("first_name"), record.text("last_name"))),
        image: record.any_text(&["image", "avatar_url"]),
        created_at: record.date("created_at"),
        username: record.any_text(&["username", "login"]),
        phone: record.any_text(&["phone_number", "phone"]),
        hash,
        identities: identities.collect(),
        ..Person::default()
    }
}
