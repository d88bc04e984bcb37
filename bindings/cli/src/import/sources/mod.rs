//! The systems that users come from. Each file knows one: which of its members say what.

mod auth0;
mod better_auth;
mod clerk;
mod devise;
mod firebase;
mod supabase;

use kernia::{crypto::secret::Secret, schema::Field, wire::date::Timestamp};

use super::{
    hash_config::HashConfig,
    hashes::{Keys, Unkept},
    person::Person,
    reader::Layout,
    record::Record,
};

/// The system that users come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Source {
    /// Better Auth, or another Kernia.
    BetterAuth,
    /// Auth0.
    Auth0,
    /// Clerk.
    Clerk,
    /// Firebase Authentication.
    Firebase,
    /// Supabase Auth.
    Supabase,
    /// Devise, of Ruby on Rails.
    Devise,
}

/// What a source needs besides the record.
#[derive(Debug)]
pub(super) struct Context<'c> {
    pub(super) keys: Keys<'c>,
    pub(super) now: Timestamp,
    pub(super) hash_config: Option<&'c HashConfig>,
    /// Whether Devise hashed its passwords with a pepper.
    pub(super) peppered: bool,
    pub(super) user_fields: &'c [Field],
    pub(super) account_fields: &'c [Field],
}

impl Source {
    /// How its exports look.
    pub(super) fn layout(self) -> Layout {
        let columns = matches!(self, Self::Firebase).then_some(firebase::COLUMNS);
        Layout { lists: &["users", "user", "data"], only_lists: false, columns }
    }

    /// Where the rest of its users may stand in the same file.
    pub(super) fn second_layout(self) -> Option<Layout> {
        let layout = |lists| Some(Layout { lists, only_lists: true, columns: None });
        match self {
            Self::BetterAuth => layout(&["account", "accounts"]),
            Self::Supabase => layout(&["identities"]),
            _ => None,
        }
    }

    /// Whether a second file can belong to its export.
    pub(super) fn takes_second_file(self) -> bool {
        self != Self::Firebase
    }

    /// The user's id in a record of the second file.
    pub(super) fn second_key(self, record: &Record) -> Option<String> {
        match self {
            Self::Auth0 => auth0::password_key(record),
            Self::BetterAuth => record.any_text(&["userId", "user_id"]),
            Self::Clerk => record.text("id"),
            Self::Supabase | Self::Devise => record.text("user_id"),
            Self::Firebase => None,
        }
    }

    /// The user's id in a record of the first.
    pub(super) fn first_key(self, record: &Record) -> Option<String> {
        match self {
            Self::Auth0 => record.text("user_id"),
            _ => record.text("id"),
        }
    }

    /// The user that a record and what belongs to it in the second file describe.
    pub(super) fn person(self, record: &Record, second: &[Record], context: &Context<'_>) -> Person {
        match self {
            Self::Auth0 => auth0::person(record, second),
            Self::BetterAuth => better_auth::person(record, second, context),
            Self::Clerk => clerk::person(record, second, context.keys),
            Self::Devise => devise::person(record, second, context),
            Self::Firebase => firebase::person(record, context),
            Self::Supabase => supabase::person(record, second, context),
        }
    }
}

/// A hash as the source wrote it.
fn as_written(hash: String) -> Result<Secret, Unkept> {
    Ok(Secret::from(hash))
}

/// A name that the engine's providers have, for one of the source's.
fn renamed(provider: &str, names: &[(&str, &str)]) -> String {
    names.iter().find(|(theirs, _)| *theirs == provider).map_or(provider, |(_, ours)| ours).to_owned()
}

#[cfg(test)]
mod tests;
