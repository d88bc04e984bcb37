//! Providers whose profile is the ID token.

use super::{secret_missing, texts, told};
use crate::domain::{
    options::SocialProvider,
    provider::{ClaimsRule, IdTokenCheck, IdTokenRules, Name, ProfileSource, Provider, Quirk, UserInfo, Verified},
};
use crate::wire::jwk::Algorithm;

/// How old an ID token may be that a client brings, in seconds.
pub(super) const AN_HOUR: i64 = 3600;

/// Rules for a token of `issuers`, made for the operator's client ids.
pub(super) fn rules(jwks_uri: impl Into<String>, issuers: &[&str], options: &SocialProvider) -> IdTokenRules {
    IdTokenRules {
        jwks_uri: jwks_uri.into(),
        issuers: texts(issuers),
        audience: options.client_id.0.clone(),
        algorithms: vec![Algorithm::Rs256],
        max_age: Some(AN_HOUR),
        nonce_may_be_hashed: false,
        opaque_passes: false,
        claims: ClaimsRule::None,
    }
}

pub(super) fn apple(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://appleid.apple.com/auth/authorize";
    let mut row = Provider::new("apple", "Apple", AUTHORIZE, "https://appleid.apple.com/auth/token");
    row.missing = if options.private_key.is_some() { key_missing(options) } else { secret_missing(options) };
    row.authorization.scopes = texts(&["email", "name"]);
    row.authorization.response_type = "code id_token".into();
    row.authorization.parameters = vec![("response_mode", "form_post".to_owned())];
    let mut rules = rules("https://appleid.apple.com/auth/keys", &["https://appleid.apple.com"], options);
    if let Some(bundle) = options.app_bundle_identifier.as_ref().filter(|bundle| !bundle.is_empty()) {
        rules.audience = vec![bundle.clone()];
    }
    if options.audience.first().is_some() {
        rules.audience.clone_from(&options.audience.0);
    }
    rules.nonce_may_be_hashed = true;
    row.id_token = Some(IdTokenCheck::Keys(rules));
    row.user.image = Vec::new();
    row.quirk = Some(Quirk::Apple);
    row
}

/// What of a key for client secrets is not there.
fn key_missing(options: &SocialProvider) -> Option<&'static str> {
    let absent = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
    match () {
        () if absent(&options.team_id) => Some("team_id"),
        () if absent(&options.key_id) => Some("key_id"),
        () => None,
    }
}

pub(super) fn google(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://accounts.google.com/o/oauth2/v2/auth";
    const ISSUERS: &[&str] = &["https://accounts.google.com", "accounts.google.com"];
    let mut row = Provider::new("google", "Google", AUTHORIZE, "https://oauth2.googleapis.com/token");
    row.missing = secret_missing(options);
    row.authorization.scopes = texts(&["email", "profile", "openid"]);
    row.authorization.login_hint = true;
    let parameters = &mut row.authorization.parameters;
    parameters.extend(told("prompt", &options.prompt));
    parameters.extend(told("access_type", &options.access_type));
    parameters.extend(told("display", &options.display));
    parameters.extend(told("hd", &options.hd));
    if options.include_granted_scopes != Some(false) {
        parameters.push(("include_granted_scopes", "true".to_owned()));
    }
    let mut rules = rules("https://www.googleapis.com/oauth2/v3/certs", ISSUERS, options);
    if let Some(domain) = options.hd.clone().filter(|domain| !domain.is_empty()) {
        rules.claims = ClaimsRule::HostedDomain(domain);
    }
    row.id_token = Some(IdTokenCheck::Keys(rules));
    row
}

pub(super) fn line(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://access.line.me/oauth2/v2.1/authorize";
    let mut row = Provider::new("line", "LINE", AUTHORIZE, "https://api.line.me/oauth2/v2.1/token");
    row.authorization.scopes = texts(&["openid", "profile", "email"]);
    row.authorization.login_hint = true;
    row.id_token = Some(IdTokenCheck::Remote("https://api.line.me/oauth2/v2.1/verify".to_owned()));
    row.profile = ProfileSource::IdTokenOr(UserInfo::get("https://api.line.me/oauth2/v2.1/userinfo"));
    row.user.verified = Verified::Never;
    row
}

pub(super) fn paybin(options: &SocialProvider) -> Provider {
    let issuer = options.issuer.as_deref().filter(|issuer| !issuer.is_empty()).unwrap_or("https://idp.paybin.io");
    let (authorize, token) = (format!("{issuer}/oauth2/authorize"), format!("{issuer}/oauth2/token"));
    let mut row = Provider::new("paybin", "Paybin", authorize, token);
    row.missing = secret_missing(options);
    row.authorization.scopes = texts(&["openid", "email", "profile"]);
    row.authorization.login_hint = true;
    row.authorization.parameters = told("prompt", &options.prompt);
    row.user.name = Name::First(vec!["/name", "/preferred_username"]);
    row
}

pub(super) fn twitch(options: &SocialProvider) -> Provider {
    const CLAIMS: &[&str] = &["email", "email_verified", "preferred_username", "picture"];
    const AUTHORIZE: &str = "https://id.twitch.tv/oauth2/authorize";
    let mut row = Provider::new("twitch", "Twitch", AUTHORIZE, "https://id.twitch.tv/oauth2/token");
    row.authorization.scopes = texts(&["user:read:email", "openid"]);
    row.authorization.pkce = false;
    row.token.verifier = false;
    let claims = options.claims.clone().unwrap_or_else(|| texts(CLAIMS));
    row.authorization.parameters = vec![("claims", claims_parameter(&claims))];
    row.user.name = Name::First(vec!["/preferred_username"]);
    row
}

/// The `claims` parameter (OpenID Connect Core section 5.5): these of the ID token, and always the address.
fn claims_parameter(claims: &[String]) -> String {
    let mut names = texts(&["email", "email_verified"]);
    for claim in claims {
        if !names.contains(claim) {
            names.push(claim.clone());
        }
    }
    let members: Vec<_> = names.iter().map(|name| format!("{}:null", serde_json::Value::from(name.as_str()))).collect();
    format!(r#"{{"id_token":{{{}}}}}"#, members.join(","))
}
