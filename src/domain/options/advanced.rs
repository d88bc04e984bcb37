//! Cookies, addresses and checks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::DatabaseOptions;
use crate::wire::cookie::SameSite;

/// Everything else.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AdvancedOptions {
    /// Whether cookies are `Secure` and their names say so; by default when the base URL is `https`.
    pub use_secure_cookies: Option<bool>,
    /// The first part of every cookie's name.
    pub cookie_prefix: Option<String>,
    /// Cookies shared by the subdomains of one domain.
    pub cross_sub_domain_cookies: CrossSubDomainCookies,
    /// Attributes of all cookies.
    pub default_cookie_attributes: CookieOverride,
    /// Names and attributes by cookie, for example `session_token`.
    pub cookies: BTreeMap<String, CookieSettings>,
    /// Turns the CSRF check off.
    pub disable_csrf_check: Option<bool>,
    /// Turns the check of origins and redirect targets off, everywhere or below these paths.
    pub disable_origin_check: Option<OriginCheck>,
    /// Whether `X-Forwarded-Host` and `X-Forwarded-Proto` say where this server is.
    pub trusted_proxy_headers: bool,
    /// Whether a trailing slash of a path is ignored.
    pub skip_trailing_slashes: bool,
    /// The client's address.
    pub ip_address: IpAddressOptions,
    /// Ids and names in the database.
    pub database: DatabaseOptions,
}

/// Where origins are not checked.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum OriginCheck {
    /// `true`: nowhere.
    Everywhere(bool),
    /// At and below these paths.
    Paths(Vec<String>),
}

/// Cookies shared by subdomains.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct CrossSubDomainCookies {
    /// Whether they are.
    pub enabled: bool,
    /// The domain; by default the base URL's host.
    pub domain: Option<String>,
}

/// One cookie's name and attributes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct CookieSettings {
    /// The whole name, without `__Secure-`.
    pub name: Option<String>,
    /// Its attributes.
    pub attributes: CookieOverride,
}

/// Attributes that replace the usual ones.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct CookieOverride {
    /// `Max-Age` in seconds.
    pub max_age: Option<i64>,
    /// `Domain`.
    pub domain: Option<String>,
    /// `Path`.
    pub path: Option<String>,
    /// `HttpOnly`.
    pub http_only: Option<bool>,
    /// `Secure`.
    pub secure: Option<bool>,
    /// `SameSite`.
    #[serde(with = "same_site")]
    pub same_site: Option<SameSite>,
    /// `Partitioned`.
    pub partitioned: Option<bool>,
}

mod same_site {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use super::SameSite;

    const NAMES: [(&str, SameSite); 3] =
        [("lax", SameSite::Lax), ("strict", SameSite::Strict), ("none", SameSite::None)];

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SameSite>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let text = text.to_ascii_lowercase();
        let found = NAMES.iter().find(|(name, _)| *name == text);
        found.map(|(_, value)| Some(*value)).ok_or_else(|| D::Error::unknown_variant(&text, &["lax", "strict", "none"]))
    }

    pub(super) fn serialize<S: Serializer>(value: &Option<SameSite>, serializer: S) -> Result<S::Ok, S::Error> {
        let name = value.and_then(|value| NAMES.iter().find(|(_, known)| *known == value));
        name.map(|(name, _)| *name).serialize(serializer)
    }
}

/// The client's address.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct IpAddressOptions {
    /// The headers that name it; `x-forwarded-for` when there are none here.
    pub ip_address_headers: Vec<String>,
    /// Addresses and ranges of proxies whose word is taken.
    pub trusted_proxies: Vec<String>,
    /// How many bits of an IPv6 address make one client; 64 when absent.
    pub ipv6_subnet: Option<u8>,
    /// Beyond the reference: whether the other end of the connection is the client, unless it is one of `trusted_proxies`. No header of
    /// anybody else is believed then. For servers without a proxy in front of them, or with proxies that are listed.
    pub use_peer_address: bool,
    /// Whether addresses are neither stored nor limited.
    pub disable_ip_tracking: bool,
}
