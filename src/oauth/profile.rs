//! From tokens to the person they speak of.

use serde_json::{Map, Value};

use super::{
    id_token::{says, verify_id_token},
    quirks,
};
use crate::{
    domain::{
        Cx,
        outgoing::Call,
        provider::{
            ClaimsRule, IdTokenCheck, Name, ProfileSource, Provider, Quirk, SubjectOf, Tokens, UserInfo, UserMap,
            Verified,
        },
    },
    engine::Exit,
    wire::{
        email::{PLACEHOLDER_DOMAIN, is_email},
        jws::read_unverified,
    },
};

/// Who somebody is at a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The name that never changes, as text.
    pub subject: String,
    /// What they would be as a user here: `name`, `email`, `image`, `emailVerified`, and what the application maps.
    pub user: Map<String, Value>,
    /// The profile as the provider gave it.
    pub profile: Value,
}

impl Identity {
    /// The address; `None` when there is none.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.user.get("email").and_then(Value::as_str).filter(|email| !email.is_empty())
    }

    /// Whether the provider says that the address is verified.
    #[must_use]
    pub fn email_verified(&self) -> bool {
        self.user.get("emailVerified").is_some_and(is_true)
    }
}

/// Who the holder of `tokens`, which came with a code, is. `beside` is what some providers tell about a person beside their ID
/// token, `nonce` what the ID token must carry. `None` when the provider does not say.
///
/// # Errors
/// When the application's own code cannot be run.
pub async fn identity(
    cx: &mut Cx,
    provider: &Provider,
    tokens: &Tokens,
    beside: Option<&Value>,
    nonce: Option<&str>,
) -> Result<Option<Identity>, Exit> {
    if (provider.requires_nonce || provider.verifies_id_tokens) && !is_verified(cx, provider, tokens, nonce).await {
        tracing::warn!(provider = %provider.id, "the ID token of a callback is not valid");
        return Ok(None);
    }
    known_identity(cx, provider, tokens, beside).await
}

async fn is_verified(cx: &mut Cx, provider: &Provider, tokens: &Tokens, nonce: Option<&str>) -> bool {
    let nonce = nonce.filter(|nonce| provider.requires_nonce && !nonce.is_empty());
    match &tokens.id_token {
        _ if provider.requires_nonce && nonce.is_none() => false,
        Some(token) => verify_id_token(cx, provider, token, nonce).await,
        // The endpoint then says who holds the access token.
        None => matches!(provider.profile, ProfileSource::OpenId(_)),
    }
}

/// Who an ID token is about that a client has brought and that was verified.
///
/// # Errors
/// As [`identity`].
pub async fn given_identity(
    cx: &mut Cx,
    provider: &Provider,
    tokens: &Tokens,
    beside: Option<&Value>,
) -> Result<Option<Identity>, Exit> {
    if matches!(provider.profile, ProfileSource::OpenId(_)) {
        // Whose the access token beside it is, nobody has verified.
        let verified = Tokens { id_token: tokens.id_token.clone(), ..Tokens::default() };
        return known_identity(cx, provider, &verified, beside).await;
    }
    known_identity(cx, provider, tokens, beside).await
}

/// Who the holder of an account's stored tokens is; they were verified when the account was made.
///
/// # Errors
/// As [`identity`].
pub async fn account_identity(cx: &mut Cx, provider: &Provider, tokens: &Tokens) -> Result<Option<Identity>, Exit> {
    known_identity(cx, provider, tokens, None).await
}

async fn known_identity(
    cx: &mut Cx,
    provider: &Provider,
    tokens: &Tokens,
    beside: Option<&Value>,
) -> Result<Option<Identity>, Exit> {
    let found = match &provider.hooks.fetch_profile {
        Some(own) => cx.run(own.run(tokens.clone())).await?.map(|found| (found.profile, found.user, Map::new())),
        None => fetch(cx, provider, tokens, beside).await.map(|(profile, known)| (profile, None, known)),
    };
    let Some((profile, described_by_hook, known)) = found else { return Ok(None) };
    if !is_of_token(provider, tokens, &profile) {
        tracing::warn!(provider = %provider.id, "the profile is about somebody else than the ID token");
        return Ok(None);
    }
    let user = match described_by_hook {
        Some(user) => user,
        None => {
            let mut user = described(&provider.user, &profile);
            user.extend(known);
            if let Some(map) = &provider.hooks.map_profile {
                user.extend(cx.run(map.run(profile.clone())).await?);
            }
            user
        }
    };
    let Some(subject) = subject(cx, provider, tokens, &profile).await? else { return Ok(None) };
    let mut identity = Identity { subject, user, profile };
    if let Some(namespace) = provider.user.placeholder.filter(|_| identity.email().is_none())
        && let Some(made_up) = placeholder(&identity.subject, namespace)
    {
        identity.user.insert("email".to_owned(), made_up.into());
    }
    Ok(quirks::is_complete(provider, &identity).then_some(identity))
}

/// An address for somebody who has none, which no message reaches.
pub(super) fn placeholder(subject: &str, namespace: &str) -> Option<String> {
    Some(format!("{subject}@{namespace}.{PLACEHOLDER_DOMAIN}")).filter(|made_up| is_email(made_up))
}

/// The profile, and what of the user does not follow from it.
async fn fetch(
    cx: &mut Cx,
    provider: &Provider,
    tokens: &Tokens,
    beside: Option<&Value>,
) -> Option<(Value, Map<String, Value>)> {
    let mut profile = from_source(cx, provider, tokens).await?;
    let known = quirks::complete(cx, provider, tokens, beside, &mut profile).await?;
    Some((kept(provider, profile), known))
}

/// What of a profile is kept.
fn kept(provider: &Provider, profile: Value) -> Value {
    if provider.members.is_empty() {
        return profile;
    }
    let members = provider.members.iter().filter_map(|(name, places)| {
        let found = places.iter().filter_map(|at| profile.pointer(at)).find(|found| !found.is_null()).cloned();
        let found = found.or_else(|| (*name == EMAIL_VERIFIED).then_some(Value::Bool(false)))?;
        Some(((*name).to_owned(), found))
    });
    Value::Object(members.collect())
}

async fn from_source(cx: &mut Cx, provider: &Provider, tokens: &Tokens) -> Option<Value> {
    match &provider.profile {
        ProfileSource::IdToken => from_id_token(provider, tokens),
        ProfileSource::IdTokenOr(endpoint) => match from_id_token(provider, tokens) {
            Some(profile) => Some(profile),
            None => from_endpoint(cx, provider, endpoint, tokens).await,
        },
        ProfileSource::Endpoint(endpoint) => from_endpoint(cx, provider, endpoint, tokens).await,
        ProfileSource::OpenId(endpoint) => {
            let claims = from_id_token(provider, tokens);
            match claims.filter(|claims| text(claims, "/sub").is_some() && text(claims, "/email").is_some()) {
                Some(claims) => Some(standard_claims(claims)),
                None => from_endpoint(cx, provider, endpoint.as_ref()?, tokens).await.map(standard_profile),
            }
        }
    }
}

const EMAIL_VERIFIED: &str = "emailVerified";

/// Claims with the members `id`, `image` and `emailVerified`, unless they have them.
fn standard_claims(mut claims: Value) -> Value {
    let verified = claims.get("email_verified").is_some_and(is_true);
    let (id, image) = (claims.get("sub").cloned(), claims.get("picture").cloned());
    if let Value::Object(members) = &mut claims {
        members.entry(EMAIL_VERIFIED).or_insert(verified.into());
        for (name, value) in [("id", id), ("image", image)] {
            if let Some(value) = value {
                members.entry(name).or_insert(value);
            }
        }
    }
    claims
}

/// A profile whose members `image` and `emailVerified` are those of OpenID Connect.
fn standard_profile(mut profile: Value) -> Value {
    let verified = profile.get("email_verified").is_some_and(is_true);
    let image = profile.get("picture").cloned();
    if let Value::Object(members) = &mut profile {
        members.insert(EMAIL_VERIFIED.to_owned(), verified.into());
        match image {
            Some(image) => members.insert("image".to_owned(), image),
            None => members.remove("image"),
        };
    }
    profile
}

/// Whether a profile is about whom the verified ID token names (OpenID Connect Core section 5.3.2). What the application itself
/// has found need not say so.
fn is_of_token(provider: &Provider, tokens: &Tokens, profile: &Value) -> bool {
    if provider.id_token.is_none() || !matches!(provider.profile, ProfileSource::OpenId(_)) {
        return true;
    }
    let Some(named) = token_subject(tokens) else { return true };
    let own = profile.get("sub").filter(|own| !own.is_null());
    match own {
        None => provider.hooks.fetch_profile.is_some(),
        Some(own) => as_name(own) == named,
    }
}

fn token_subject(tokens: &Tokens) -> Option<String> {
    let claims = read_unverified(tokens.id_token.as_deref()?).ok()?;
    claims.get("sub").and_then(Value::as_str).map(str::to_owned)
}

/// The claims of the ID token: the provider itself has just given it, or it was verified before.
fn from_id_token(provider: &Provider, tokens: &Tokens) -> Option<Value> {
    let claims = read_unverified(tokens.id_token.as_deref()?).ok()?;
    if let Some(IdTokenCheck::Keys(rules)) = &provider.id_token {
        let hosted = matches!(rules.claims, ClaimsRule::HostedDomain(_));
        if hosted && !says(&claims, &rules.claims) {
            tracing::warn!(provider = %provider.id, "somebody of another domain was refused");
            return None;
        }
    }
    Some(Value::Object(claims))
}

async fn from_endpoint(cx: &mut Cx, provider: &Provider, endpoint: &UserInfo, tokens: &Tokens) -> Option<Value> {
    let token = tokens.access_token.as_deref()?;
    let call = match provider.quirk {
        Some(Quirk::Vk) => Call::form(&endpoint.url, &[("access_token", token), ("client_id", provider.client_id())]),
        Some(Quirk::WeChat) => quirks::wechat_profile(endpoint, tokens, token)?,
        Some(Quirk::Facebook) => return quirks::facebook_profile(cx, provider, endpoint, token).await,
        Some(Quirk::HubSpot) => quirks::hubspot_profile(endpoint, token),
        _ => plain_call(endpoint, token),
    };
    let answer = call.json(cx, provider).await?;
    let agreed = endpoint.demands.iter().all(|(at, wanted)| meets(answer.pointer(at), wanted));
    let profile = answer.pointer(endpoint.at).filter(|profile| agreed && profile.is_object());
    profile.cloned()
}

pub(super) fn plain_call(endpoint: &UserInfo, token: &str) -> Call {
    let authorization = format!("{} {token}", endpoint.scheme);
    let mut call = Call::new(endpoint.method.clone(), &endpoint.url).header("authorization", authorization);
    for (name, value) in &endpoint.headers {
        call = call.header(name, *value);
    }
    match &endpoint.body {
        Some((kind, body)) => call.body(kind, body.clone()),
        None => call,
    }
}

fn meets(found: Option<&Value>, wanted: &Value) -> bool {
    match (found, wanted) {
        (found, Value::Bool(false)) => found.is_none_or(|found| !crate::wire::json::truthy(found)),
        (found, wanted) => found == Some(wanted),
    }
}

/// The name that never changes; one that is empty or no name at all identifies nobody.
async fn subject(cx: &mut Cx, provider: &Provider, tokens: &Tokens, profile: &Value) -> Result<Option<String>, Exit> {
    let own_rule = &provider.hooks.find_subject;
    let found = match (own_rule, provider.subject_in_id_token && tokens.id_token.is_some()) {
        (Some(own), _) => cx.run(own.run(SubjectOf { tokens: tokens.clone(), profile: profile.clone() })).await?,
        (None, true) => token_subject(tokens),
        (None, false) => told_subject(provider, profile),
    };
    Ok(found.filter(|found| is_name(found)))
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text != "undefined" && text != "null"
}

fn told_subject(provider: &Provider, profile: &Value) -> Option<String> {
    let mut found = provider.subject.iter().filter_map(|at| profile.pointer(at)).map(as_name);
    found.find(|text| !text.trim().is_empty())
}

fn as_name(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The user as the profile describes them.
fn described(map: &UserMap, profile: &Value) -> Map<String, Value> {
    let first = |places: &[&'static str]| places.iter().find_map(|at| text(profile, at)).map(str::to_owned);
    let name = match &map.name {
        Name::First(places) => first(places),
        Name::Joined(places, otherwise) => {
            let parts: Vec<_> = places.iter().filter_map(|at| text(profile, at)).collect();
            Some(parts.join(" ")).filter(|name| !name.is_empty()).or_else(|| first(&[otherwise]))
        }
    };
    let verified = match &map.verified {
        Verified::Never => false,
        Verified::All(places) => places.iter().all(|at| profile.pointer(at).is_some_and(is_true)),
        Verified::Counted(at) => profile.pointer(at).is_some_and(crate::wire::json::truthy),
    };
    let members = [
        ("name", Some(name.unwrap_or_default().into())),
        ("email", first(&map.email).map(Value::from)),
        ("image", first(&map.image).map(Value::from)),
        ("emailVerified", Some(verified.into())),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

pub(super) fn text<'v>(value: &'v Value, at: &str) -> Option<&'v str> {
    value.pointer(at).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// `true`, which some providers write as text.
pub(super) fn is_true(value: &Value) -> bool {
    value == &Value::Bool(true) || value.as_str() == Some("true")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain() -> Provider {
        Provider::new("p", "P", "https://p.test/a", "https://p.test/t")
    }

    #[test]
    fn a_subject_is_a_name_or_a_number_and_never_nothing() {
        let mut provider = plain();
        provider.subject = vec!["/unionid", "/id"];
        for (profile, expected) in [
            (json!({ "id": 7 }), Some("7")),
            (json!({ "id": "7", "unionid": "" }), Some("7")),
            (json!({ "id": "7", "unionid": "u" }), Some("u")),
            (json!({ "id": " " }), None),
            (json!({ "id": "undefined" }), None),
            (json!({ "id": "null" }), None),
            (json!({ "id": null }), None),
            (json!({ "id": {} }), None),
            (json!({}), None),
        ] {
            let found = told_subject(&provider, &profile).filter(|name| is_name(name));
            assert_eq!(found.as_deref(), expected, "{profile}");
        }
    }

    #[test]
    fn a_profile_is_read_by_its_map() {
        let map = UserMap { name: Name::Joined(vec!["/first", "/last"], "/email"), ..UserMap::default() };
        let user =
            described(&map, &json!({ "first": "Ada", "last": "L", "email": "a@b.co", "email_verified": "true" }));
        assert_eq!(Value::Object(user), json!({ "name": "Ada L", "email": "a@b.co", "emailVerified": true }));
        let user = described(&map, &json!({ "email": "a@b.co", "email_verified": "yes", "picture": 5 }));
        assert_eq!(Value::Object(user), json!({ "name": "a@b.co", "email": "a@b.co", "emailVerified": false }));
    }
}
