//! What is known of one request beyond its bytes.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    session::{CachePayload, Session},
    user_gate::UserSource,
};
use crate::wire::{cookie::CookieAttributes, origin::TrustedOrigins};

/// State that the parts of one request share.
#[derive(Debug, Default)]
pub struct RequestState {
    /// The server's address for this request, base path included and without a trailing slash.
    pub base_url: Arc<str>,
    /// The client's address; `None` when it is not known or not tracked.
    pub client_ip: Option<String>,
    /// The origins that are trusted for this request, besides those that always are.
    pub trusted_origins: TrustedOrigins,
    /// True when the server's own code calls a route: nothing guards it against strangers.
    pub direct: bool,
    /// True when the client sent no cookies, and a hook has presented some in its stead.
    pub cookies_are_presented: bool,
    /// The identifiers that this request has claimed in secondary storage, so that a second try does not take them for another's.
    pub claims: Vec<String>,
    /// The way that a new user comes, where the route does not say it.
    pub user_source: Option<UserSource>,
    /// True when whoever signs in has shown two factors in one: a device, and what unlocks it.
    pub two_factors: bool,
    /// The session, once it was looked for.
    pub session: SessionMemo,
    /// What the server itself remembers of a browser that is sent to a provider, and what it has remembered of one that is back.
    pub oauth_context: Map<String, Value>,
    /// What the client sent along (`additionalData`) with a browser that is back from a provider. It is the client's word.
    pub oauth_data: Map<String, Value>,
    /// The session that this request made or renewed, for hooks that run after the handler.
    pub new_session: Option<Session>,
    /// What the cookie that caches the session will hold, until a plugin's keys have signed it.
    pub unsigned_cache: Option<Box<(CachePayload, CookieAttributes)>>,
}

/// What is known of the request's session.
#[derive(Debug, Default)]
pub enum SessionMemo {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// There is none.
    Absent,
    /// There is one, read from the store or believed from its cookie.
    Present {
        /// The session.
        session: Box<Session>,
        /// Whether the store confirmed it in this request.
        confirmed: bool,
    },
}
