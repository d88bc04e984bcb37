//! URLs of custom schemes such as `myapp://host/path`, taken apart by plain string rules.
//!
//! URL parsers disagree about such URLs, so the reference does not ask one, and neither does this.

use super::{Ipv4Only, is_control};
use crate::wire::percent::percent_decode_or_raw;
use crate::wire::wildcard::Wildcard;

/// Scheme and authority in lower case, path decoded and resolved; an empty path is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CustomUrl {
    scheme: String,
    authority: String,
    path: String,
}

/// What a custom-scheme URL is held against. A part that is `None` matches everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CustomPattern {
    scheme: String,
    authority: Option<Part>,
    path: Option<Part>,
    user_info: UserInfo,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Exact(String),
    Glob(Wildcard, Ipv4Only),
}

/// Whether a URL may have a name before its host. Beside a wildcard it could move the real host behind an `@`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UserInfo {
    Compared,
    Refused,
}

/// In a pattern, `?` is a wildcard and does not begin a query.
#[derive(Clone, Copy, PartialEq, Eq)]
enum QuestionMark {
    BeginsQuery,
    IsWildcard,
}

impl CustomUrl {
    /// Takes apart a URL that a parser accepted. Some accept a name without the host that belongs behind it; the
    /// reference's does not.
    pub(super) fn parse(url: &str) -> Option<Self> {
        Self::split(url, QuestionMark::BeginsQuery).filter(|url| {
            !url.authority.rsplit_once('@').is_some_and(|(_, host)| host.is_empty() || host.starts_with(':'))
        })
    }

    fn split(url: &str, question_mark: QuestionMark) -> Option<Self> {
        if url.contains(is_control) {
            return None;
        }
        let (scheme, rest) = url.split_once(':').filter(|(scheme, _)| !scheme.is_empty())?;
        let ends = |c: char| c == '#' || (c == '?' && question_mark == QuestionMark::BeginsQuery);
        let (authority, rest) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(|c| c == '/' || ends(c)).unwrap_or(rest.len())),
            None => ("", rest),
        };
        let path = rest.split(ends).next().unwrap_or_default();
        Some(Self { scheme: scheme.to_lowercase(), authority: authority.to_lowercase(), path: resolve(path) })
    }
}

impl CustomPattern {
    /// A pattern without wildcards.
    pub(super) fn exact(source: &str) -> Option<Self> {
        let CustomUrl { scheme, authority, path } = CustomUrl::split(source, QuestionMark::BeginsQuery)?;
        let part = |text: String| (!text.is_empty()).then_some(Part::Exact(text));
        Some(Self { scheme, authority: part(authority), path: part(path), user_info: UserInfo::Compared })
    }

    /// A pattern with wildcards in its authority or path.
    pub(super) fn glob(source: &str) -> Option<Self> {
        let CustomUrl { scheme, authority, path } = CustomUrl::split(source, QuestionMark::IsWildcard)?;
        let part = |text: String, ipv4| (!text.is_empty()).then(|| Part::Glob(Wildcard::new(&text), ipv4));
        let ipv4 = Ipv4Only::of(&authority);
        Some(Self {
            scheme,
            authority: part(authority, ipv4),
            path: part(path, Ipv4Only(false)),
            user_info: UserInfo::Refused,
        })
    }

    pub(super) fn admits(&self, url: &CustomUrl) -> bool {
        self.scheme == url.scheme && self.admits_authority(&url.authority) && self.admits_path(&url.path)
    }

    fn admits_authority(&self, authority: &str) -> bool {
        if self.user_info == UserInfo::Refused && authority.contains('@') {
            return false;
        }
        match &self.authority {
            None => true,
            Some(Part::Exact(own)) => own == authority,
            Some(Part::Glob(glob, ipv4)) => glob.matches(authority) && ipv4.admits(authority),
        }
    }

    fn admits_path(&self, path: &str) -> bool {
        match &self.path {
            None => true,
            Some(Part::Exact(own)) => {
                path.strip_prefix(own.as_str()).is_some_and(|below| below.is_empty() || below.starts_with('/'))
            }
            Some(Part::Glob(glob, _)) => glob.matches(if path.is_empty() { "/" } else { path }),
        }
    }
}

/// Decodes the path and resolves its dot segments; empty for no path or the root.
fn resolve(path: &str) -> String {
    let decoded = percent_decode_or_raw(path);
    let mut segments = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            ".." => {
                segments.pop();
            }
            "" | "." => {}
            other => segments.push(other),
        }
    }
    segments.iter().map(|segment| format!("/{segment}")).collect()
}
