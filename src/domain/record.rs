//! Rows as the server's own code reads them: the fields that clients see, with their types.

use serde::{Deserialize, Serialize};

use crate::wire::{date::Timestamp, shape::JsonMap};

/// A user. `X` has the fields that plugins and the application have added, by their names on the wire.
///
/// ```
/// use kernia::domain::record::User;
///
/// #[derive(serde::Deserialize)]
/// struct Added {
///     plan: String,
/// }
///
/// let json = r#"{"id":"1","name":"Ada","email":"ada@example.com","emailVerified":true,"image":null,
///     "createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z","plan":"team"}"#;
/// let user: User<Added> = serde_json::from_str(json)?;
/// assert_eq!((user.email.as_str(), user.added.plan.as_str()), ("ada@example.com", "team"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User<X = JsonMap> {
    /// The id.
    pub id: String,
    /// The display name.
    pub name: String,
    /// The address, in lower case.
    pub email: String,
    /// Whether the address is proven.
    pub email_verified: bool,
    /// The address of a picture.
    pub image: Option<String>,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user was last changed.
    pub updated_at: Timestamp,
    /// What was added.
    #[serde(flatten)]
    pub added: X,
}

/// The record of a session. `X` as for [`User`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord<X = JsonMap> {
    /// The id.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// What the cookie carries: whoever has it is the user.
    pub token: String,
    /// When it ends unless it is renewed.
    pub expires_at: Timestamp,
    /// The address of the client that signed in.
    pub ip_address: Option<String>,
    /// The client that signed in, as it named itself.
    pub user_agent: Option<String>,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last renewed.
    pub updated_at: Timestamp,
    /// What was added.
    #[serde(flatten)]
    pub added: X,
}

impl<X> std::fmt::Debug for SessionRecord<X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionRecord").field("id", &self.id).field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// A way in which a user can sign in. `X` as for [`User`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account<X = JsonMap> {
    /// The id.
    pub id: String,
    /// Who the provider says it is; for a password, the user's id.
    pub account_id: String,
    /// The provider: `credential` for a password.
    pub provider_id: String,
    /// Whose it is.
    pub user_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// What was added.
    #[serde(flatten)]
    pub added: X,
}
