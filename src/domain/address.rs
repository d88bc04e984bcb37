//! Where this server is, from its clients' point of view.

use std::sync::Arc;

use http::{HeaderMap, header};
use url::Url;

use super::options::{AllowedHosts, BaseUrl, Options, Protocol};
use crate::wire::{origin::origin_of, wildcard::Wildcard};

/// How the server's address is found.
#[derive(Clone, Debug)]
pub enum BaseAddress {
    /// It is configured: the whole base URL, without a trailing slash.
    Fixed(Arc<str>),
    /// Each request's host decides, if it is one of these.
    PerHost(AllowedHosts),
    /// Each request says it.
    FromRequest,
}

/// A base URL that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an http or https URL")]
pub struct BadBaseUrl(String);

impl BaseAddress {
    /// What `options` configure.
    ///
    /// # Errors
    /// [`BadBaseUrl`].
    pub fn resolve(options: &Options) -> Result<Self, BadBaseUrl> {
        match &options.base_url {
            None => Ok(Self::FromRequest),
            Some(BaseUrl::Fixed(url)) => Ok(Self::Fixed(with_path(url, &options.base_path)?.into())),
            Some(BaseUrl::PerHost(hosts)) => {
                if let Some(fallback) = &hosts.fallback {
                    with_path(fallback, &options.base_path)?;
                }
                Ok(Self::PerHost(hosts.clone()))
            }
        }
    }

    /// The configured address, if there is one.
    #[must_use]
    pub fn fixed(&self) -> Option<&Arc<str>> {
        match self {
            Self::Fixed(url) => Some(url),
            Self::PerHost(_) | Self::FromRequest => None,
        }
    }

    /// The address for a request with these headers; `None` when its host is not one of ours.
    #[must_use]
    pub fn of_request(&self, headers: &HeaderMap, options: &Options) -> Option<Arc<str>> {
        match self {
            Self::Fixed(url) => Some(Arc::clone(url)),
            Self::FromRequest => {
                let host = host(headers, options.advanced.trusted_proxy_headers)?;
                let scheme = scheme(headers, Protocol::Auto, options.advanced.trusted_proxy_headers);
                with_path(&format!("{scheme}://{host}"), &options.base_path).ok().map(Into::into)
            }
            Self::PerHost(hosts) => {
                let host = host(headers, options.advanced.trusted_proxy_headers);
                let known = host.filter(|host| hosts.allowed_hosts.iter().any(|pattern| host_matches(pattern, host)));
                let url = match known {
                    Some(host) => {
                        let scheme =
                            scheme(headers, hosts.protocol.unwrap_or_default(), options.advanced.trusted_proxy_headers);
                        format!("{scheme}://{host}")
                    }
                    None => hosts.fallback.clone()?,
                };
                with_path(&url, &options.base_path).ok().map(Into::into)
            }
        }
    }

    /// The origins that are trusted because they are this server's own.
    #[must_use]
    pub fn own_origins(&self) -> Vec<String> {
        match self {
            Self::Fixed(url) => origin_of(url).into_iter().collect(),
            Self::FromRequest => Vec::new(),
            Self::PerHost(hosts) => {
                let mut origins: Vec<_> = hosts.fallback.iter().filter_map(|url| origin_of(url)).collect();
                for host in &hosts.allowed_hosts {
                    if host.contains("://") {
                        origins.push(host.clone());
                        continue;
                    }
                    if hosts.protocol != Some(Protocol::Http) {
                        origins.push(format!("https://{host}"));
                    }
                    if matches!(hosts.protocol, Some(Protocol::Http | Protocol::Auto)) || is_loopback(host) {
                        origins.push(format!("http://{host}"));
                    }
                }
                origins
            }
        }
    }
}

fn with_path(url: &str, base_path: &str) -> Result<String, BadBaseUrl> {
    let parsed = Url::parse(url).map_err(|_| BadBaseUrl(url.to_owned()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(BadBaseUrl(url.to_owned()));
    }
    let trimmed = url.trim_end_matches('/');
    if !parsed.path().trim_end_matches('/').is_empty() {
        return Ok(trimmed.to_owned());
    }
    let path = base_path.trim_matches('/');
    Ok(if path.is_empty() { trimmed.to_owned() } else { format!("{trimmed}/{path}") })
}

fn host(headers: &HeaderMap, trust_proxy: bool) -> Option<String> {
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|host| is_host(host));
    let forwarded = if trust_proxy { named("x-forwarded-host") } else { None };
    forwarded.or_else(|| named(header::HOST.as_str())).map(str::to_ascii_lowercase)
}

fn scheme(headers: &HeaderMap, protocol: Protocol, trust_proxy: bool) -> &'static str {
    match protocol {
        Protocol::Http => return "http",
        Protocol::Https => return "https",
        Protocol::Auto => {}
    }
    let forwarded = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()).filter(|_| trust_proxy);
    match forwarded {
        Some("http") => "http",
        Some("https") => "https",
        // The connection itself is plain: whoever ends TLS in front of it says so in a trusted header or in the options.
        _ => "http",
    }
}

/// A host name or address with an optional port, and nothing that could become another part of a URL.
fn is_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    !host.is_empty()
        && host.len() <= 255
        && !host.starts_with('.')
        && !host.contains("..")
        && host.bytes().all(plain)
        && Url::parse(&format!("http://{host}/")).is_ok_and(|url| url.path() == "/" && url.username().is_empty())
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*') => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    name == "localhost" || name.ends_with(".localhost") || name == "::1" || name.starts_with("127.")
}

fn host_matches(pattern: &str, host: &str) -> bool {
    let bare = pattern.split_once("://").map_or(pattern, |(_, rest)| rest);
    let bare = bare.split('/').next().unwrap_or_default().to_ascii_lowercase();
    Wildcard::new(&bare).matches(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<Vec<(http::HeaderName, http::HeaderValue)>>()
            .into_iter()
            .collect()
    }

    #[test]
    fn a_path_in_the_base_url_wins_over_the_base_path() {
        assert_eq!(with_path("http://a.test", "/api/auth").unwrap(), "http://a.test/api/auth");
        assert_eq!(with_path("http://a.test/", "api/auth/").unwrap(), "http://a.test/api/auth");
        assert_eq!(with_path("http://a.test/x/", "/api/auth").unwrap(), "http://a.test/x");
        assert_eq!(with_path("http://a.test", "/").unwrap(), "http://a.test");
        assert!(with_path("ftp://a.test", "/").is_err() && with_path("a.test", "/").is_err());
    }

    #[test]
    fn a_foreign_host_is_refused_or_falls_back() {
        let hosts =
            AllowedHosts { allowed_hosts: vec!["*.app.test".into()], fallback: None, protocol: Some(Protocol::Https) };
        let options = Options::default();
        let address = BaseAddress::PerHost(hosts.clone());
        let ours = headers(&[("host", "a.app.test")]);
        assert_eq!(address.of_request(&ours, &options).as_deref(), Some("https://a.app.test/api/auth"));
        let foreign = headers(&[("host", "a.app.test.evil.test")]);
        assert_eq!(address.of_request(&foreign, &options), None);
        let address = BaseAddress::PerHost(AllowedHosts { fallback: Some("https://app.test".into()), ..hosts });
        assert_eq!(address.of_request(&foreign, &options).as_deref(), Some("https://app.test/api/auth"));
    }

    #[test]
    fn forwarded_headers_count_only_when_trusted() {
        let mut options = Options::default();
        let forwarded =
            headers(&[("host", "localhost:3000"), ("x-forwarded-host", "evil.test"), ("x-forwarded-proto", "https")]);
        let found = BaseAddress::FromRequest.of_request(&forwarded, &options);
        assert_eq!(found.as_deref(), Some("http://localhost:3000/api/auth"));
        options.advanced.trusted_proxy_headers = true;
        let found = BaseAddress::FromRequest.of_request(&forwarded, &options);
        assert_eq!(found.as_deref(), Some("https://evil.test/api/auth"));
    }

    #[test]
    fn a_host_is_only_a_host() {
        for bad in ["", "a/b", "user@a", "a b", ".a", "a..b", "a?b", "a#b", "a\\b"] {
            assert!(!is_host(bad), "{bad}");
        }
        for good in ["a.test", "a.test:80", "127.0.0.1:3000", "[::1]:80", "localhost"] {
            assert!(is_host(good), "{good}");
        }
    }
}
