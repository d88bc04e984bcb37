//! The attributes of a cookie: what may be configured, and how they are read.

use super::cookie::is_token;
use super::date::Timestamp;

/// Largest `Max-Age` in seconds: 400 days, beyond which the reference throws and browsers clamp.
pub const MAX_AGE_LIMIT: i64 = 34_560_000;

/// Attributes of a cookie. All absent by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CookieAttributes {
    /// Lifetime in seconds, at most [`MAX_AGE_LIMIT`]. Absent or negative makes a session cookie.
    pub max_age: Option<i64>,
    /// Domain whose subdomains get the cookie too.
    pub domain: Option<String>,
    /// Path below which the cookie is sent.
    pub path: Option<String>,
    /// Moment at which the cookie ends; `Max-Age` goes before it.
    pub expires: Option<Timestamp>,
    /// Hidden from scripts.
    pub http_only: bool,
    /// Sent over HTTPS only.
    pub secure: bool,
    /// Whether other sites' requests carry the cookie.
    pub same_site: Option<SameSite>,
    /// Kept apart for each top-level site (CHIPS).
    pub partitioned: bool,
}

/// The `SameSite` attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Never sent with requests of other sites.
    Strict,
    /// Sent with top-level navigation from other sites.
    Lax,
    /// Always sent. Implies `Secure`.
    None,
}

/// Why a cookie cannot be configured as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    /// `Max-Age` is above [`MAX_AGE_LIMIT`].
    #[error("a cookie cannot live longer than 400 days (34560000 seconds)")]
    MaxAge,
    /// The name is empty or holds a character that is not allowed in a token.
    #[error("the cookie name is not a token")]
    Name,
    /// The domain holds a separator, a space or a control character.
    #[error("the cookie domain contains a character that is not allowed")]
    Domain,
    /// The path holds a semicolon or a control character.
    #[error("the cookie path contains a character that is not allowed")]
    Path,
}

impl CookieAttributes {
    /// Checks values that come from options, so that writing a cookie cannot fail later.
    ///
    /// # Errors
    ///
    /// [`CookieError`] for the first value that is not allowed.
    pub fn validate(&self) -> Result<(), CookieError> {
        if self.max_age.is_some_and(|secs| secs > MAX_AGE_LIMIT) {
            return Err(CookieError::MaxAge);
        }
        let allowed_in_domain = |byte: u8| byte.is_ascii_graphic() && byte != b';' && byte != b',';
        if !self.domain.iter().all(|domain| domain.bytes().all(allowed_in_domain)) {
            return Err(CookieError::Domain);
        }
        let allowed_in_path = |byte: u8| matches!(byte, b' '..=b'~') && byte != b';';
        if !self.path.iter().all(|path| path.bytes().all(allowed_in_path)) {
            return Err(CookieError::Path);
        }
        Ok(())
    }

    /// The same attributes with `Max-Age=0`, which makes the client forget the cookie.
    #[must_use]
    pub fn expired(&self) -> Self {
        Self { max_age: Some(0), ..self.clone() }
    }
}

/// Checks a cookie name that comes from options.
///
/// # Errors
///
/// [`CookieError::Name`] when it is not a token (RFC 9110 section 5.6.2).
pub fn check_cookie_name(name: &str) -> Result<(), CookieError> {
    if is_token(name) { Ok(()) } else { Err(CookieError::Name) }
}

impl CookieAttributes {
    /// Takes over one attribute of a `Set-Cookie` line.
    pub(super) fn read(&mut self, name: &str, text: &str) {
        let present = || (!text.is_empty()).then(|| text.to_owned());
        match name.to_ascii_lowercase().as_str() {
            "max-age" => self.max_age = text.parse().ok(),
            "domain" => self.domain = present(),
            "path" => self.path = present(),
            "expires" => self.expires = Timestamp::parse_http_date(text),
            "httponly" => self.http_only = true,
            "secure" => self.secure = true,
            "samesite" => self.same_site = SameSite::read(text),
            "partitioned" => self.partitioned = true,
            _ => {}
        }
    }
}

impl SameSite {
    fn read(text: &str) -> Option<Self> {
        [Self::Strict, Self::Lax, Self::None].into_iter().find(|value| value.as_str().eq_ignore_ascii_case(text))
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_beyond_the_limit_is_refused() {
        let with = |secs| CookieAttributes { max_age: Some(secs), ..CookieAttributes::default() };
        assert_eq!(with(MAX_AGE_LIMIT).validate(), Ok(()));
        assert_eq!(with(MAX_AGE_LIMIT + 1).validate(), Err(CookieError::MaxAge));
    }

    #[test]
    fn configured_text_cannot_add_attributes() {
        for domain in ["a.com; Secure", "a.com;Secure", "a.com,b.com", "a.com\r\n", "é.com"] {
            let domain = CookieAttributes { domain: Some(domain.to_owned()), ..CookieAttributes::default() };
            assert_eq!(domain.validate(), Err(CookieError::Domain));
        }
        for path in ["/\r\nSet-Cookie: b=1", "/;Secure", "/é"] {
            let path = CookieAttributes { path: Some(path.to_owned()), ..CookieAttributes::default() };
            assert_eq!(path.validate(), Err(CookieError::Path));
        }
        for name in ["", "a b", "a=b", "a;", "é"] {
            assert_eq!(check_cookie_name(name), Err(CookieError::Name), "{name}");
        }
        assert_eq!(check_cookie_name("__Secure-better-auth.session_token"), Ok(()));
    }
}
