//! A browser that comes back from a provider: its code becomes tokens, and they an identity.

use serde_json::Value;

use super::{
    profile::{Identity, identity},
    token_endpoint::{self, Code},
};
use crate::{
    domain::{
        Cx,
        provider::{Provider, Tokens},
    },
    engine::Exit,
};

/// What came back, and what was remembered.
#[derive(Clone, Copy, Default)]
pub struct CallbackParameters<'a> {
    /// Stands for the tokens.
    pub code: &'a str,
    /// What the code challenge was made from.
    pub code_verifier: &'a str,
    /// Who answers (RFC 9207).
    pub iss: Option<&'a str>,
    /// The device, with one provider.
    pub device_id: Option<&'a str>,
    /// The person as JSON, with one provider.
    pub user: Option<&'a str>,
    /// What the ID token must carry.
    pub nonce: Option<&'a str>,
}

/// Who came back.
#[derive(Debug)]
pub struct Exchanged {
    /// The provider's tokens.
    pub tokens: Tokens,
    /// Who they are.
    pub identity: Identity,
}

const ISSUER_MISMATCH: &str = "issuer_mismatch";
const NONCE_BINDING_MISSING: &str = "nonce_binding_missing";
const INVALID_CODE: &str = "invalid_code";
const UNABLE_TO_GET_USER_INFO: &str = "unable_to_get_user_info";

/// Exchanges a code for the identity of whoever brought it. The refusal is what the error page is told.
///
/// # Errors
/// When the application's mapping fails.
pub async fn exchange(
    cx: &mut Cx,
    provider: &Provider,
    came: &CallbackParameters<'_>,
) -> Result<Result<Exchanged, &'static str>, Exit> {
    if !comes_from(provider, came.iss) {
        return Ok(Err(ISSUER_MISMATCH));
    }
    if provider.requires_nonce && came.nonce.is_none() {
        return Ok(Err(NONCE_BINDING_MISSING));
    }
    let redirect_uri = provider.redirect_uri(&cx.local.base_url);
    let code =
        Code { code: came.code, verifier: came.code_verifier, redirect_uri: &redirect_uri, device_id: came.device_id };
    let Some(tokens) = token_endpoint::exchange(cx, provider, &code).await? else { return Ok(Err(INVALID_CODE)) };
    let beside: Option<Value> = came.user.and_then(|user| serde_json::from_str(user).ok());
    match identity(cx, provider, &tokens, beside.as_ref(), came.nonce).await? {
        Some(identity) => Ok(Ok(Exchanged { tokens, identity })),
        None => Ok(Err(UNABLE_TO_GET_USER_INFO)),
    }
}

/// Whether the issuer that a callback names, if it does, is the provider's (RFC 9207 section 2.4).
fn comes_from(provider: &Provider, named: Option<&str>) -> bool {
    match (named.filter(|iss| !iss.is_empty()), &provider.issuer) {
        (Some(named), Some(issuer)) => named == issuer,
        (None, Some(_)) => !provider.names_issuer,
        (_, None) => true,
    }
}
