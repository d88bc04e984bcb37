//! Providers whose addresses the operator's options make.

use serde_json::json;

use super::{id_token::rules, secret_missing, texts, told};
use crate::domain::{
    options::{SocialProvider, TokenEndpointAuth},
    provider::{ClaimsRule, IdTokenCheck, Name, ProfileSource, Provider, Quirk, UserInfo},
};

pub(super) fn cognito(options: &SocialProvider) -> Provider {
    let said = |option: &Option<String>| option.clone().filter(|text| !text.is_empty());
    let domain = said(&options.domain).unwrap_or_default();
    let host = domain.trim_start_matches("https://").trim_start_matches("http://");
    let (region, pool) = (said(&options.region).unwrap_or_default(), said(&options.user_pool_id).unwrap_or_default());
    let (authorize, token) = (format!("https://{host}/oauth2/authorize"), format!("https://{host}/oauth2/token"));
    let mut row = Provider::new("cognito", "Cognito", authorize, token);
    let needed = [("domain", host), ("region", &region), ("user_pool_id", &pool)];
    row.missing = needed.iter().find(|(_, value)| value.is_empty()).map(|(name, _)| *name);
    if row.missing.is_none() && options.require_client_secret {
        row.missing = secret_missing(options);
    }
    row.authorization.scopes = texts(&["openid", "profile", "email"]);
    row.authorization.parameters = told("prompt", &options.prompt);
    row.authorization.parameters.extend(told("identity_provider", &options.identity_provider));
    let issuer = format!("https://cognito-idp.{region}.amazonaws.com/{pool}");
    row.id_token = Some(IdTokenCheck::Keys(rules(format!("{issuer}/.well-known/jwks.json"), &[&issuer], options)));
    row.profile = ProfileSource::IdTokenOr(UserInfo::get(format!("https://{host}/oauth2/userinfo")));
    row.user.name = Name::First(vec!["/name", "/given_name", "/username"]);
    row.quirk = Some(Quirk::Cognito);
    row
}

pub(super) fn gitlab(options: &SocialProvider) -> Provider {
    let base = options.issuer.as_deref().filter(|issuer| !issuer.is_empty()).unwrap_or("https://gitlab.com");
    let (scheme, place) = base.split_once("://").unwrap_or(("https", base));
    let place: Vec<_> = place.split('/').filter(|part| !part.is_empty()).collect();
    let at = |path: &str| format!("{scheme}://{}{path}", place.join("/"));
    let mut row = Provider::new("gitlab", "Gitlab", at("/oauth/authorize"), at("/oauth/token"));
    row.authorization.scopes = texts(&["read_user"]);
    row.authorization.login_hint = true;
    let mut user = UserInfo::get(at("/api/v4/user"));
    user.demands = vec![("/state", json!("active")), ("/locked", json!(false))];
    row.profile = ProfileSource::Endpoint(user);
    row.user.name = Name::First(vec!["/name", "/username"]);
    row.user.image = vec!["/avatar_url"];
    row.subject = vec!["/id"];
    row
}

pub(super) fn microsoft(options: &SocialProvider) -> Provider {
    const SHARED: &[&str] = &["common", "organizations", "consumers"];
    const SCOPES: &[&str] = &["openid", "profile", "email", "User.Read", "offline_access"];
    let said = |option: &Option<String>| option.clone().filter(|text| !text.is_empty());
    let tenant = said(&options.tenant_id).unwrap_or_else(|| "common".to_owned());
    let authority = said(&options.authority).unwrap_or_else(|| "https://login.microsoftonline.com".to_owned());
    let authority = authority.trim_end_matches('/').to_owned();
    let at = |path: &str| format!("{authority}/{tenant}/{path}");
    let mut row = Provider::new("microsoft", "Microsoft EntraID", at("oauth2/v2.0/authorize"), at("oauth2/v2.0/token"));
    row.authorization.scopes = texts(SCOPES);
    row.authorization.login_hint = true;
    row.authorization.parameters = told("prompt", &options.prompt);
    let usual = if options.disable_default_scope { Vec::new() } else { texts(SCOPES) };
    let scope = [usual, options.scope.clone()].concat().join(" ");
    row.token.refresh_parameters = vec![("scope".to_owned(), scope)];
    // Who makes the tokens of a shared tenant is for the claims to say.
    let issuer = (!SHARED.contains(&tenant.as_str())).then(|| at("v2.0"));
    let mut rules = rules(at("discovery/v2.0/keys"), &issuer.iter().map(String::as_str).collect::<Vec<_>>(), options);
    rules.claims = ClaimsRule::Tenant { authority: authority.clone(), tenant: tenant.clone() };
    row.id_token = Some(IdTokenCheck::Keys(rules));
    row.subject = vec!["/oid"];
    row.quirk = Some(Quirk::Microsoft);
    row
}

pub(super) fn paypal(options: &SocialProvider) -> Provider {
    let sandbox = options.environment.as_deref().is_none_or(|name| name.is_empty() || name == "sandbox");
    let dot = if sandbox { ".sandbox" } else { "" };
    let page = if sandbox { "https://www.sandbox.paypal.com" } else { "https://www.paypal.com" };
    let api = format!("https://api-m{dot}.paypal.com/v1");
    let mut row = Provider::new("paypal", "PayPal", format!("{page}/signin/authorize"), format!("{api}/oauth2/token"));
    row.missing = secret_missing(options);
    row.authorization.more_scopes = crate::domain::provider::MoreScopes::Nothing;
    row.authorization.parameters = told("prompt", &options.prompt);
    row.token.prove_by(TokenEndpointAuth::ClientSecretBasic);
    let mut user = UserInfo::get(format!("{api}/identity/oauth2/userinfo?schema=paypalv1.1"));
    user.headers = vec![("accept", "application/json")];
    row.profile = ProfileSource::Endpoint(user);
    row.subject = vec!["/user_id"];
    row.quirk = Some(Quirk::PayPal);
    row
}

pub(super) fn salesforce(options: &SocialProvider) -> Provider {
    let usual = if options.environment.as_deref() == Some("sandbox") { "test" } else { "login" };
    let login = options.login_url.clone().filter(|host| !host.is_empty());
    let host = login.unwrap_or_else(|| format!("{usual}.salesforce.com"));
    let at = |path: &str| format!("https://{host}/services/oauth2/{path}");
    let mut row = Provider::new("salesforce", "Salesforce", at("authorize"), at("token"));
    row.missing = secret_missing(options);
    row.authorization.scopes = texts(&["openid", "email", "profile"]);
    row.profile = ProfileSource::Endpoint(UserInfo::get(at("userinfo")));
    row.user.image = vec!["/photos/picture", "/photos/thumbnail"];
    row.subject = vec!["/user_id"];
    row
}
