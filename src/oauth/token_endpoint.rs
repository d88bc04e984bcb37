//! Codes and refresh tokens for tokens (RFC 6749 sections 4.1.3 and 6).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use super::{proof, quirks};
use crate::{
    crypto::secret::Secret,
    domain::{
        Cx,
        options::TokenEndpointAuth,
        outgoing::Call,
        provider::{CodeToExchange, Provider, Quirk, TokenRequest, TokenToRefresh, Tokens, scopes},
    },
    engine::Exit,
};

/// What an assertion is (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const CODE: &str = "authorization_code";
const REFRESH: &str = "refresh_token";

/// A code, and what it must be shown with.
#[derive(Clone, Copy)]
pub(super) struct Code<'a> {
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) device_id: Option<&'a str>,
}

/// Exchanges a code. `None` when the provider does not take it.
///
/// # Errors
/// When the application's own code cannot be run.
pub(super) async fn exchange(cx: &mut Cx, provider: &Provider, code: &Code<'_>) -> Result<Option<Tokens>, Exit> {
    let verifier = provider.token.verifier.then_some(code.verifier);
    let tokens = match &provider.hooks.exchange_code {
        Some(own) => {
            cx.run(own.run(CodeToExchange::new(code.code, verifier, code.redirect_uri, code.device_id))).await?
        }
        None => ask_with_code(cx, provider, code).await?,
    };
    Ok(tokens.map(|tokens| with_lifetime(cx, provider, tokens)))
}

async fn ask_with_code(cx: &mut Cx, provider: &Provider, code: &Code<'_>) -> Result<Option<Tokens>, Exit> {
    let endpoint = &provider.token.endpoint;
    if provider.quirk == Some(Quirk::WeChat) {
        let (id, secret) = (provider.client_id(), provider.client_secret());
        let fields = [("appid", id), ("secret", secret), ("code", code.code), ("grant_type", CODE)];
        return Ok(wechat(cx, provider, Call::query(endpoint, &fields)).await);
    }
    let mut request = TokenRequest::new(endpoint, CODE);
    for (name, value) in &provider.token.headers {
        request.set_header(name, *value);
    }
    request.set("grant_type", CODE);
    request.set("code", code.code);
    if provider.token.verifier {
        request.set("code_verifier", code.verifier);
    }
    if let Some(device) = code.device_id.filter(|device| provider.token.device_id && !device.is_empty()) {
        request.set("device_id", device);
    }
    request.set("redirect_uri", code.redirect_uri);
    for (name, value) in &provider.token.more_parameters {
        if !request.has(name) {
            request.set(name, value);
        }
    }
    let Some(answer) = send(cx, provider, provider.token.auth, request).await? else { return Ok(None) };
    // It says so with status 200.
    let refused = provider.quirk == Some(Quirk::GitHub) && answer.get("error").is_some();
    Ok((!refused).then(|| Tokens::read(&answer, cx.now())))
}

/// Exchanges a refresh token. `None` when the provider does not take it, or answers no access token.
///
/// # Errors
/// As [`exchange`].
pub(super) async fn refresh(cx: &mut Cx, provider: &Provider, refresh_token: &str) -> Result<Option<Tokens>, Exit> {
    let tokens = match &provider.hooks.refresh_tokens {
        Some(own) => {
            let headers = cx.request.headers.clone();
            cx.run(own.run(TokenToRefresh { refresh_token: refresh_token.to_owned(), headers })).await?
        }
        None => ask_with_refresh_token(cx, provider, refresh_token).await?,
    };
    let usable = tokens.filter(|tokens| tokens.access_token.is_some());
    Ok(usable.map(|tokens| with_lifetime(cx, provider, tokens)))
}

async fn ask_with_refresh_token(cx: &mut Cx, provider: &Provider, token: &str) -> Result<Option<Tokens>, Exit> {
    let endpoint = &provider.token.endpoint;
    if provider.quirk == Some(Quirk::WeChat) {
        let endpoint = endpoint.replace("/access_token", "/refresh_token");
        let fields = [("appid", provider.client_id()), ("grant_type", REFRESH), ("refresh_token", token)];
        return Ok(wechat(cx, provider, Call::query(&endpoint, &fields)).await);
    }
    let mut request = TokenRequest::new(endpoint, REFRESH);
    let more = match &provider.hooks.refresh_parameters {
        Some(own) => cx.run(own.run(cx.request.headers.clone())).await?,
        None => provider.token.refresh_parameters.clone(),
    };
    for (name, value) in more {
        request.set(&name, value);
    }
    request.set("grant_type", REFRESH);
    request.set("refresh_token", token);
    let answer = send(cx, provider, provider.token.refresh_auth, request).await?;
    Ok(answer.map(|answer| Tokens::read(&answer, cx.now())))
}

fn with_lifetime(cx: &Cx, provider: &Provider, mut tokens: Tokens) -> Tokens {
    if tokens.access_token_expires_at.is_none() {
        let lifetime = provider.token.access_token_lifetime.filter(|secs| *secs != 0);
        tokens.access_token_expires_at = lifetime.map(|secs| cx.now().plus_secs(secs));
    }
    tokens
}

/// Sends a request with the application's proof in it.
async fn send(
    cx: &mut Cx,
    provider: &Provider,
    auth: Option<TokenEndpointAuth>,
    mut request: TokenRequest,
) -> Result<Option<serde_json::Value>, Exit> {
    for (name, value) in &provider.token.more_headers {
        request.set_header(name, value.0.expose());
    }
    let Some(request) = proven(cx, provider, auth, request).await? else { return Ok(None) };
    let fields: Vec<_> = request.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut call = Call::form(&provider.token.endpoint, &fields).header("accept", "application/json");
    for (name, value) in request.headers {
        call = call.header(&name, value);
    }
    Ok(call.json(cx, provider).await)
}

/// The request with the application's proof (RFC 6749 section 2.3). `None` where that takes something that is not there.
async fn proven(
    cx: &mut Cx,
    provider: &Provider,
    auth: Option<TokenEndpointAuth>,
    mut request: TokenRequest,
) -> Result<Option<TokenRequest>, Exit> {
    if let Some(own) = &provider.hooks.customize_token_request {
        return Ok(Some(cx.run(own.run(request)).await?));
    }
    let Some(secret) = client_secret(cx, provider).await else { return Ok(None) };
    let (id, secret) = (provider.client_id(), secret.expose());
    let usual = if secret.is_empty() { TokenEndpointAuth::None } else { TokenEndpointAuth::ClientSecretPost };
    match auth.unwrap_or(usual) {
        _ if provider.quirk == Some(Quirk::TikTok) => {
            let Some(key) = provider.options.client_key.as_deref() else { return Ok(None) };
            request.set("client_key", key);
            request.set("client_secret", secret);
        }
        TokenEndpointAuth::None => request.set("client_id", id),
        TokenEndpointAuth::PrivateKeyJwt => {
            let Some(assertion) = proof::assertion(cx, provider, request.grant_type).await? else { return Ok(None) };
            request.set("client_id", id);
            request.set("client_assertion", assertion);
            request.set("client_assertion_type", ASSERTION_TYPE);
        }
        _ if secret.is_empty() => {
            tracing::error!(provider = %provider.id, "the provider needs a client secret, and none is configured");
            return Ok(None);
        }
        TokenEndpointAuth::ClientSecretBasic => request.set_header("authorization", basic(id, secret)),
        TokenEndpointAuth::ClientSecretPost => {
            request.set("client_id", id);
            request.set("client_secret", secret);
        }
    }
    Ok(Some(request))
}

/// The application's secret. `None` when it should be made of a key, and cannot be.
async fn client_secret(cx: &mut Cx, provider: &Provider) -> Option<Secret> {
    match &provider.options.private_key {
        Some(key) if provider.quirk == Some(Quirk::Apple) => quirks::apple_secret(cx, provider, &key.0).await,
        _ => Some(Secret::from(provider.client_secret())),
    }
}

fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}

/// Everything goes into the query, and failures have status 200.
async fn wechat(cx: &mut Cx, provider: &Provider, call: Call) -> Option<Tokens> {
    let answer = call.json(cx, provider).await?;
    let failed = answer.get("errcode").is_some_and(crate::wire::json::truthy);
    if failed || !answer.is_object() {
        return None;
    }
    let granted = scopes(answer.get("scope"), |letter| letter == ',');
    Some(Tokens { scopes: granted, ..Tokens::read(&answer, cx.now()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_and_secret_are_form_encoded_before_they_are_joined() {
        // RFC 6749 section 2.3.1: `a:b` and `c d&` as `a%3Ab:c+d%26`.
        assert_eq!(basic("a:b", "c d&"), format!("Basic {}", STANDARD.encode("a%3Ab:c+d%26")));
    }
}
