//! Names for requests, so that an answer can be found in the log.

use http::{HeaderMap, HeaderName, HeaderValue};
use kernia::crypto::entropy::Entropy;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::OsEntropy;

/// The header that carries the name, in both directions.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest name that is taken over from a client.
const MAX_GIVEN: usize = 128;

/// Names requests. A name is unique and tells nothing, but it is no secret.
#[derive(Debug)]
pub(crate) struct RequestIds(AtomicU64);

impl RequestIds {
    /// A sequence that starts at a random place.
    pub(crate) fn new() -> Self {
        let mut seed = [0; 8];
        OsEntropy::new().fill(&mut seed);
        Self(AtomicU64::new(u64::from_ne_bytes(seed)))
    }

    /// The name of a request with these headers: its own `x-request-id` if that is harmless, else a new one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        match headers.get(REQUEST_ID) {
            Some(given) if is_harmless(given.as_bytes()) => given.clone(),
            _ => self.next(),
        }
    }

    fn next(&self) -> HeaderValue {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let number = scatter(self.0.fetch_add(1, Ordering::Relaxed));
        let text: [u8; 16] = std::array::from_fn(|at| DIGITS[(number >> (60 - 4 * at)) as usize & 15]);
        // Hexadecimal digits are always a header value.
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("0"))
    }
}

/// A permutation of the 64-bit numbers (the finalizer of `SplitMix64`): neighbours look unrelated and never collide.
fn scatter(number: u64) -> u64 {
    let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Nothing that could break a log line, a shell or a URL.
fn is_harmless(given: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+/=@".contains(byte);
    !given.is_empty() && given.len() <= MAX_GIVEN && given.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(given: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(given).unwrap());
        RequestIds::new().of(&headers).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_harmless_name_is_kept_and_any_other_replaced() {
        for given in ["a", "0f-3_2.1:9+/=@", &"x".repeat(128)] {
            assert_eq!(of(given), given);
        }
        for given in ["", "a b", "a\"b", "a;b", "<a>", "{}", &"x".repeat(129)] {
            let made = of(given);
            assert_ne!(made, given);
            assert!(made.len() == 16 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");
        }
    }

    #[test]
    fn new_names_differ() {
        let ids = RequestIds::new();
        let names: std::collections::HashSet<_> = (0..10_000).map(|_| ids.next()).collect();
        assert_eq!(names.len(), 10_000);
    }
}
