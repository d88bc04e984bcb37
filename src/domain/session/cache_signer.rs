//! Another signer of the cookie that caches a session than the server's secret: a plugin's keys.

use std::{fmt, sync::Arc};

use crate::{domain::Cx, engine::HookFuture, wire::session_cache::Decoded};

/// What is to be signed.
#[derive(Clone)]
pub struct CachePayload {
    /// The cookie's payload, a JSON object as text.
    pub json: String,
    /// How long it is believed, in seconds.
    pub lifetime_secs: i64,
    /// The session's token.
    pub token: String,
    /// The user's id.
    pub user_id: String,
}

type Sign = dyn for<'a> Fn(&'a mut Cx, CachePayload) -> HookFuture<'a, String> + Send + Sync;
type Read = dyn for<'a> Fn(&'a mut Cx, &'a str) -> HookFuture<'a, Option<Decoded>> + Send + Sync;

/// Signs and reads the cookie that caches a session: the reference's `cookieCacheSigner`.
#[derive(Clone)]
pub struct CacheSigner {
    sign: Arc<Sign>,
    read: Arc<Read>,
}

impl CacheSigner {
    /// `sign` makes a cookie's value; `read` takes one apart, and answers nothing for one that is not authentic, not valid now or
    /// not of the session and user inside it.
    #[must_use]
    pub fn new(
        sign: impl for<'a> Fn(&'a mut Cx, CachePayload) -> HookFuture<'a, String> + Send + Sync + 'static,
        read: impl for<'a> Fn(&'a mut Cx, &'a str) -> HookFuture<'a, Option<Decoded>> + Send + Sync + 'static,
    ) -> Self {
        Self { sign: Arc::new(sign), read: Arc::new(read) }
    }

    pub(super) fn sign<'a>(&self, cx: &'a mut Cx, payload: CachePayload) -> HookFuture<'a, String> {
        (self.sign)(cx, payload)
    }

    pub(super) fn read<'a>(&self, cx: &'a mut Cx, value: &'a str) -> HookFuture<'a, Option<Decoded>> {
        (self.read)(cx, value)
    }
}

impl fmt::Debug for CachePayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachePayload").field("lifetime_secs", &self.lifetime_secs).finish_non_exhaustive()
    }
}

impl fmt::Debug for CacheSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CacheSigner")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_does_not_print() {
        let payload = CachePayload {
            json: "{\"token\":\"s3cret\"}".to_owned(),
            lifetime_secs: 300,
            token: "s3cret".to_owned(),
            user_id: "ada".to_owned(),
        };
        assert_eq!(format!("{payload:?}"), "CachePayload { lifetime_secs: 300, .. }");
        let signer = CacheSigner::new(
            |_, payload| Box::pin(async move { Ok(payload.token) }),
            |_, _| Box::pin(async { Ok(None) }),
        );
        assert_eq!(format!("{signer:?}"), "CacheSigner");
    }
}
