//! Sessions: making, finding, renewing and ending them.

mod cache;
mod cache_signer;
mod cookies;
mod issue;
mod load;
mod policy;

pub use cache::sign_due;
pub use cache_signer::{CachePayload, CacheSigner};
pub use cookies::{describe, expire_cookies, set_cookies};
pub use issue::{Remember, check_live, delete_all_of, delete_others_of, try_issue, try_issue_with_rows};
pub use load::{
    Found, Look, Refresh, Source, current, from_store, known, live_of, load, require, require_confirmed, require_fresh,
};
pub use policy::{Freshness, Renewal, expires_at, freshness, freshness_since, is_live, renewal};

use crate::{store::Row, wire::date::Timestamp};

/// A session and its user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// The session's row.
    pub row: Row,
    /// The user's row.
    pub user: Row,
}

impl Session {
    /// The token that the cookie carries.
    #[must_use]
    pub fn token(&self) -> &str {
        self.row.text("token")
    }

    /// The user's id.
    #[must_use]
    pub fn user_id(&self) -> &str {
        self.user.id()
    }

    /// When it was made.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.row.date("createdAt").unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// When it ends unless renewed.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.row.date("expiresAt").unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
