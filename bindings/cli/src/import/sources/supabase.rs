//! Supabase: rows of `auth.users`, with those of `auth.identities`.

use kernia::crypto::secret::Secret;

use super::{Context, renamed};
use crate::import::{
    hashes,
    person::{Identity, Person},
    record::Record,
};

/// Providers that have other names here.
const PROVIDERS: &[(&str, &str)] =
    &[("azure", "microsoft"), ("linkedin_oidc", "linkedin"), ("slack_oidc", "slack"), ("x", "twitter")];

pub(super) fn person(record: &Record, second: &[Record], context: &Context<'_>) -> Person {
    let about = record.object("raw_user_meta_data").unwrap_or_default();
    let nested = record.objects("identities");
    let blocked = if record.get("deleted_at").is_some() {
        Some("the user is deleted")
    } else {
        record.date("banned_until").filter(|until| *until > context.now).map(|_| "the user is banned")
    };
    Person {
        id: record.text("id"),
        email: record.text("email"),
        email_verified: Some(record.any_text(&["email_confirmed_at", "confirmed_at"]).is_some()),
        name: about.any_text(&["full_name", "name", "display_name", "user_name"]),
        image: about.any_text(&["avatar_url", "picture"]),
        created_at: record.date("created_at"),
        username: about.any_text(&["username", "preferred_username"]),
        phone: record.text("phone"),
        phone_verified: record.get("phone_confirmed_at").is_some(),
        hash: record.text("encrypted_password").map(|hash| hashes::supabase(&hash, context.keys).map(Secret::from)),
        identities: nested.iter().chain(second).filter_map(identity).collect(),
        blocked,
        ..Person::default()
    }
}

fn identity(row: &Record) -> Option<Identity> {
    let provider = row.text("provider").filter(|provider| !matches!(provider.as_str(), "email" | "phone"))?;
    let data = row.object("identity_data").unwrap_or_default();
    // Before 2023 the row's own id was the provider's.
    let id = row.text("provider_id").or_else(|| data.any_text(&["provider_id", "sub"])).or_else(|| row.text("id"));
    let provider = provider.strip_prefix("custom:").unwrap_or(&provider);
    Identity::new(Some(renamed(provider, PROVIDERS)), id)
}
