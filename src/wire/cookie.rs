//! The `Cookie` request header, read the two ways the reference reads it.
//!
//! Everything else about cookies is re-exported from here, so that one `use` serves a handler.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::percent::percent_decode_or_raw;
use super::signed_cookie::verify_owned;
use crate::crypto::hmac::Signer;

pub use super::chunk::{Chunks, chunk, existing_chunks, expire_chunks, read_chunked, replace_chunks};
pub use super::cookie_attributes::{CookieAttributes, CookieError, MAX_AGE_LIMIT, SameSite, check_cookie_name};
pub use super::set_cookie::SetCookie;
pub use super::signed_cookie::{sign_cookie_value, verify_cookie_value};

/// A view of one `Cookie` header. Several header lines are to be joined with `; ` before.
///
/// Nothing is copied or indexed: each look-up is one pass over the text.
#[derive(Clone, Copy)]
pub struct Cookies<'a>(&'a str);

impl<'a> Cookies<'a> {
    /// A view of `header`; the empty string when the request has none.
    #[must_use]
    pub fn parse(header: &'a str) -> Self {
        Self(header)
    }

    /// Whether `name` stands anywhere in the text: a cheap way to know that there is no such cookie.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// The value of a cookie, as a route handler of the reference gets it: of several cookies of
    /// one name the first counts, white space around the value goes, a leading double quote goes
    /// together with the last character, and percent-encoding is undone when it is valid. An empty
    /// value counts as absent. Allocates only to decode.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        if !self.mentions(name) {
            return None;
        }
        let (_, value) = self.segments().find(|(found, _)| {
            // Trimming is the slower test, and most names are shorter or the same.
            found.len() >= name.len() && found.trim_matches(is_js_space) == name
        })?;
        let value = value.trim_matches(is_js_space);
        let value = match value.strip_prefix('"') {
            Some(rest) => drop_last_char(rest),
            None => value,
        };
        (!value.is_empty()).then(|| percent_decode_or_raw(value))
    }

    /// The value that was signed into a cookie, if its signature is right.
    #[must_use]
    pub fn get_signed(&self, name: &str, signer: &Signer) -> Option<Cow<'a, str>> {
        verify_owned(signer, self.get(name)?)
    }

    /// All cookies by name and decoded value, as the reference lists them to find chunks and
    /// sessions: names must be RFC 9110 tokens, values RFC 6265 octets or spaces or commas;
    /// anything else is left out. Of several cookies of one name the last value counts, in the
    /// place of the first.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        let mut places = HashMap::new();
        let mut entries = Vec::new();
        for (name, value) in self.well_formed() {
            let place = *places.entry(name).or_insert(entries.len());
            if let Some(entry) = entries.get_mut(place) {
                *entry = (name, value);
            } else {
                entries.push((name, value));
            }
        }
        entries.into_iter().map(|(name, value)| (name, percent_decode_or_raw(value)))
    }

    /// The pairs that [`Cookies::entries`] accepts, undecoded, duplicates included.
    pub(super) fn well_formed(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.segments().filter_map(|(name, value)| {
            let name = name.trim_matches(is_blank);
            let value = unquote(value.trim_matches(is_blank));
            let valid = is_token(name) && value.bytes().all(is_cookie_octet);
            valid.then_some((name, value))
        })
    }

    /// The text before and after the first `=` of every part that has one.
    fn segments(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = Some(self.0);
        let parts = std::iter::from_fn(move || {
            let (part, tail) = split_at_byte(rest?, b';');
            rest = tail;
            Some(part)
        });
        parts.filter_map(|part| {
            let (name, value) = split_at_byte(part, b'=');
            Some((name, value?))
        })
    }
}

impl fmt::Debug for Cookies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookies").finish_non_exhaustive()
    }
}

/// Whether a text is a non-empty token of RFC 9110 section 5.6.2, the form of a cookie name.
pub(super) fn is_token(text: &str) -> bool {
    let is_token_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// RFC 6265 section 4.1.1 and, as the reference allows, space and comma.
fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b';' | b'\\')
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// What `String.prototype.trim` removes.
fn is_js_space(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

/// The text before the first such ASCII byte, and the text after it if there is one. On parts as
/// short as those of a cookie a plain loop is faster than the general search of `split_once`.
fn split_at_byte(text: &str, separator: u8) -> (&str, Option<&str>) {
    match text.as_bytes().iter().position(|byte| *byte == separator) {
        Some(place) => (&text[..place], Some(&text[place + 1..])),
        None => (text, None),
    }
}

fn drop_last_char(text: &str) -> &str {
    let mut characters = text.chars();
    characters.next_back();
    characters.as_str()
}

fn unquote(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn get(header: &str, name: &str) -> Option<String> {
        Cookies::parse(header).get(name).map(Cow::into_owned)
    }

    fn entries(header: &str) -> Vec<(&str, String)> {
        Cookies::parse(header).entries().map(|(name, value)| (name, value.into_owned())).collect()
    }

    #[test]
    fn reads_values_as_a_route_handler_does() {
        for (header, expected) in [
            ("a=1", Some("1")),
            ("a=1; a=2", Some("1")),
            ("b=2;a=1", Some("1")),
            ("b; a=1", Some("1")),
            (";;a=1", Some("1")),
            ("  a \t=\u{a0} 1\u{feff} ", Some("1")),
            ("a=x=y", Some("x=y")),
            ("a=\"1\"", Some("1")),
            ("a=\"1", None),
            ("a=\"12", Some("1")),
            ("a=\"", None),
            ("a=1\"", Some("1\"")),
            ("a=%20x%2", Some("%20x%2")),
            ("a=%C3%A9", Some("é")),
            ("a=", None),
            ("a", None),
            ("", None),
            ("A=1", None),
        ] {
            assert_eq!(get(header, "a").as_deref(), expected, "{header:?}");
        }
    }

    #[test]
    fn an_empty_first_duplicate_hides_the_second() {
        assert_eq!(get("a=; a=2", "a"), None);
    }

    #[test]
    fn lists_the_last_duplicate_in_the_place_of_the_first() {
        let listed = entries("a=1; b=2; a=%33");
        assert_eq!(listed, [("a", "3".to_owned()), ("b", "2".to_owned())]);
    }

    #[test]
    fn lists_only_well_formed_pairs() {
        for (header, expected) in [
            ("a=x y,z", Some("x y,z")),
            ("a=\"x\"", Some("x")),
            ("a=\"x", None),
            ("a=x\\y", None),
            ("a=é", None),
            ("a=", Some("")),
            ("a\t= \t", Some("")),
        ] {
            let listed = entries(header);
            let value = listed.first().map(|(_, value)| value.as_str());
            assert_eq!(value, expected, "{header:?}");
        }
        assert!(entries("a b=1; =2; (=3; c").is_empty());
    }

    #[test]
    fn borrows_a_value_that_is_not_encoded() {
        let value = Cookies::parse("a=plain").get("a");
        assert!(matches!(value, Some(Cow::Borrowed("plain"))));
    }

    #[test]
    fn handles_a_large_header() {
        let header: Vec<_> = (0..1000).map(|i| format!("c{i}={:060}", i)).collect();
        let header = header.join("; ");
        assert_eq!(get(&header, "c999"), Some(format!("{:060}", 999)));
        assert_eq!(entries(&header).len(), 1000);
    }

    #[test]
    fn debug_shows_no_value() {
        assert!(!format!("{:?}", Cookies::parse("a=hunter2")).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn takes_any_header(header: String, name in "[a-z]?") {
            let cookies = Cookies::parse(&header);
            let _ = cookies.get(&name);
            prop_assert!(cookies.entries().all(|(name, _)| is_token(name)));
        }

        #[test]
        fn takes_any_header_made_of_its_own_marks(header in "[ab=;\" %4é\t]{0,30}") {
            let cookies = Cookies::parse(&header);
            let _ = cookies.get("a");
            let _ = cookies.entries().count();
        }
    }
}
