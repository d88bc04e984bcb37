//! ID tokens that a client brings, or that must carry the nonce of their request (OpenID Connect Core section 3.1.3.7).

use serde_json::{Map, Value};

use crate::{
    crypto::{digest::sha256, hex},
    domain::{
        Cx,
        outgoing::Call,
        provider::{ClaimsRule, IdTokenCheck, IdTokenRules, IdTokenToVerify, Provider},
    },
    wire::{
        jwk::JwkSet,
        jws::{self, JwsError},
    },
};

/// How far clocks may differ, in seconds.
const TOLERANCE_SECS: u32 = 30;
/// How old keys may be that were kept from before, in seconds.
const KEYS_MAX_AGE: u32 = 300;
/// The same for a token whose key is not among them: a rotation is noticed after this long, and strangers cannot make this server
/// ask more often.
const KEYS_RETRY_AGE: u32 = 30;

/// The tenant of all personal Microsoft accounts.
const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Whether clients may sign in with an ID token of `provider`.
#[must_use]
pub fn accepts_id_tokens(provider: &Provider) -> bool {
    let verified = provider.id_token.is_some() || provider.hooks.verify_id_token.is_some();
    verified && !provider.options.disable_id_token_sign_in
}

/// Whether `token` is `provider`'s, made for this application, and carries `nonce` if one is named.
pub async fn verify_id_token(cx: &mut Cx, provider: &Provider, token: &str, nonce: Option<&str>) -> bool {
    if let Some(own) = &provider.hooks.verify_id_token {
        let (token, nonce) = (token.to_owned(), nonce.map(str::to_owned));
        let given = IdTokenToVerify { token, nonce, headers: cx.request.headers.clone() };
        return cx.run(own.run(given)).await.unwrap_or(false);
    }
    match &provider.id_token {
        None => false,
        Some(IdTokenCheck::Remote(endpoint)) => ask(cx, provider, endpoint, token, nonce).await,
        Some(IdTokenCheck::Keys(rules)) if token.split('.').count() != 3 => rules.opaque_passes,
        Some(IdTokenCheck::Keys(rules)) => match verified_claims(cx, provider, rules, token).await {
            Some(claims) => nonce.is_none_or(|nonce| nonce.is_empty() || carries(&claims, nonce, rules)),
            None => false,
        },
    }
}

/// The provider checks it: LINE's `/verify`.
async fn ask(cx: &mut Cx, provider: &Provider, endpoint: &str, token: &str, nonce: Option<&str>) -> bool {
    let mut fields = vec![("id_token", token), ("client_id", provider.client_id())];
    fields.extend(nonce.filter(|nonce| !nonce.is_empty()).map(|nonce| ("nonce", nonce)));
    let Some(answer) = Call::form(endpoint, &fields).json(cx, provider).await else { return false };
    let said = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    said("aud") == Some(provider.client_id()) && said("nonce").is_none_or(|said| Some(said) == nonce)
}

async fn verified_claims(
    cx: &mut Cx,
    provider: &Provider,
    rules: &IdTokenRules,
    token: &str,
) -> Option<Map<String, Value>> {
    if rules.audience.is_empty() {
        return None;
    }
    let mut verdict = Err(JwsError::NoKey);
    for max_age in [KEYS_MAX_AGE, KEYS_RETRY_AGE] {
        if verdict == Err(JwsError::NoKey) {
            let keys = keys(cx, provider, &rules.jwks_uri, max_age).await?;
            verdict = jws::verify(token, &rules.algorithms, &keys, cx.now(), TOLERANCE_SECS);
        }
    }
    let claims: Map<String, Value> = verdict.ok()?.read().ok()?;
    hold(&claims, rules, cx.now().as_secs()).then_some(claims)
}

async fn keys(cx: &mut Cx, provider: &Provider, uri: &str, max_age: u32) -> Option<JwkSet> {
    let mut call = Call::get(uri).header("accept", "application/json").max_age(max_age);
    for (name, value) in provider.document_headers(uri) {
        call = call.header(&name.to_ascii_lowercase(), value.0.expose());
    }
    JwkSet::read(&call.json(cx, provider).await?)
}

/// Whether the claims of an authentic, unexpired token are those that the rules want.
fn hold(claims: &Map<String, Value>, rules: &IdTokenRules, now: i64) -> bool {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let complete = ["iss", "sub", "aud", "exp", "iat"].iter().all(|name| claims.contains_key(*name));
    let issued_here = rules.issuers.is_empty() || rules.issuers.iter().any(|issuer| text("iss") == Some(issuer));
    let ours = |audience: &Value| audience.as_str().is_some_and(|one| rules.audience.iter().any(|own| own == one));
    let for_us = match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().any(ours),
        Some(one) => ours(one),
        None => false,
    };
    complete && issued_here && for_us && is_young(claims, rules.max_age, now) && says(claims, &rules.claims)
}

#[allow(clippy::cast_precision_loss)]
fn is_young(claims: &Map<String, Value>, max_age: Option<i64>, now: i64) -> bool {
    let Some(max_age) = max_age else { return true };
    let Some(issued) = claims.get("iat").and_then(Value::as_f64) else { return false };
    let age = now as f64 - issued;
    let tolerance = f64::from(TOLERANCE_SECS);
    age <= max_age as f64 + tolerance && age >= -tolerance
}

/// Whether the claims say what else the provider's rules want.
#[must_use]
pub(super) fn says(claims: &Map<String, Value>, rule: &ClaimsRule) -> bool {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    match rule {
        ClaimsRule::None => true,
        ClaimsRule::HostedDomain(any) if any == "*" => text("hd").is_some(),
        ClaimsRule::HostedDomain(domain) => text("hd") == Some(domain),
        ClaimsRule::Tenant { authority, tenant } => {
            let Some(own) = text("tid") else { return false };
            let personal = own == PERSONAL_TENANT;
            let allowed = match tenant.as_str() {
                "organizations" => !personal,
                "consumers" => personal,
                _ => true,
            };
            allowed && text("iss") == Some(&format!("{authority}/{own}/v2.0"))
        }
    }
}

fn carries(claims: &Map<String, Value>, nonce: &str, rules: &IdTokenRules) -> bool {
    let Some(own) = claims.get("nonce").and_then(Value::as_str) else { return false };
    own == nonce || rules.nonce_may_be_hashed && own == hex::encode(&sha256(nonce.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_000_000;

    fn rules() -> IdTokenRules {
        IdTokenRules {
            jwks_uri: String::new(),
            issuers: vec!["https://p.test".to_owned()],
            audience: vec!["one".to_owned(), "two".to_owned()],
            algorithms: Vec::new(),
            max_age: Some(3600),
            nonce_may_be_hashed: false,
            opaque_passes: false,
            claims: ClaimsRule::None,
        }
    }

    fn claims(changes: &Value) -> Map<String, Value> {
        let mut claims = json!({ "iss": "https://p.test", "sub": "s", "aud": "two", "exp": NOW + 60, "iat": NOW });
        let members = claims.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            members.insert(name.clone(), value.clone());
            members.retain(|_, value| !value.is_null());
        }
        members.clone()
    }

    #[test]
    fn a_token_names_its_maker_and_its_reader() {
        let hold = |changes| hold(&claims(&changes), &rules(), NOW);
        assert!(hold(json!({})));
        assert!(hold(json!({ "aud": ["other", "one"] })));
        for changes in [
            json!({ "iss": "https://q.test" }),
            json!({ "iss": "https://p.test/" }),
            json!({ "iss": ["https://p.test"] }),
            json!({ "aud": "three" }),
            json!({ "aud": [] }),
            json!({ "aud": ["three", 1] }),
            json!({ "sub": null }),
            json!({ "exp": null }),
            json!({ "iat": null }),
            json!({ "iat": NOW - 3631 }),
            json!({ "iat": NOW + 31 }),
            json!({ "iat": "now" }),
        ] {
            assert!(!hold(changes.clone()), "{changes}");
        }
    }

    #[test]
    fn case_097_a_tenant_is_the_tokens_own() {
        let said = |tenant: &str, tid: &str, iss: &str| {
            let rule = ClaimsRule::Tenant { authority: "https://m.test".to_owned(), tenant: tenant.to_owned() };
            says(&claims(&json!({ "tid": tid, "iss": format!("https://m.test/{iss}/v2.0") })), &rule)
        };
        assert!(said("common", "t", "t") && said("common", PERSONAL_TENANT, PERSONAL_TENANT));
        assert!(!said("common", "t", "u"));
        assert!(!said("organizations", PERSONAL_TENANT, PERSONAL_TENANT) && said("organizations", "t", "t"));
        assert!(!said("consumers", "t", "t") && said("consumers", PERSONAL_TENANT, PERSONAL_TENANT));
    }

    #[test]
    fn case_097_a_domain_is_demanded_of_the_token_itself() {
        let said =
            |domain: &str, hd: Value| says(&claims(&json!({ "hd": hd })), &ClaimsRule::HostedDomain(domain.into()));
        assert!(said("a.test", json!("a.test")) && said("*", json!("b.test")));
        assert!(!said("a.test", json!("b.test")) && !said("*", Value::Null) && !said("a.test", Value::Null));
    }

    #[test]
    fn a_nonce_may_be_hashed_where_the_provider_does_that() {
        let hashed = hex::encode(&sha256(b"n"));
        let plain = claims(&json!({ "nonce": "n" }));
        let other = claims(&json!({ "nonce": hashed }));
        assert!(carries(&plain, "n", &rules()) && !carries(&other, "n", &rules()));
        let lenient = IdTokenRules { nonce_may_be_hashed: true, ..rules() };
        assert!(carries(&other, "n", &lenient) && !carries(&claims(&json!({})), "n", &lenient));
    }
}
