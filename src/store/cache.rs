//! Secondary storage (keys with a lifetime) and the limiter of one process.

use std::fmt;

use async_trait::async_trait;

use super::StorageError;
use crate::wire::date::Timestamp;

/// Keys that expire: sessions, verification values and counters outside the database.
///
/// Each operation is atomic. A store that cannot do [`CacheOp::Take`], [`CacheOp::Replace`] or the index operations atomically
/// must not implement this trait: one-time values would be spendable twice, and revoked sessions would come back. The cases in
/// `store/contract` are what every implementation must pass.
#[async_trait]
pub trait Cache: Send + Sync {
    /// Performs one operation.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn perform(&self, op: CacheOp) -> Result<CacheReply, StorageError>;
}

/// One operation on secondary storage. Keys and values may be secrets, so `Debug` prints neither.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheOp {
    /// Reads a value. Answers [`CacheReply::Value`].
    Get {
        /// The key.
        key: String,
    },
    /// Stores a value. Answers [`CacheReply::Done`].
    Set {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// Its lifetime in seconds, at least 1.
        ttl_secs: u64,
    },
    /// Removes a value. Answers [`CacheReply::Done`].
    Delete {
        /// The key.
        key: String,
    },
    /// Reads and removes a value; of several callers exactly one gets it. Answers [`CacheReply::Value`].
    Take {
        /// The key.
        key: String,
    },
    /// Stores `value` where `expected` is, and only there: nothing happens when the key is gone or holds something else by then.
    /// Answers [`CacheReply::Replaced`].
    Replace {
        /// The key.
        key: String,
        /// What it must hold.
        expected: String,
        /// The new value.
        value: String,
        /// Its lifetime in seconds, at least 1.
        ttl_secs: u64,
    },
    /// Adds one to a counter that starts at zero and expires `ttl_secs` after its first increment. Answers
    /// [`CacheReply::Count`].
    Increment {
        /// The key.
        key: String,
        /// The counter's lifetime in seconds.
        ttl_secs: u64,
    },
    /// Puts `token` into the index kept at `key`, a JSON list of `{"token","expiresAt"}` sorted by expiry (the reference's
    /// `active-sessions-<user>`), dropping what has expired. An index lives as long as its last member, and one that cannot be
    /// read is replaced. Answers [`CacheReply::Done`].
    IndexPut {
        /// The key.
        key: String,
        /// The member.
        token: String,
        /// When the member expires.
        expires_at: Timestamp,
        /// The request's moment.
        now: Timestamp,
    },
    /// Takes tokens out of the index kept at `key`, and what has expired. Answers [`CacheReply::Done`].
    IndexDrop {
        /// The key.
        key: String,
        /// The members.
        tokens: Vec<String>,
        /// The request's moment.
        now: Timestamp,
    },
}

impl fmt::Debug for CacheOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get { .. } => "Get",
            Self::Set { .. } => "Set",
            Self::Delete { .. } => "Delete",
            Self::Take { .. } => "Take",
            Self::Replace { .. } => "Replace",
            Self::Increment { .. } => "Increment",
            Self::IndexPut { .. } => "IndexPut",
            Self::IndexDrop { .. } => "IndexDrop",
        })
    }
}

/// What secondary storage answers. Values may be secrets, so `Debug` prints their size only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheReply {
    /// Done.
    Done,
    /// The value, or nothing.
    Value(Option<String>),
    /// The counter after the increment.
    Count(u64),
    /// Whether the value was there and is replaced.
    Replaced(bool),
}

impl fmt::Debug for CacheReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("Done"),
            Self::Value(None) => f.write_str("Value(None)"),
            Self::Value(Some(value)) => write!(f, "Value({} bytes)", value.len()),
            Self::Count(count) => write!(f, "Count({count})"),
            Self::Replaced(replaced) => write!(f, "Replaced({replaced})"),
        }
    }
}

/// One request counted against a limit, in the memory of this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What is limited: `<address>|<path>`.
    pub key: String,
    /// The window in seconds.
    pub window_secs: u64,
    /// How many requests a window allows.
    pub max: u64,
    /// The request's moment.
    pub now: Timestamp,
}

/// Whether a request may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitVerdict {
    /// It may.
    Allowed,
    /// It may not, for this many seconds.
    Denied {
        /// Seconds until the window ends, rounded up.
        retry_after_secs: u64,
    },
}
