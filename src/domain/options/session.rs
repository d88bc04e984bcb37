//! Sessions.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{AdditionalField, ColumnNames};
use crate::{schema::Row, wire::session_cache::CacheStrategy};

/// Sessions. Durations are seconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionOptions {
    /// The table's name in the database.
    pub model_name: Option<String>,
    /// The columns' names.
    pub fields: ColumnNames,
    /// The application's own fields.
    pub additional_fields: BTreeMap<String, AdditionalField>,
    /// How long a session lasts without being used.
    pub expires_in: i64,
    /// How old its expiry must be before use pushes it out.
    pub update_age: i64,
    /// How long after sign-in sensitive things may be done without signing in again; 0 means always.
    pub fresh_age: i64,
    /// Whether use never pushes the expiry out.
    pub disable_session_refresh: bool,
    /// Whether only `POST /get-session` pushes it out, so that `GET` never writes.
    pub defer_session_refresh: bool,
    /// Whether the database holds sessions also where there is secondary storage, and serves those that are missing there.
    pub store_session_in_database: bool,
    /// Whether the database, where it holds sessions besides secondary storage, keeps those that were ended, for the record.
    /// It serves no session then.
    pub preserve_session_in_database: bool,
    /// The session kept in a signed cookie for a while.
    pub cookie_cache: CookieCacheOptions,
    /// Beyond the reference: a session ends this long after sign-in, however much it is used.
    pub absolute_lifetime: Option<i64>,
    /// Beyond the reference: a session ends when it was not used for this long.
    pub idle_lifetime: Option<i64>,
    /// Beyond the reference: the oldest sessions end when a user has more than this many.
    pub max_sessions: Option<u32>,
    /// Beyond the reference: whether a session may be read from a replica of the database that lags. One that the replica does
    /// not have or takes for ended is looked up in the database itself, so nobody is signed out by a lag; but as with the cookie
    /// cache, a revoked session, or what a user was before a change, is believed for as long as the lag lasts, on routes that
    /// do not ask for a confirmed session.
    pub stale_reads: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            model_name: None,
            fields: ColumnNames::new(),
            additional_fields: BTreeMap::new(),
            expires_in: 604_800,
            update_age: 86_400,
            fresh_age: 86_400,
            disable_session_refresh: false,
            defer_session_refresh: false,
            store_session_in_database: false,
            preserve_session_in_database: false,
            cookie_cache: CookieCacheOptions::default(),
            absolute_lifetime: None,
            idle_lifetime: None,
            max_sessions: None,
            stale_reads: false,
        }
    }
}

/// The session kept in a cookie.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CookieCacheOptions {
    /// Whether it is on.
    pub enabled: bool,
    /// How long it is believed, in seconds. A revoked session lives that long on routes that believe it.
    pub max_age: i64,
    /// Its form.
    #[serde(with = "strategy")]
    pub strategy: CacheStrategy,
    /// Changing this discards all cached sessions.
    pub version: Option<String>,
    #[serde(skip)]
    version_of: Option<VersionRule>,
}

impl Default for CookieCacheOptions {
    fn default() -> Self {
        Self { enabled: false, max_age: 300, strategy: CacheStrategy::Compact, version: None, version_of: None }
    }
}

/// The version of sessions that no other version was configured for.
const FIRST_VERSION: &str = "1";

impl CookieCacheOptions {
    /// The same, where `rule` says the version of each session, told its row and its user's, in place of one for all: the reference's
    /// `version` as a function. A cached session is discarded when it is another version's by what the cookie itself says of both,
    /// which is what clients see of them.
    #[must_use]
    pub fn version_of(mut self, rule: impl Fn(&Row, &Row) -> String + Send + Sync + 'static) -> Self {
        self.version_of = Some(VersionRule(Arc::new(rule)));
        self
    }

    /// The version of a session with this row and this user.
    pub(crate) fn version_for(&self, session: &Row, user: &Row) -> Cow<'_, str> {
        match &self.version_of {
            Some(VersionRule(rule)) => rule(session, user).into(),
            None => self.version.as_deref().unwrap_or(FIRST_VERSION).into(),
        }
    }

    /// Whether a session in a cookie that names this version, or none, is discarded.
    pub(crate) fn discards(&self, named: Option<&str>, session: &Row, user: &Row) -> bool {
        self.version_for(session, user) != named.unwrap_or(FIRST_VERSION)
    }
}

type VersionOf = dyn Fn(&Row, &Row) -> String + Send + Sync;

/// The application's own versions.
#[derive(Clone)]
struct VersionRule(Arc<VersionOf>);

impl fmt::Debug for VersionRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VersionRule")
    }
}

mod strategy {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::CacheStrategy;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CacheStrategy, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "compact" => Ok(CacheStrategy::Compact),
            "jwt" => Ok(CacheStrategy::Jwt),
            "jwe" => Ok(CacheStrategy::Jwe),
            other => Err(D::Error::unknown_variant(other, &["compact", "jwt", "jwe"])),
        }
    }

    pub(super) fn serialize<S: Serializer>(strategy: &CacheStrategy, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match strategy {
            CacheStrategy::Compact => "compact",
            CacheStrategy::Jwt => "jwt",
            CacheStrategy::Jwe => "jwe",
        })
    }
}
