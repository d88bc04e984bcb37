//! A user as a source describes one, and the rows that this makes here.

use kernia::{
    Engine,
    crypto::{password::check_readable, secret::Secret},
    domain::user_import::ImportedUser,
    schema::{ACCOUNT, Field, Row, USER, Value},
    wire::date::Timestamp,
};

use super::{
    hashes::Unkept,
    options::{Settings, UnreadableHashes},
    record::Record,
};

/// Longest text of a user that is kept, in bytes.
const MAX_TEXT: usize = 4096;

/// A user as a source describes one.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// The id there.
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    /// Whether the address is known to be the user's; `None` when the source does not say.
    pub(super) email_verified: Option<bool>,
    pub(super) name: Option<String>,
    pub(super) image: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) username: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) phone_verified: bool,
    pub(super) hash: Option<Result<Secret, Unkept>>,
    pub(super) identities: Vec<Identity>,
    /// Why the user may not sign in there.
    pub(super) blocked: Option<&'static str>,
    /// Further fields of the user's table, which count before all others.
    pub(super) fields: Vec<(String, Value)>,
}

/// An identity at a provider.
#[derive(Debug, Default)]
pub(super) struct Identity {
    pub(super) provider: String,
    pub(super) id: String,
    /// Further fields of the account's table.
    pub(super) fields: Vec<(String, Value)>,
}

impl Identity {
    /// An identity; `None` without a provider or an id.
    pub(super) fn new(provider: Option<String>, id: Option<String>) -> Option<Self> {
        Some(Self { provider: provider?, id: id?, fields: Vec::new() })
    }
}

/// First and last name as one.
pub(super) fn full_name(first: Option<String>, last: Option<String>) -> Option<String> {
    match (first, last) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    }
}

/// The members of a record that are fields of a table, under the name in code or in snake case.
pub(super) fn fields_of(record: &Record, fields: &[Field]) -> Vec<(String, Value)> {
    let named = |field: &Field| {
        let snake = snake_case(&field.name);
        [field.name.as_str(), snake.as_str(), field.column.as_str()]
            .into_iter()
            .find_map(|name| record.value(name, field.kind))
    };
    fields.iter().filter_map(|field| Some((field.name.as_str().to_owned(), named(field)?))).collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

impl Person {
    /// What is stored of this user, or why nothing can be.
    pub(super) fn into_user(self, engine: &Engine, settings: &Settings) -> Result<ImportedUser, String> {
        let has = |field: &str| engine.schema().table(&USER).is_some_and(|table| table.field(field).is_some());
        let email = self.email.as_deref().ok_or("there is no e-mail address")?.to_owned();
        let verified = self.email_verified.unwrap_or(settings.assume_verified);
        let local_part = || email.split('@').next().unwrap_or_default().to_owned();
        let mut row = Row::new()
            .with("name", self.name.unwrap_or_else(local_part))
            .with("email", email.as_str())
            .with("emailVerified", verified)
            .with("image", self.image);
        if let Some(created_at) = self.created_at {
            row.set("createdAt", created_at);
        }
        if let Some(username) = self.username.filter(|_| has("username")) {
            row.set("username", username.as_str());
            if has("displayUsername") {
                row.set("displayUsername", username);
            }
        }
        if let Some(phone) = self.phone.filter(|_| has("phoneNumber")) {
            row.set("phoneNumber", phone);
            row.set("phoneNumberVerified", self.phone_verified);
        }
        if let Some(why) = self.blocked {
            if !has("banned") {
                return Err(format!("{why}, and without the admin plugin a user cannot be kept out"));
            }
            row.set("banned", true);
            row.set("banReason", why);
        }
        for (name, value) in self.fields {
            row.set(name, value);
        }
        if let (true, Some(id)) = (settings.keep_ids, self.id) {
            row.set("id", id);
        }
        limit(&row)?;
        let mut user = ImportedUser::new(row);
        user.password_hash = password_hash(self.hash, engine, settings)?;
        user.identities = identities(self.identities, settings)?;
        Ok(user)
    }
}

fn password_hash(
    hash: Option<Result<Secret, Unkept>>,
    engine: &Engine,
    settings: &Settings,
) -> Result<Option<Secret>, String> {
    let Some(hash) = hash else { return Ok(None) };
    let readable = hash.and_then(|hash| {
        let checked = check_readable(hash.expose(), &engine.installation().password_keys);
        checked.map(|()| hash).map_err(|error| error.to_string())
    });
    match (readable, settings.unreadable_hashes) {
        (Ok(hash), _) => Ok(Some(hash)),
        (Err(_), UnreadableHashes::Drop) => Ok(None),
        (Err(why), UnreadableHashes::Skip) => Err(why),
    }
}

fn identities(identities: Vec<Identity>, settings: &Settings) -> Result<Vec<Row>, String> {
    let rows = identities.into_iter().map(|Identity { provider, id, fields }| {
        let provider =
            settings.providers.iter().find(|(from, _)| *from == provider).map_or(provider, |(_, to)| to.clone());
        let row = Row::new().with("providerId", provider).with("accountId", id);
        let row = fields.into_iter().fold(row, |row, (name, value)| row.with(name, value));
        limit(&row).map(|()| row)
    });
    rows.collect()
}

/// Refuses texts that no sign-up would have brought. Tokens of providers may be longer.
fn limit(row: &Row) -> Result<(), String> {
    let long = row.fields().find(|(name, value)| {
        let limit = if name.ends_with("Token") { 8 * MAX_TEXT } else { MAX_TEXT };
        value.as_text().is_some_and(|text| text.len() > limit)
    });
    match long {
        Some((name, _)) => Err(format!("{name} is too long")),
        None => Ok(()),
    }
}

/// The fields of a user or an account that an export of this system itself may bring along.
pub(super) fn known_fields(engine: &Engine) -> (Vec<Field>, Vec<Field>) {
    let schema = engine.schema();
    let of = |table| schema.table(table).map(|table| table.fields.clone()).unwrap_or_default();
    (of(&USER), of(&ACCOUNT))
}
