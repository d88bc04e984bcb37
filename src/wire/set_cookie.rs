//! The `Set-Cookie` response header: values, attributes and their order on the wire.

use std::borrow::Cow;
use std::fmt;

use super::cookie_attributes::{CookieAttributes, MAX_AGE_LIMIT, SameSite};
use super::percent::{encode_uri_component, percent_decode_or_raw};
use super::signed_cookie::sign_cookie_value;
use crate::crypto::hmac::Signer;

/// A cookie for the client to store.
///
/// `Display` writes the header value, with the secret in it; `Debug` leaves the secret out.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// The name, prefix included.
    pub name: String,
    /// The value as it stands on the wire.
    value: String,
    /// The attributes as configured; the rules of name prefixes are applied when writing.
    pub attributes: CookieAttributes,
}

impl SetCookie {
    /// A cookie whose value is percent-encoded but not signed.
    #[must_use]
    pub fn new(name: impl Into<String>, value: &str, attributes: CookieAttributes) -> Self {
        Self { name: name.into(), value: encode_uri_component(value).into_owned(), attributes }
    }

    /// A cookie whose value is signed and percent-encoded.
    #[must_use]
    pub fn signed(name: impl Into<String>, value: &str, signer: &Signer, attributes: CookieAttributes) -> Self {
        Self { name: name.into(), value: sign_cookie_value(signer, value), attributes }
    }

    /// A cookie that makes the client forget the one with the same name, domain and path.
    #[must_use]
    pub fn expired(name: impl Into<String>, attributes: &CookieAttributes) -> Self {
        Self { name: name.into(), value: String::new(), attributes: attributes.expired() }
    }

    /// The value as it stands on the wire: percent-encoded, with its signature if it has one.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value as a later request handler reads it, with its signature if it has one.
    #[must_use]
    pub fn decoded_value(&self) -> Cow<'_, str> {
        percent_decode_or_raw(&self.value)
    }

    /// Reads one `Set-Cookie` line. `None` when it has no name. Unknown attributes and values that
    /// cannot be read are left out.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(';').map(str::trim);
        let pair = parts.next()?;
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if name.is_empty() {
            return None;
        }
        let unquoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let mut attributes = CookieAttributes::default();
        for part in parts {
            let (attribute, text) = part.split_once('=').unwrap_or((part, ""));
            attributes.read(attribute.trim(), text.trim());
        }
        Some(Self { name: name.to_owned(), value: unquoted.unwrap_or(value).to_owned(), attributes })
    }
}

/// The rules that a name prefix or another attribute imposes on what is written.
struct Imposed {
    host_only: bool,
    secure: bool,
}

impl SetCookie {
    fn imposed(&self) -> Imposed {
        let starts_with =
            |prefix: &str| self.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let host_only = starts_with("__Host-");
        let attributes = &self.attributes;
        Imposed {
            host_only,
            secure: attributes.secure
                || attributes.partitioned
                || attributes.same_site == Some(SameSite::None)
                || host_only
                || starts_with("__Secure-"),
        }
    }
}

impl fmt::Display for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = &self.attributes;
        let imposed = self.imposed();
        let (domain, path) = if imposed.host_only {
            (None, Some("/"))
        } else {
            (attributes.domain.as_deref(), attributes.path.as_deref())
        };
        write!(f, "{}={}", self.name, self.value)?;
        if let Some(secs) = attributes.max_age.filter(|secs| *secs >= 0) {
            // Options are checked when they are read; a computed lifetime is held to the limit.
            write!(f, "; Max-Age={}", secs.min(MAX_AGE_LIMIT))?;
        }
        if let Some(domain) = domain.filter(|text| !text.is_empty()) {
            write!(f, "; Domain={domain}")?;
        }
        if let Some(path) = path.filter(|text| !text.is_empty()) {
            write!(f, "; Path={path}")?;
        }
        if let Some(moment) = attributes.expires {
            write!(f, "; Expires={}", moment.to_http_date())?;
        }
        if attributes.http_only {
            f.write_str("; HttpOnly")?;
        }
        if imposed.secure {
            f.write_str("; Secure")?;
        }
        if let Some(same_site) = attributes.same_site {
            write!(f, "; SameSite={}", same_site.as_str())?;
        }
        if attributes.partitioned {
            f.write_str("; Partitioned")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie")
            .field("name", &self.name)
            .field("attributes", &self.attributes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::date::Timestamp;

    fn all_attributes() -> CookieAttributes {
        CookieAttributes {
            max_age: Some(300),
            domain: Some("example.com".to_owned()),
            path: Some("/auth".to_owned()),
            expires: Some(Timestamp::from_secs(1_795_434_584)),
            http_only: true,
            secure: true,
            same_site: Some(SameSite::Lax),
            partitioned: true,
        }
    }

    fn written(name: &str, attributes: CookieAttributes) -> String {
        SetCookie::new(name, "v", attributes).to_string()
    }

    #[test]
    fn writes_attributes_in_the_order_of_the_reference() {
        assert_eq!(
            SetCookie::new("a", "x y", all_attributes()).to_string(),
            "a=x%20y; Max-Age=300; Domain=example.com; Path=/auth; \
             Expires=Mon, 23 Nov 2026 11:49:44 GMT; HttpOnly; Secure; SameSite=Lax; Partitioned"
        );
        assert_eq!(written("a", CookieAttributes::default()), "a=v");
    }

    #[test]
    fn a_host_prefix_fixes_path_and_domain() {
        assert_eq!(
            written("__host-a", all_attributes()),
            "__host-a=v; Max-Age=300; Path=/; Expires=Mon, 23 Nov 2026 11:49:44 GMT; \
             HttpOnly; Secure; SameSite=Lax; Partitioned"
        );
        assert_eq!(written("__Host-a", CookieAttributes::default()), "__Host-a=v; Path=/; Secure");
    }

    #[test]
    fn secure_is_implied_where_browsers_demand_it() {
        let none = CookieAttributes { same_site: Some(SameSite::None), ..CookieAttributes::default() };
        let partitioned = CookieAttributes { partitioned: true, ..CookieAttributes::default() };
        assert_eq!(written("a", none), "a=v; Secure; SameSite=None");
        assert_eq!(written("a", partitioned), "a=v; Secure; Partitioned");
        let secure = written("__SECURE-a", CookieAttributes::default());
        assert_eq!(secure, "__SECURE-a=v; Secure");
    }

    #[test]
    fn an_expired_cookie_keeps_its_attributes() {
        let cookie = SetCookie::expired("a", &all_attributes());
        assert_eq!(cookie.value(), "");
        assert!(cookie.to_string().starts_with("a=; Max-Age=0; Domain=example.com;"));
    }

    #[test]
    fn a_lifetime_beyond_the_limit_is_held_to_it() {
        let with = |secs| CookieAttributes { max_age: Some(secs), ..CookieAttributes::default() };
        assert_eq!(written("a", with(i64::MAX)), "a=v; Max-Age=34560000");
        assert_eq!(written("a", with(0)), "a=v; Max-Age=0");
        assert_eq!(written("a", with(-1)), "a=v");
    }

    #[test]
    fn reads_what_it_writes() {
        let cookie = SetCookie::new("a", "x y", all_attributes());
        let read = SetCookie::parse(&cookie.to_string()).unwrap();
        assert_eq!(read, cookie);
        assert_eq!(read.decoded_value(), "x y");
    }

    #[test]
    fn reads_lines_of_other_servers() {
        let line = "a=\"b=c\" ;max-age = 5; PATH=/x;secure; samesite=STRICT; priority=high;";
        let read = SetCookie::parse(line).unwrap();
        assert_eq!(read.value(), "b=c");
        assert_eq!(
            read.attributes,
            CookieAttributes {
                max_age: Some(5),
                path: Some("/x".to_owned()),
                secure: true,
                same_site: Some(SameSite::Strict),
                ..CookieAttributes::default()
            }
        );
        assert_eq!(SetCookie::parse("=1; Path=/"), None);
        assert_eq!(SetCookie::parse(""), None);
    }

    #[test]
    fn debug_shows_no_value() {
        let cookie = SetCookie::new("a", "hunter2", CookieAttributes::default());
        assert!(!format!("{cookie:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn parse_takes_any_line(line: String) {
            let _ = SetCookie::parse(&line);
        }

        #[test]
        fn no_value_adds_an_attribute(value: String) {
            let line = SetCookie::new("a", &value, CookieAttributes::default()).to_string();
            let read = SetCookie::parse(&line).unwrap();
            prop_assert_eq!(read.decoded_value(), value);
            prop_assert_eq!(read.attributes, CookieAttributes::default());
        }
    }
}
