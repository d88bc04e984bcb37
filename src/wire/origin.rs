//! Trusted origins: who may send requests with cookies, and where a user may be sent.

mod custom;

use url::{Origin, Url};

use super::path::RequestPath;
use super::wildcard::{Wildcard, has_wildcard};
use custom::{CustomPattern, CustomUrl};

/// Whether a URL without scheme and host counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relative {
    /// A safe root-relative path such as `/dashboard` is trusted: it stays on the user's current origin.
    Allowed,
    /// Only absolute URLs are looked at, as for an `Origin` header.
    Refused,
}

/// One entry of the trusted list.
///
/// - `https://app.example.com` is one origin, compared whole.
/// - `https://*.example.com` is matched against the origin, `*.example.com` and `192.168.*.*` against host and port
///   of an http or https URL. A host of digits, dots and wildcards admits IPv4 addresses only.
/// - `myapp://`, `myapp://host` and `myapp://host/path` are custom schemes: the scheme is equal, the authority too if
///   the entry has one, and a path matches itself and what is below it, after dot segments are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    source: String,
    kind: Kind,
}

/// All trusted origins of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedOrigins(pub Vec<OriginPattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Wildcards without a scheme.
    Host(HostPattern),
    /// Wildcards with a scheme.
    Glob { origin: Wildcard, host: Ipv4Only, custom: Option<CustomPattern> },
    /// No wildcard.
    Exact { custom: Option<CustomPattern> },
}

/// A pattern for a host with its port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HostPattern {
    glob: Wildcard,
    ipv4: Ipv4Only,
}

/// Whether a host pattern names an IPv4 range. Without this, `192.168.*` would match `192.168.evil.com`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ipv4Only(bool);

/// A URL, parsed once and then held against every pattern.
enum Candidate<'a> {
    Relative(&'a str),
    Web { origin: String, host: String },
    Custom(CustomUrl),
    Unusable,
}

impl OriginPattern {
    /// Reads an entry of the trusted list. Every text is a pattern; one that is no origin matches nothing.
    #[must_use]
    pub fn parse(source: &str) -> Self {
        let kind = match (has_wildcard(source), source.split_once("://")) {
            (true, None) => Kind::Host(HostPattern::new(source)),
            (true, Some((_, authority))) => Kind::Glob {
                origin: Wildcard::new(source),
                host: Ipv4Only::of(authority),
                custom: CustomPattern::glob(source),
            },
            (false, _) => Kind::Exact { custom: CustomPattern::exact(source) },
        };
        Self { source: source.to_owned(), kind }
    }

    /// The entry as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether `url` is trusted by this entry.
    ///
    /// The verdict is that of the reference's `matchesOriginPattern`, with two exceptions on the safe side: an entry
    /// without a scheme matches http and https URLs only, and a relative URL whose resolved path begins with two
    /// slashes (`/.//host`) is refused. User information in a URL does not matter to the verdict; the host after it
    /// decides.
    #[must_use]
    pub fn matches(&self, url: &str, relative: Relative) -> bool {
        self.admits(&Candidate::parse(url), relative)
    }

    fn admits(&self, candidate: &Candidate<'_>, relative: Relative) -> bool {
        match (candidate, &self.kind) {
            (Candidate::Relative(url), _) => relative == Relative::Allowed && is_safe_relative(url),
            (Candidate::Web { host, .. }, Kind::Host(pattern)) => pattern.admits(host),
            (Candidate::Web { origin, host }, Kind::Glob { origin: glob, host: ipv4, .. }) => {
                glob.matches(origin) && ipv4.admits(host)
            }
            (Candidate::Web { origin, .. }, Kind::Exact { .. }) => self.source == *origin,
            (Candidate::Custom(url), Kind::Glob { custom, .. } | Kind::Exact { custom }) => {
                custom.as_ref().is_some_and(|pattern| pattern.admits(url))
            }
            (Candidate::Custom(_), Kind::Host(_)) | (Candidate::Unusable, _) => false,
        }
    }
}

impl TrustedOrigins {
    /// Reads a list of entries.
    pub fn parse<'a>(sources: impl IntoIterator<Item = &'a str>) -> Self {
        Self(sources.into_iter().map(OriginPattern::parse).collect())
    }

    /// Whether any entry trusts `url`. The URL is parsed once.
    #[must_use]
    pub fn trusts(&self, url: &str, relative: Relative) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let candidate = Candidate::parse(url);
        self.0.iter().any(|pattern| pattern.admits(&candidate, relative))
    }
}

/// The origin of an absolute URL, such as `https://app.example.com:8443`; `None` for a text that is no URL and for
/// schemes without origins.
#[must_use]
pub fn origin_of(url: &str) -> Option<String> {
    match Url::parse(url).ok()?.origin() {
        origin @ Origin::Tuple(..) => Some(origin.ascii_serialization()),
        Origin::Opaque(_) => None,
    }
}

/// The host of an absolute URL, with its port where that is not the scheme's own; `None` where there is no host.
#[must_use]
pub fn host_of(url: &str) -> Option<String> {
    host_and_port(&Url::parse(url).ok()?)
}

/// Whether a root-relative redirect target stays on its origin for every browser and router: one slash at the start
/// and not two after resolving, no backslash, no control character, no encoded slash or backslash in the path.
#[must_use]
pub fn is_safe_relative(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let has_encoded_separator = path
        .as_bytes()
        .windows(3)
        .any(|escape| escape.eq_ignore_ascii_case(b"%2f") || escape.eq_ignore_ascii_case(b"%5c"));
    url.starts_with('/')
        && !url.starts_with("//")
        && !url.contains('\\')
        && !url.contains(is_control)
        && !has_encoded_separator
        && !RequestPath::resolve(url, "").pathname().starts_with("//")
}

impl HostPattern {
    fn new(source: &str) -> Self {
        Self { glob: Wildcard::new(source), ipv4: Ipv4Only::of(source) }
    }

    fn admits(&self, host: &str) -> bool {
        self.glob.matches(host) && self.ipv4.admits(host)
    }
}

impl Ipv4Only {
    fn of(authority: &str) -> Self {
        let host = authority.split(':').next().unwrap_or_default();
        let is_range = host.bytes().all(|b| b.is_ascii_digit() || b"*?.".contains(&b));
        Self(is_range && host.bytes().any(|b| b.is_ascii_digit()))
    }

    fn admits(self, authority: &str) -> bool {
        !self.0 || is_ipv4(authority.split(':').next().unwrap_or_default())
    }
}

impl<'a> Candidate<'a> {
    fn parse(url: &'a str) -> Self {
        if url.starts_with('/') {
            return Self::Relative(url);
        }
        let Ok(parsed) = Url::parse(url) else {
            return Self::Unusable;
        };
        if !matches!(parsed.scheme(), "http" | "https") {
            return CustomUrl::parse(url).map_or(Self::Unusable, Self::Custom);
        }
        match host_and_port(&parsed) {
            Some(host) => Self::Web { origin: parsed.origin().ascii_serialization(), host },
            None => Self::Unusable,
        }
    }
}

fn host_and_port(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Dotted quad without leading zeros.
fn is_ipv4(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// C0 and C1 controls and DEL.
fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

#[cfg(test)]
mod tests;
