//! What a provider's document says where configuration does not (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2).

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use crate::{
    domain::{
        Cx,
        outgoing::Call,
        provider::{ClaimsRule, Discovery, IdTokenCheck, IdTokenRules, MoreScopes, ProfileSource, Provider, UserInfo},
    },
    wire::{jwk::Algorithm, origin::origin_of},
};

/// How old a document may be that was kept from before, in seconds.
const DOCUMENT_MAX_AGE: u32 = 3600;

/// The provider with what its document says; as it is, if it has none. `None` when the document cannot be had or leaves the
/// provider without use, which the log tells.
pub(super) async fn complete(cx: &mut Cx, provider: &Arc<Provider>) -> Option<Arc<Provider>> {
    let Some(discovery) = &provider.discovery else { return Some(Arc::clone(provider)) };
    let document = fetch(cx, provider, discovery).await;
    let completed = document.ok_or("it cannot be had").and_then(|document| read(provider, discovery, &document));
    match completed {
        Ok(provider) => Some(Arc::new(provider)),
        Err(reason) => {
            tracing::error!(provider = %provider.id, reason, "the provider's discovery document is of no use");
            None
        }
    }
}

async fn fetch(cx: &mut Cx, provider: &Provider, discovery: &Discovery) -> Option<Value> {
    let mut call = Call::get(&discovery.url).header("accept", "application/json").max_age(DOCUMENT_MAX_AGE);
    for (name, value) in &discovery.headers {
        call = call.header(&name.to_ascii_lowercase(), value.0.expose());
    }
    call.json(cx, provider).await.filter(Value::is_object)
}

/// `provider` completed by `document`. What is configured stays.
fn read(provider: &Provider, discovery: &Discovery, document: &Value) -> Result<Provider, &'static str> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let address = |name: &str| text(name).filter(|url| is_address(url)).map(str::to_owned);
    let issuer = text("issuer").map(str::to_owned);
    if issuer.as_deref().is_some_and(|issuer| Url::parse(issuer).is_err()) {
        return Err("its issuer is no URL");
    }
    let bare = |issuer: &str| issuer.strip_suffix('/').unwrap_or(issuer).to_owned();
    if discovery.issuer.as_deref().is_some_and(|wanted| issuer.as_deref().map(bare) != Some(bare(wanted))) {
        return Err("it is of another issuer");
    }
    let mut completed = provider.clone();
    let own = origin_of(&discovery.url);
    let mut told = |place: &mut String, name: &str| {
        let Some(url) = address(name).filter(|_| place.is_empty()) else { return };
        if origin_of(&url) != own {
            completed.foreign.push(url.clone());
        }
        *place = url;
    };
    let (mut authorization, mut token) = (provider.authorization.endpoint.clone(), provider.token.endpoint.clone());
    told(&mut authorization, "authorization_endpoint");
    told(&mut token, "token_endpoint");
    let mut profile = String::new();
    if matches!(provider.profile, ProfileSource::OpenId(None)) {
        told(&mut profile, "userinfo_endpoint");
    }
    let mut keys = String::new();
    if let Some(uri) = text("jwks_uri").filter(|_| issuer.is_some()) {
        let joined =
            Url::parse(&discovery.url).and_then(|base| base.join(uri)).map_err(|_| "its jwks_uri is no URL")?;
        keys = joined.into();
        if origin_of(&keys) != own {
            completed.foreign.push(keys.clone());
        }
    }
    if authorization.is_empty() {
        return Err("it names no authorization endpoint");
    }
    if token.is_empty() && provider.hooks.exchange_code.is_none() {
        return Err("it names no token endpoint");
    }
    if keys.is_empty() && discovery.requires_keys {
        return Err("it names no keys or no issuer");
    }
    (completed.authorization.endpoint, completed.token.endpoint) = (authorization, token);
    if !profile.is_empty() {
        completed.profile = ProfileSource::OpenId(Some(UserInfo::get(profile)));
    }
    if let Some(logout) = completed.logout.as_mut().filter(|logout| logout.endpoint.is_empty()) {
        logout.endpoint = address("end_session_endpoint").unwrap_or_default();
    }
    let algorithms = algorithms(document);
    if algorithms.is_some() {
        completed.authorization.more_scopes = MoreScopes::OpenId;
        if discovery.names_subject {
            completed.subject = vec!["/sub"];
            completed.subject_in_id_token = !keys.is_empty();
        }
    }
    if let (Some(issuer), false) = (&issuer, keys.is_empty()) {
        completed.id_token = Some(IdTokenCheck::Keys(IdTokenRules {
            jwks_uri: keys,
            issuers: vec![issuer.clone()],
            audience: vec![provider.client_id().to_owned()],
            algorithms: algorithms.unwrap_or_else(|| Algorithm::ALL.to_vec()),
            max_age: None,
            nonce_may_be_hashed: false,
            opaque_passes: false,
            claims: ClaimsRule::None,
        }));
        completed.verifies_id_tokens = true;
        completed.requires_nonce = discovery.binds_nonce;
    }
    let promised = document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true));
    completed.names_issuer = promised && issuer.is_some();
    completed.issuer = issuer;
    Ok(completed)
}

/// The algorithms that ID tokens are signed with, as far as this server knows them: no shared secret and no `none` is among them.
/// `None` where the document does not say it, which one of OpenID Connect must.
fn algorithms(document: &Value) -> Option<Vec<Algorithm>> {
    let listed =
        document.get("id_token_signing_alg_values_supported")?.as_array().filter(|listed| !listed.is_empty())?;
    Some(listed.iter().filter_map(Value::as_str).filter_map(Algorithm::named).collect())
}

fn is_address(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{domain::outgoing::OtherServer, engine::FetchPolicy};

    fn provider() -> Provider {
        let mut provider = Provider::new("op", "OP", "", "");
        provider.options.client_id = "the-client".into();
        provider.profile = ProfileSource::OpenId(None);
        provider.subject = vec!["/id"];
        provider.discovery = Some(Discovery {
            url: "http://op.internal:8080/.well-known/openid-configuration".to_owned(),
            headers: vec![("x-key".to_owned(), "hush".into())],
            issuer: Some("https://op.test/".to_owned()),
            requires_keys: false,
            binds_nonce: true,
            names_subject: true,
        });
        provider
    }

    fn document() -> Value {
        json!({
            "issuer": "https://op.test",
            "authorization_endpoint": "https://op.test/authorize",
            "token_endpoint": "http://op.internal:8080/token",
            "userinfo_endpoint": "https://api.op.test/me",
            "jwks_uri": "/keys",
            "id_token_signing_alg_values_supported": ["none", "HS256", "ES256", "odd", 5],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    fn completed(change: Value) -> Result<Provider, &'static str> {
        let (provider, mut document) = (provider(), document());
        let members = document.as_object_mut().unwrap();
        members.extend(change.as_object().unwrap().clone());
        members.retain(|_, value| !value.is_null());
        read(&provider, provider.discovery.as_ref().unwrap(), &document)
    }

    #[test]
    fn what_is_not_configured_is_taken_from_the_document() {
        let provider = completed(json!({})).unwrap();
        assert_eq!(provider.authorization.endpoint, "https://op.test/authorize");
        assert_eq!(provider.token.endpoint, "http://op.internal:8080/token");
        assert_eq!(provider.issuer.as_deref(), Some("https://op.test"));
        assert!(provider.requires_nonce && provider.verifies_id_tokens && provider.names_issuer);
        assert_eq!((provider.subject, provider.subject_in_id_token), (vec!["/sub"], true));
        assert_eq!(provider.authorization.more_scopes, MoreScopes::OpenId);
        let Some(IdTokenCheck::Keys(rules)) = provider.id_token else { panic!("no rules") };
        assert_eq!(rules.jwks_uri, "http://op.internal:8080/keys");
        assert_eq!(
            (rules.audience, rules.issuers),
            (vec!["the-client".to_owned()], vec!["https://op.test".to_owned()])
        );
        assert_eq!(rules.algorithms, [Algorithm::Es256]);
    }

    #[test]
    fn case_175_addresses_of_another_origin_are_called_as_if_users_had_chosen_them() {
        let provider = completed(json!({ "jwks_uri": "https://keys.test/jwks" })).unwrap();
        assert_eq!(provider.policy_for("http://op.internal:8080/token"), FetchPolicy::Configured);
        for foreign in ["https://api.op.test/me", "https://keys.test/jwks"] {
            assert_eq!(provider.policy_for(foreign), FetchPolicy::Untrusted, "{foreign}");
        }
        assert!(provider.document_headers("https://keys.test/jwks").is_empty());
        assert_eq!(provider.document_headers("http://op.internal:8080/keys").len(), 1);
    }

    #[test]
    fn case_127_a_document_without_use_or_of_another_issuer_is_refused() {
        for (change, reason) in [
            (json!({ "issuer": "no url" }), "its issuer is no URL"),
            (json!({ "issuer": "https://op.test.evil" }), "it is of another issuer"),
            (json!({ "issuer": null }), "it is of another issuer"),
            (json!({ "authorization_endpoint": null }), "it names no authorization endpoint"),
            (json!({ "authorization_endpoint": "javascript:alert(1)" }), "it names no authorization endpoint"),
            (json!({ "token_endpoint": ["https://op.test/token"] }), "it names no token endpoint"),
            (json!({ "jwks_uri": "http://[" }), "its jwks_uri is no URL"),
        ] {
            assert_eq!(completed(change.clone()).map(|_| ()), Err(reason), "{change}");
        }
    }

    #[test]
    fn without_keys_or_issuer_no_id_token_is_accepted() {
        for change in [json!({ "jwks_uri": null }), json!({ "issuer": null })] {
            let (mut provider, mut document) = (provider(), document());
            provider.discovery.as_mut().unwrap().issuer = None;
            document.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let provider = read(&provider, provider.discovery.as_ref().unwrap(), &document).unwrap();
            assert!(
                provider.id_token.is_none() && !provider.requires_nonce && !provider.subject_in_id_token,
                "{change}"
            );
        }
        let mut strict = provider();
        strict.discovery.as_mut().unwrap().requires_keys = true;
        let mut document = document();
        document.as_object_mut().unwrap().remove("jwks_uri");
        let refused = read(&strict, strict.discovery.as_ref().unwrap(), &document);
        assert_eq!(refused.map(|_| ()), Err("it names no keys or no issuer"));
    }

    #[test]
    fn what_is_configured_stays() {
        let mut own = provider();
        own.authorization.endpoint = "https://mine.test/authorize".to_owned();
        own.profile = ProfileSource::OpenId(Some(UserInfo::get("https://mine.test/me")));
        let completed = read(&own, own.discovery.as_ref().unwrap(), &document()).unwrap();
        assert_eq!(completed.authorization.endpoint, "https://mine.test/authorize");
        assert!(
            matches!(completed.profile, ProfileSource::OpenId(Some(UserInfo { url, .. })) if url == "https://mine.test/me")
        );
        assert!(completed.foreign.is_empty(), "{:?}", completed.foreign);
    }

    #[test]
    fn a_document_of_oauth_alone_names_no_subject_of_openid() {
        let provider = completed(json!({ "id_token_signing_alg_values_supported": null })).unwrap();
        assert_eq!((provider.subject, provider.subject_in_id_token), (vec!["/id"], false));
        assert_eq!(provider.authorization.more_scopes, MoreScopes::ConfiguredFirst);
        let Some(IdTokenCheck::Keys(rules)) = provider.id_token else { panic!("no rules") };
        assert_eq!(rules.algorithms, Algorithm::ALL);
    }
}
