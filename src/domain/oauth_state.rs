//! What is remembered of a browser while it is at a provider: a one-time value, tied to the browser by a cookie.

use serde::Deserialize;

use super::{Cx, commit, cookies, cookies::CookieSpec, options::CookieOverride, verification};
use crate::{crypto::digest::constant_time_eq, engine::Exit, store::Batch};

/// Where the browser came from and what it is to do when it comes back. The names are those of the reference's stored value.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthState {
    /// Where to go when all is done.
    #[serde(rename = "callbackURL")]
    pub callback_url: String,
    /// Where to go when it failed.
    #[serde(rename = "errorURL")]
    pub error_url: Option<String>,
    /// Proves to the provider that whoever returns the code is who asked for it (RFC 7636).
    pub code_verifier: String,
    /// When this is void, in milliseconds since 1970.
    expires_at: f64,
    /// The `state` parameter that this belongs to.
    oauth_state: Option<String>,
}

/// Why a `state` is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What the error page is told.
    pub code: &'static str,
    /// The error page that the request for this state named, if that much could be read.
    pub error_url: Option<String>,
}

/// It is unknown, expired, spent, or another browser's.
const MISMATCH: &str = "state_mismatch";
/// It is there and cannot be read.
const UNREADABLE: &str = "internal_server_error";

/// Spends `state`, if it is this browser's and live.
///
/// # Errors
/// When the store cannot answer.
pub async fn take(cx: &mut Cx, state: &str) -> Result<Result<OAuthState, Rejection>, Exit> {
    let rejected = |code, error_url| Ok(Err(Rejection { code, error_url }));
    let Some(row) = verification::find(cx, &format!("auth-state:{state}")).await? else {
        return rejected(MISMATCH, None);
    };
    let Ok(remembered) = serde_json::from_str::<OAuthState>(row.text("value")) else {
        return rejected(UNREADABLE, None);
    };
    let spec = cookie(cx);
    let same = remembered.oauth_state.as_ref().is_none_or(|known| is_same(known, state));
    if !same || !cookies::read_signed(cx, &spec).is_some_and(|sent| is_same(&sent, state)) {
        return rejected(MISMATCH, remembered.error_url);
    }
    if commit::try_commit(cx, verification::spend(Batch::new(), &row, cx)).await?.is_err() {
        return rejected(MISMATCH, remembered.error_url);
    }
    cookies::expire(cx, &spec);
    #[allow(clippy::cast_precision_loss)]
    if remembered.expires_at < cx.now().as_millis() as f64 {
        return rejected(MISMATCH, remembered.error_url);
    }
    Ok(Ok(remembered))
}

fn cookie(cx: &Cx) -> CookieSpec {
    cx.app().cookie("state", &CookieOverride::default())
}

fn is_same(left: &str, right: &str) -> bool {
    constant_time_eq(left.as_bytes(), right.as_bytes())
}
