//! Codes and refresh tokens for tokens (RFC 6749 sections 4.1.3 and 6).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use url::form_urlencoded;

use super::{
    http::Call,
    quirks,
    tokens::{Tokens, scopes},
};
use crate::{
    crypto::secret::Secret,
    domain::{
        Cx,
        options::TokenEndpointAuth,
        provider::{Provider, Quirk},
    },
};

/// A code, and what it must be shown with.
#[derive(Clone, Copy)]
pub(super) struct Code<'a> {
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) device_id: Option<&'a str>,
}

/// Exchanges a code. `None` when the provider does not take it.
pub(super) async fn exchange(cx: &mut Cx, provider: &Provider, code: &Code<'_>) -> Option<Tokens> {
    if provider.quirk == Some(Quirk::WeChat) {
        let fields = [
            ("appid", provider.client_id()),
            ("secret", provider.client_secret()),
            ("code", code.code),
            ("grant_type", "authorization_code"),
        ];
        return wechat(cx, provider, Call::query(&provider.token.endpoint, &fields)).await;
    }
    let mut fields = vec![("grant_type", code.code_grant()), ("code", code.code)];
    if provider.token.verifier {
        fields.push(("code_verifier", code.verifier));
    }
    if let Some(device) = code.device_id.filter(|device| provider.token.device_id && !device.is_empty()) {
        fields.push(("device_id", device));
    }
    fields.push(("redirect_uri", code.redirect_uri));
    let secret = client_secret(cx, provider).await?;
    let mut call = authenticated(provider, &secret, provider.token.auth, fields)?;
    for (name, value) in &provider.token.headers {
        call = call.header(name, *value);
    }
    let answer = call.json(cx, provider).await?;
    // It says so with status 200.
    if provider.quirk == Some(Quirk::GitHub) && answer.get("error").is_some() {
        return None;
    }
    Some(Tokens::read(&answer, cx.now()))
}

impl Code<'_> {
    fn code_grant(&self) -> &'static str {
        "authorization_code"
    }
}

/// Exchanges a refresh token. `None` when the provider does not take it, or answers no access token.
pub(super) async fn refresh(cx: &mut Cx, provider: &Provider, refresh_token: &str) -> Option<Tokens> {
    if provider.quirk == Some(Quirk::WeChat) {
        let endpoint = provider.token.endpoint.replace("/access_token", "/refresh_token");
        let fields =
            [("appid", provider.client_id()), ("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        return wechat(cx, provider, Call::query(&endpoint, &fields)).await;
    }
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    fields.extend(provider.token.refresh_parameters.iter().map(|(name, value)| (*name, value.as_str())));
    let secret = client_secret(cx, provider).await?;
    let call = authenticated(provider, &secret, provider.token.refresh_auth, fields)?;
    let answer = call.json(cx, provider).await?;
    Some(Tokens::read(&answer, cx.now())).filter(|tokens| tokens.access_token.is_some())
}

/// The application's secret. `None` when it should be made of a key, and cannot be.
async fn client_secret(cx: &mut Cx, provider: &Provider) -> Option<Secret> {
    match &provider.options.private_key {
        Some(key) if provider.quirk == Some(Quirk::Apple) => quirks::apple_secret(cx, provider, &key.0).await,
        _ => Some(Secret::from(provider.client_secret())),
    }
}

/// The request with the application's proof in it (RFC 6749 section 2.3.1). `None` where that takes a secret that is not there.
fn authenticated<'a>(
    provider: &'a Provider,
    secret: &'a Secret,
    auth: Option<TokenEndpointAuth>,
    mut fields: Vec<(&'a str, &'a str)>,
) -> Option<Call> {
    let (id, secret) = (provider.client_id(), secret.expose());
    let usual = if secret.is_empty() { TokenEndpointAuth::None } else { TokenEndpointAuth::ClientSecretPost };
    let mut authorization = None;
    match auth.unwrap_or(usual) {
        _ if provider.quirk == Some(Quirk::TikTok) => {
            fields.push(("client_key", provider.options.client_key.as_deref()?));
            fields.push(("client_secret", secret));
        }
        TokenEndpointAuth::None => fields.push(("client_id", id)),
        _ if secret.is_empty() => {
            tracing::error!(provider = %provider.id, "the provider needs a client secret, and none is configured");
            return None;
        }
        TokenEndpointAuth::ClientSecretBasic => authorization = Some(basic(id, secret)),
        TokenEndpointAuth::ClientSecretPost => fields.extend([("client_id", id), ("client_secret", secret)]),
    }
    let call = Call::form(&provider.token.endpoint, &fields).header("accept", "application/json");
    Some(match authorization {
        Some(authorization) => call.header("authorization", authorization),
        None => call,
    })
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

/// The text of a member of the token endpoint's answer.
pub(super) fn answered<'a>(tokens: &'a Tokens, name: &str) -> Option<&'a str> {
    tokens.raw.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
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
