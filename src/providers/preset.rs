//! Providers that an operator describes, and those of them that are known well enough to need little of it.

use serde::{Deserialize, Serialize};
use url::Url;

use super::texts;
use crate::domain::provider::{Discovery, MoreScopes, ProfileSource, Provider, Quirk, UserInfo, Verified};

/// A provider of which addresses and profile are known.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Auth0, at the domain of a tenant.
    Auth0,
    /// Gumroad.
    Gumroad,
    /// HubSpot.
    Hubspot,
    /// Keycloak, at the issuer of a realm.
    Keycloak,
    /// LINE. Each country is a provider of its own.
    Line,
    /// Microsoft Entra ID, with the id of one tenant.
    MicrosoftEntraId,
    /// Okta, at an issuer.
    Okta,
    /// Patreon.
    Patreon,
    /// Slack.
    Slack,
    /// Yandex.
    Yandex,
}

/// Where an operator's own part of a provider is.
#[derive(Clone, Copy, Debug, Default)]
pub struct PresetPlace<'a> {
    /// Keycloak, Okta: the issuer.
    pub issuer: Option<&'a str>,
    /// Auth0: the domain.
    pub domain: Option<&'a str>,
    /// Microsoft Entra ID: the tenant.
    pub tenant_id: Option<&'a str>,
}

/// The option without which a preset says nothing, or that it cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option} {problem}")]
pub struct PresetError {
    option: &'static str,
    problem: &'static str,
}

const OPENID: &[&str] = &["openid", "profile", "email"];

/// A provider with these addresses, of which nothing else is known: its profile is an ID token, if it gives one, or has the names
/// of OpenID Connect.
#[must_use]
pub fn generic(id: &str, authorization: &str, token: &str) -> Provider {
    let mut row = Provider::new(id, id, authorization, token);
    row.authorization.more_scopes = MoreScopes::RequestedFirst;
    row.authorization.login_hint = true;
    row.profile = ProfileSource::OpenId(None);
    row.user.image = vec!["/image"];
    row.user.verified = Verified::All(vec!["/emailVerified"]);
    row.subject = vec!["/id"];
    row
}

/// A document at `url` that says what is not configured.
#[must_use]
pub fn document(url: impl Into<String>) -> Discovery {
    Discovery {
        url: url.into(),
        headers: Vec::new(),
        issuer: None,
        requires_keys: false,
        binds_nonce: true,
        names_subject: true,
    }
}

/// What is known of `preset`.
///
/// # Errors
/// [`PresetError`].
pub fn preset(preset: Preset, place: PresetPlace<'_>) -> Result<Provider, PresetError> {
    Ok(match preset {
        Preset::Auth0 => auth0(said("domain", place.domain)?)?,
        Preset::Gumroad => gumroad(),
        Preset::Hubspot => hubspot(),
        Preset::Keycloak => at_issuer("keycloak", said("issuer", place.issuer)?),
        Preset::Line => line(),
        Preset::MicrosoftEntraId => microsoft_entra_id(said("tenant_id", place.tenant_id)?)?,
        Preset::Okta => at_issuer("okta", said("issuer", place.issuer)?),
        Preset::Patreon => patreon(),
        Preset::Slack => slack(),
        Preset::Yandex => yandex(),
    })
}

fn said<'a>(option: &'static str, value: Option<&'a str>) -> Result<&'a str, PresetError> {
    value.filter(|value| !value.is_empty()).ok_or(PresetError { option, problem: "is missing" })
}

fn at_issuer(id: &str, issuer: &str) -> Provider {
    let mut row = generic(id, "", "");
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    row.discovery = Some(document(format!("{issuer}/.well-known/openid-configuration")));
    row.options.scope = texts(OPENID);
    row
}

fn auth0(domain: &str) -> Result<Provider, PresetError> {
    let absolute = domain.starts_with("http://") || domain.starts_with("https://");
    let url = if absolute { domain.to_owned() } else { format!("https://{domain}") };
    let bad = PresetError { option: "domain", problem: "is no domain" };
    let url = Url::parse(&url).map_err(|_| bad)?;
    let host = url.host_str().ok_or(bad)?;
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    Ok(at_issuer("auth0", &format!("https://{host}{port}")))
}

fn gumroad() -> Provider {
    let mut row = generic("gumroad", "https://gumroad.com/oauth/authorize", "https://api.gumroad.com/oauth/token");
    row.options.scope = texts(&["view_profile"]);
    let mut user = UserInfo::get("https://api.gumroad.com/v2/user");
    user.demands = vec![("/success", true.into())];
    row.profile = ProfileSource::Endpoint(user);
    row.members = vec![
        ("id", &["/user/user_id"]),
        ("name", &["/user/name"]),
        ("email", &["/user/email"]),
        ("image", &["/user/profile_url"]),
        ("emailVerified", &[]),
    ];
    row
}

fn hubspot() -> Provider {
    let mut row =
        generic("hubspot", "https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/v1/token");
    row.options.scope = texts(&["oauth"]);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.hubapi.com/oauth/v1/access-tokens/"));
    row.members = vec![
        ("id", &["/user_id", "/signed_access_token/userId"]),
        ("name", &["/user"]),
        ("email", &["/user"]),
        ("emailVerified", &[]),
    ];
    row.quirk = Some(Quirk::HubSpot);
    row
}

fn line() -> Provider {
    const AUTHORIZE: &str = "https://access.line.me/oauth2/v2.1/authorize";
    let mut row = generic("line", AUTHORIZE, "https://api.line.me/oauth2/v2.1/token");
    row.options.scope = texts(OPENID);
    row.profile = ProfileSource::IdTokenOr(UserInfo::get("https://api.line.me/oauth2/v2.1/userinfo"));
    row.members = vec![
        ("sub", &["/sub"]),
        ("name", &["/name"]),
        ("email", &["/email"]),
        ("image", &["/picture"]),
        ("emailVerified", &[]),
    ];
    row.subject = vec!["/sub"];
    row
}

fn microsoft_entra_id(tenant: &str) -> Result<Provider, PresetError> {
    let tenant = tenant.to_lowercase();
    let lengths: Vec<_> = tenant.split('-').map(str::len).collect();
    let hexadecimal = tenant.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    if lengths != [8, 4, 4, 4, 12] || !hexadecimal {
        return Err(PresetError {
            option: "tenant_id",
            problem: "is not the id of one tenant; for common, organizations and consumers there is social_providers.microsoft",
        });
    }
    let at = |path: &str| format!("https://login.microsoftonline.com/{tenant}/{path}");
    let mut row = generic("microsoft-entra-id", &at("oauth2/v2.0/authorize"), &at("oauth2/v2.0/token"));
    let document = document(at("v2.0/.well-known/openid-configuration"));
    row.discovery = Some(Discovery { requires_keys: true, names_subject: false, ..document });
    row.options.scope = texts(OPENID);
    row.profile = ProfileSource::IdToken;
    row.subject = vec!["/oid"];
    row.quirk = Some(Quirk::Entra);
    Ok(row)
}

fn patreon() -> Provider {
    const USER: &str = "https://www.patreon.com/api/oauth2/v2/identity\
                        ?fields[user]=email,full_name,image_url,is_email_verified";
    const AUTHORIZE: &str = "https://www.patreon.com/oauth2/authorize";
    let mut row = generic("patreon", AUTHORIZE, "https://www.patreon.com/api/oauth2/token");
    row.options.scope = texts(&["identity[email]"]);
    row.profile = ProfileSource::Endpoint(UserInfo::get(USER));
    row.members = vec![
        ("id", &["/data/id"]),
        ("name", &["/data/attributes/full_name"]),
        ("email", &["/data/attributes/email"]),
        ("image", &["/data/attributes/image_url"]),
        ("emailVerified", &["/data/attributes/is_email_verified"]),
    ];
    row
}

fn slack() -> Provider {
    const AUTHORIZE: &str = "https://slack.com/openid/connect/authorize";
    let mut row = generic("slack", AUTHORIZE, "https://slack.com/api/openid.connect.token");
    row.options.scope = texts(OPENID);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://slack.com/api/openid.connect.userInfo"));
    row.members = vec![
        ("sub", &["/sub"]),
        ("name", &["/name"]),
        ("email", &["/email"]),
        ("image", &["/picture", "/https:~1~1slack.com~1user_image_512"]),
        ("emailVerified", &["/email_verified"]),
    ];
    row.subject = vec!["/sub"];
    row
}

fn yandex() -> Provider {
    let mut row = generic("yandex", "https://oauth.yandex.com/authorize", "https://oauth.yandex.com/token");
    row.options.scope = texts(&["login:info", "login:email", "login:avatar"]);
    let mut user = UserInfo::get("https://login.yandex.ru/info?format=json");
    user.scheme = "OAuth";
    row.profile = ProfileSource::Endpoint(user);
    row.members = vec![
        ("id", &["/id"]),
        ("name", &["/display_name", "/real_name", "/first_name", "/login"]),
        ("email", &["/default_email", "/emails/0"]),
        ("image", &["/image"]),
        ("emailVerified", &[]),
    ];
    row.quirk = Some(Quirk::Yandex);
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "11111111-2222-3333-4444-55555555ABCD";

    fn found(preset: Preset, place: PresetPlace<'_>) -> String {
        super::preset(preset, place).unwrap().discovery.unwrap().url
    }

    #[test]
    fn documents_are_found_at_the_operators_part() {
        let issuer = |issuer| PresetPlace { issuer: Some(issuer), ..PresetPlace::default() };
        let domain = |domain| PresetPlace { domain: Some(domain), ..PresetPlace::default() };
        let end = "/.well-known/openid-configuration";
        assert_eq!(found(Preset::Okta, issuer("https://o.test/oauth2/x/")), format!("https://o.test/oauth2/x{end}"));
        assert_eq!(found(Preset::Keycloak, issuer("http://k/realms/r")), format!("http://k/realms/r{end}"));
        assert_eq!(found(Preset::Auth0, domain("dev.eu.auth0.com")), format!("https://dev.eu.auth0.com{end}"));
        assert_eq!(found(Preset::Auth0, domain("http://a.test:8443/x")), format!("https://a.test:8443{end}"));
        let tenant = PresetPlace { tenant_id: Some(TENANT), ..PresetPlace::default() };
        let lower = TENANT.to_lowercase();
        let url = format!("https://login.microsoftonline.com/{lower}/v2.0{end}");
        assert_eq!(found(Preset::MicrosoftEntraId, tenant), url);
    }

    #[test]
    fn what_a_preset_needs_is_named() {
        let refusal = |preset, place| super::preset(preset, place).map(|_| ()).unwrap_err().to_string();
        assert_eq!(refusal(Preset::Okta, PresetPlace::default()), "issuer is missing");
        assert_eq!(
            refusal(Preset::Auth0, PresetPlace { domain: Some(""), ..PresetPlace::default() }),
            "domain is missing"
        );
        assert_eq!(
            refusal(Preset::Auth0, PresetPlace { domain: Some("http://"), ..PresetPlace::default() }),
            "domain is no domain"
        );
        for tenant in ["common", "11111111-2222-3333-4444-55555555555g", "11111111-2222-3333-4444-555555555555-"] {
            let place = PresetPlace { tenant_id: Some(tenant), ..PresetPlace::default() };
            assert!(refusal(Preset::MicrosoftEntraId, place).starts_with("tenant_id is not the id"), "{tenant}");
        }
    }
}
