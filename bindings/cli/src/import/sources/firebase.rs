//! Firebase: what `firebase auth:export` writes, as JSON or CSV.

use kernia::crypto::secret::Secret;

use super::{Context, renamed};
use crate::import::{
    hashes::{Unkept, base64},
    person::{Identity, Person},
    record::Record,
};

/// The columns of its CSV, which has no line of names, and what would be the first one in such a line.
pub(super) const COLUMNS: (&[&str], &[&str]) = (
    &[
        "localId",
        "email",
        "emailVerified",
        "passwordHash",
        "salt",
        "displayName",
        "photoUrl",
        "google.com",
        "google.email",
        "google.displayName",
        "google.photoUrl",
        "facebook.com",
        "facebook.email",
        "facebook.displayName",
        "facebook.photoUrl",
        "twitter.com",
        "twitter.email",
        "twitter.displayName",
        "twitter.photoUrl",
        "github.com",
        "github.email",
        "github.displayName",
        "github.photoUrl",
        "createdAt",
        "lastSignedInAt",
        "phoneNumber",
        "disabled",
        "customAttributes",
    ],
    &["localId", "uid", "UID"],
);

/// Providers that have other names here.
const PROVIDERS: &[(&str, &str)] = &[
    ("google.com", "google"),
    ("facebook.com", "facebook"),
    ("twitter.com", "twitter"),
    ("github.com", "github"),
    ("apple.com", "apple"),
    ("microsoft.com", "microsoft"),
    ("yahoo.com", "yahoo"),
];

pub(super) fn person(record: &Record, context: &Context<'_>) -> Person {
    let listed = record.objects("providerUserInfo").into_iter().chain(record.objects("providerData"));
    let listed = listed.filter_map(|item| {
        let provider =
            item.text("providerId").filter(|id| !matches!(id.as_str(), "password" | "phone" | "firebase"))?;
        Identity::new(Some(provider_name(&provider)), item.any_text(&["rawId", "uid"]))
    });
    let columns =
        PROVIDERS.iter().filter_map(|(theirs, ours)| Identity::new(Some((*ours).to_owned()), record.text(theirs)));
    Person {
        id: record.any_text(&["localId", "uid"]),
        email: record.text("email"),
        email_verified: record.flag("emailVerified"),
        name: record.text("displayName"),
        image: record.any_text(&["photoUrl", "photoURL"]),
        created_at: record.date("createdAt").or_else(|| record.object("metadata")?.date("creationTime")),
        phone: record.text("phoneNumber"),
        // Firebase keeps no number that was not proven.
        phone_verified: true,
        hash: record.text("passwordHash").map(|hash| stored(&hash, record.text("salt").as_deref(), context)),
        identities: listed.chain(columns).collect(),
        blocked: record.flag("disabled").unwrap_or_default().then_some("the user is disabled"),
        ..Person::default()
    }
}

/// `oidc.x` and `saml.x` are the project's own providers, called `x`.
fn provider_name(provider: &str) -> String {
    let own = provider.strip_prefix("oidc.").or_else(|| provider.strip_prefix("saml."));
    own.map_or_else(|| renamed(provider, PROVIDERS), str::to_owned)
}

fn stored(hash: &str, salt: Option<&str>, context: &Context<'_>) -> Result<Secret, Unkept> {
    let config = context.hash_config.ok_or("there is a password hash, but --hash-config is missing")?;
    let decoded = base64(salt.unwrap_or_default()).zip(base64(hash));
    let (salt, hash) = decoded.ok_or("the password hash or its salt is no base64 text")?;
    Ok(Secret::from(config.params.text(&salt, &hash)))
}
