//! Values too large for one cookie, split over `name.0`, `name.1` and so on.
//!
//! Sizes and names are those of the reference's session store: a cookie with its attributes stays
//! within 4050 characters, measured under the name `name.99`, and there are at most 100 chunks.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cookie::Cookies;
use super::cookie_attributes::CookieAttributes;
use super::percent::percent_decode_or_raw;
use super::set_cookie::SetCookie;

const MAX_COOKIE_SIZE: usize = 4050;
const MAX_CHUNKS: usize = 100;
/// Largest index that JavaScript reads exactly.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A value made ready for cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunks {
    /// It fits into one cookie.
    One(SetCookie),
    /// It is spread over several, in order.
    Many(Vec<SetCookie>),
    /// It would need more than 100 cookies, or name and attributes alone fill one. Nothing is
    /// stored.
    TooLarge,
}

/// Splits `value` as far as its size demands.
#[must_use]
pub fn chunk(name: &str, value: &str, attributes: &CookieAttributes) -> Chunks {
    let longest_name = format!("{name}.99");
    let overhead = SetCookie::new(longest_name, "", attributes.clone()).to_string();
    let overhead = overhead.encode_utf16().count();
    let size = MAX_COOKIE_SIZE.saturating_sub(overhead);
    let length = value.encode_utf16().count();
    if size == 0 || length.div_ceil(size) > MAX_CHUNKS {
        return Chunks::TooLarge;
    }
    if length <= size {
        return Chunks::One(SetCookie::new(name, value, attributes.clone()));
    }
    let cookies = Pieces { rest: value, size }
        .enumerate()
        .map(|(index, piece)| SetCookie::new(format!("{name}.{index}"), piece, attributes.clone()))
        .collect();
    Chunks::Many(cookies)
}

/// The names under which a request carries `name` or chunks of it, in the order of the header.
#[must_use]
pub fn existing_chunks<'a>(cookies: &Cookies<'a>, name: &str) -> Vec<&'a str> {
    stored(cookies, name).into_iter().map(|chunk| chunk.name).collect()
}

/// The value of `name` in a request, put together when it was split.
#[must_use]
pub fn read_chunked<'a>(cookies: &Cookies<'a>, name: &str) -> Option<Cow<'a, str>> {
    if let Some(value) = cookies.get(name) {
        return Some(value);
    }
    let mut chunks = stored(cookies, name);
    chunks.retain(|chunk| chunk.index.is_some());
    chunks.sort_by_key(|chunk| chunk.index);
    let value: String = chunks.iter().map(|chunk| percent_decode_or_raw(chunk.value)).collect();
    (!value.is_empty()).then_some(Cow::Owned(value))
}

/// The cookies that replace whatever the request carries under `name` by `value`: every existing
/// name in its place, either overwritten or expired, and then the new names. A value that is too
/// large leaves the expired ones only.
#[must_use]
pub fn replace_chunks(cookies: &Cookies<'_>, name: &str, value: &str, attributes: &CookieAttributes) -> Vec<SetCookie> {
    let mut replaced = expire_chunks(cookies, name, attributes);
    let new = match chunk(name, value, attributes) {
        Chunks::One(cookie) => vec![cookie],
        Chunks::Many(cookies) => cookies,
        Chunks::TooLarge => Vec::new(),
    };
    for cookie in new {
        match replaced.iter_mut().find(|old| old.name == cookie.name) {
            Some(old) => *old = cookie,
            None => replaced.push(cookie),
        }
    }
    replaced
}

/// The cookies that make the client forget `name` and all chunks of it that the request carries.
#[must_use]
pub fn expire_chunks(cookies: &Cookies<'_>, name: &str, attributes: &CookieAttributes) -> Vec<SetCookie> {
    existing_chunks(cookies, name).into_iter().map(|name| SetCookie::expired(name, attributes)).collect()
}

/// Consecutive pieces of a text of at most `size` UTF-16 code units each.
struct Pieces<'a> {
    rest: &'a str,
    size: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let mut units = 0;
        let end = self
            .rest
            .char_indices()
            .find(|(_, character)| {
                units += character.len_utf16();
                units > self.size
            })
            .map_or(self.rest.len(), |(end, _)| end);
        let (piece, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!piece.is_empty()).then_some(piece)
    }
}

/// A cookie of a request that is `name` itself (no index) or a chunk of it.
struct StoredChunk<'a> {
    index: Option<u64>,
    name: &'a str,
    value: &'a str,
}

/// Of several cookies of one name the last value counts, in the place of the first.
fn stored<'a>(cookies: &Cookies<'a>, name: &str) -> Vec<StoredChunk<'a>> {
    let mut chunks: Vec<StoredChunk<'a>> = Vec::new();
    if !cookies.mentions(name) {
        return chunks;
    }
    let mut places = HashMap::new();
    for (found, value) in cookies.well_formed() {
        let index = match found.strip_prefix(name) {
            Some("") => None,
            Some(suffix) => match chunk_index(suffix) {
                Some(index) => Some(index),
                None => continue,
            },
            None => continue,
        };
        let place = *places.entry(index).or_insert(chunks.len());
        match chunks.get_mut(place) {
            Some(chunk) => chunk.value = value,
            None => chunks.push(StoredChunk { index, name: found, value }),
        }
    }
    chunks
}

/// The index in a suffix like `.7`. Only the shortest decimal form counts, so that no index has
/// two names.
fn chunk_index(suffix: &str) -> Option<u64> {
    let digits = suffix.strip_prefix('.')?;
    let canonical = digits == "0" || !digits.starts_with('0');
    if !canonical || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|index| *index <= MAX_SAFE_INTEGER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attributes() -> CookieAttributes {
        CookieAttributes {
            max_age: Some(300),
            path: Some("/".to_owned()),
            http_only: true,
            same_site: Some(crate::wire::cookie::SameSite::Lax),
            ..CookieAttributes::default()
        }
    }

    fn names(cookies: &[SetCookie]) -> Vec<&str> {
        cookies.iter().map(|cookie| cookie.name.as_str()).collect()
    }

    fn header(cookies: &[SetCookie]) -> String {
        let pairs: Vec<_> = cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value())).collect();
        pairs.join("; ")
    }

    /// The overhead of these attributes under `d.99` is 50 characters.
    #[test]
    fn the_limit_is_that_of_the_reference() {
        let fits = "x".repeat(4000);
        assert!(matches!(chunk("d", &fits, &attributes()), Chunks::One(_)));
        let Chunks::Many(cookies) = chunk("d", &format!("{fits}y"), &attributes()) else {
            panic!("one character too many is split");
        };
        assert_eq!(names(&cookies), ["d.0", "d.1"]);
        assert_eq!(cookies[0].value(), fits);
        assert_eq!(cookies[1].value(), "y");
    }

    #[test]
    fn a_hundred_chunks_are_the_most() {
        let value = "x".repeat(4000 * 100);
        let Chunks::Many(cookies) = chunk("d", &value, &attributes()) else {
            panic!("a hundred chunks are allowed");
        };
        assert_eq!(cookies.len(), 100);
        assert!(cookies.iter().all(|cookie| cookie.to_string().len() <= 4050));
        let value = value + "x";
        assert_eq!(chunk("d", &value, &attributes()), Chunks::TooLarge);
        assert_eq!(chunk(&"d".repeat(5000), "x", &attributes()), Chunks::TooLarge);
    }

    #[test]
    fn an_empty_value_is_one_cookie() {
        let expected = SetCookie::new("d", "", attributes());
        assert_eq!(chunk("d", "", &attributes()), Chunks::One(expected));
    }

    #[test]
    fn chunks_are_joined_by_index_not_by_position() {
        let cookies = Cookies::parse("d.10=c; d.2=b; d.0=a; e.0=x; dd.1=x");
        assert_eq!(read_chunked(&cookies, "d").unwrap(), "abc");
    }

    #[test]
    fn the_unsplit_cookie_goes_first() {
        let cookies = Cookies::parse("d.0=a; d=whole");
        assert_eq!(read_chunked(&cookies, "d").unwrap(), "whole");
        assert_eq!(read_chunked(&cookies, "x"), None);
        assert_eq!(read_chunked(&Cookies::parse("d=; d.0="), "d"), None);
    }

    #[test]
    fn only_canonical_indexes_count() {
        let header = "d.00=a; d.01=a; d.1e1=a; d.-1=a; d.+1=a; d.=a; d.0x1=a; \
                      d.9007199254740992=a; d.9007199254740991=b";
        let cookies = Cookies::parse(header);
        assert_eq!(existing_chunks(&cookies, "d"), ["d.9007199254740991"]);
    }

    #[test]
    fn stale_chunks_expire_in_place_and_new_ones_follow() {
        let cookies = Cookies::parse("d.3=x; d.0=x; other=1; d=x; d.3=y");
        let value = "v".repeat(5000);
        let replaced = replace_chunks(&cookies, "d", &value, &attributes());
        assert_eq!(names(&replaced), ["d.3", "d.0", "d", "d.1"]);
        let expired: Vec<_> = replaced.iter().map(|cookie| cookie.attributes.max_age == Some(0)).collect();
        assert_eq!(expired, [true, false, true, false]);
    }

    #[test]
    fn a_value_that_is_too_large_only_clears() {
        let cookies = Cookies::parse("d.0=x");
        let value = "v".repeat(500_000);
        let replaced = replace_chunks(&cookies, "d", &value, &attributes());
        assert_eq!(replaced, expire_chunks(&cookies, "d", &attributes()));
    }

    proptest! {
        #[test]
        fn joining_undoes_splitting(
            value in "[ -~é😀]{1,200}",
            repeat in 1usize..80,
            stale in prop::collection::vec(0u8..20, 0..5),
        ) {
            let value = value.repeat(repeat);
            let old: Vec<_> = stale.iter().map(|index| format!("d.{index}=old")).collect();
            let old = old.join("; ");
            let replaced = replace_chunks(&Cookies::parse(&old), "d", &value, &attributes());
            let live: Vec<_> = replaced
                .into_iter()
                .filter(|cookie| cookie.attributes.max_age != Some(0))
                .collect();
            let header = header(&live);
            let joined = read_chunked(&Cookies::parse(&header), "d");
            prop_assert_eq!(joined.as_deref(), Some(value.as_str()));
        }

        #[test]
        fn takes_any_header(header in "[d.0-9=; x]{0,60}") {
            let cookies = Cookies::parse(&header);
            let _ = read_chunked(&cookies, "d");
            prop_assert!(existing_chunks(&cookies, "d").len() <= header.len());
        }
    }
}
