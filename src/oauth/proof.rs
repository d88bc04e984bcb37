//! What proves the application to a provider in the place of a secret: a token that it signs itself.

use serde_json::{Value, json};

use crate::{
    domain::{
        Cx,
        provider::{AssertionOf, ClientKey, Provider},
    },
    engine::Exit,
    wire::{id::uuid_v4, jws, jwt::with_times, private_jwk::PrivateJwk},
};

/// The assertion for one request to the token endpoint (RFC 7523 section 2.2). `None` when there is none.
///
/// # Errors
/// When the application's own code cannot be run.
pub(super) async fn assertion(
    cx: &mut Cx,
    provider: &Provider,
    grant_type: &'static str,
) -> Result<Option<String>, Exit> {
    let assertion = match (&provider.hooks.client_assertion, provider.token.key.clone()) {
        (Some(own), _) => {
            let (client_id, token_endpoint) = (provider.client_id().to_owned(), provider.token.endpoint.clone());
            cx.run(own.run(AssertionOf { client_id, token_endpoint, grant_type })).await?
        }
        (None, Some(key)) => asserted(cx, provider, key).await,
        (None, None) => None,
    };
    if assertion.is_none() {
        tracing::error!(provider = %provider.id, "the provider needs a client assertion, and there is none");
    }
    Ok(assertion)
}

/// An assertion for this endpoint, to be used once (RFC 7523 section 3).
async fn asserted(cx: &mut Cx, provider: &Provider, key: ClientKey) -> Option<String> {
    let ClientKey { key, key_id, lifetime_secs } = key;
    let mut header = json!({ "alg": key.algorithm().name(), "typ": "JWT" });
    if let Some(id) = key_id {
        header["kid"] = id.into();
    }
    let id = provider.client_id();
    let claims = json!({ "iss": id, "sub": id, "aud": provider.token.endpoint, "jti": uuid_v4(cx.entropy()) });
    signed(cx, provider, key, &header, &claims, lifetime_secs).await
}

/// A token of these claims, good for so many seconds from now. `None`, and a line in the log, when the key signs nothing.
pub(super) async fn signed(
    cx: &mut Cx,
    provider: &Provider,
    key: PrivateJwk,
    header: &Value,
    claims: &Value,
    lifetime_secs: i64,
) -> Option<String> {
    let claims = with_times(&claims.to_string(), cx.now(), lifetime_secs);
    let job = jws::sign_job(key, &header.to_string(), &claims);
    let message = job.message.clone();
    match cx.sign(job).await {
        Ok(signature) => Some(jws::complete(&message, &signature)),
        Err(error) => {
            tracing::error!(provider = %provider.id, %error, "the private key signs nothing");
            None
        }
    }
}
