//! Percent-encoding with the exact sets of JavaScript's `encodeURIComponent` and
//! `decodeURIComponent`.

use std::borrow::Cow;

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Encodes all but `A-Z a-z 0-9 - _ . ! ~ * ' ( )`, as `encodeURIComponent`. Borrows when nothing
/// needs encoding.
#[must_use]
pub fn encode_uri_component(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_unreserved) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(text.len() + 16);
    push_uri_component(&mut encoded, text);
    Cow::Owned(encoded)
}

/// Appends the form that [`encode_uri_component`] gives.
pub fn push_uri_component(encoded: &mut String, text: &str) {
    for byte in text.bytes() {
        if is_unreserved(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
            encoded.push(char::from(DIGITS[usize::from(byte & 0x0f)]));
        }
    }
}

/// Decodes as `decodeURIComponent`. `None` where that throws: a `%` without two hexadecimal
/// digits, or bytes that are not UTF-8. A `+` stays as it is. Borrows when there is no `%`.
#[must_use]
pub fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    let Some(first) = text.find('%') else {
        return Some(Cow::Borrowed(text));
    };
    let (plain, mut rest) = text.as_bytes().split_at(first);
    let mut bytes = Vec::with_capacity(text.len());
    bytes.extend_from_slice(plain);
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let (&[high, low], tail) = tail.split_first_chunk::<2>()?;
            bytes.push(digit(high)? << 4 | digit(low)?);
            rest = tail;
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Decodes when possible and otherwise returns the text as it is: how the reference treats every
/// cookie value.
#[must_use]
pub fn percent_decode_or_raw(text: &str) -> Cow<'_, str> {
    percent_decode(text).unwrap_or(Cow::Borrowed(text))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte)
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encodes_as_encode_uri_component_does() {
        let ascii: String = (' '..='~').collect();
        assert_eq!(
            encode_uri_component(&ascii),
            "%20!%22%23%24%25%26'()*%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40\
             ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D~"
        );
        assert_eq!(encode_uri_component("é😀\n"), "%C3%A9%F0%9F%98%80%0A");
    }

    #[test]
    fn borrows_what_needs_no_change() {
        assert!(matches!(encode_uri_component("a-z"), Cow::Borrowed("a-z")));
        assert!(matches!(percent_decode("a+é"), Some(Cow::Borrowed("a+é"))));
    }

    #[test]
    fn decodes_both_cases_and_keeps_plus() {
        assert_eq!(percent_decode("a%2Bb+%c3%A9").unwrap(), "a+b+é");
    }

    #[test]
    fn refuses_what_decode_uri_component_throws_on() {
        for text in ["%", "%2", "%zz", "%C3", "%C3é", "é%A9", "%C0%80", "%ED%A0%80", "%+1"] {
            assert_eq!(percent_decode(text), None, "{text}");
            assert_eq!(percent_decode_or_raw(text), text);
        }
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(text: String) {
            let encoded = encode_uri_component(&text);
            prop_assert_eq!(percent_decode(&encoded).unwrap(), text.as_str());
        }

        #[test]
        fn decode_takes_any_text(text in "(%|[0-9A-Fa-f]|é|x){0,20}") {
            let _ = percent_decode(&text);
        }
    }
}
