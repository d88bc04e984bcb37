//! The claims of a verified token, and the checks that both token forms share (RFC 7519).

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::date::Timestamp;

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// It is authentic and well-formed, but its `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// It is malformed, not authentic, or not valid yet.
    #[error("the token is not valid")]
    Invalid,
}

/// The claims of a token whose authenticity and times have been checked.
///
/// The JSON text is kept as it was signed, so that the order of members survives. `Debug` does not
/// print it.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims {
    json: String,
    expires_at: Option<Timestamp>,
}

impl Claims {
    /// The claims as the JSON text that was signed.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// [`Claims::json`], without a copy.
    #[must_use]
    pub fn into_json(self) -> String {
        self.json
    }

    /// The `exp` claim, if there is one.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Reads the claims into a type of the caller's.
    ///
    /// # Errors
    ///
    /// [`JwtError::Invalid`] when they do not have that shape.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, JwtError> {
        serde_json::from_str(&self.json).map_err(|_| JwtError::Invalid)
    }

    /// Checks the claims of an authentic token: a JSON object whose `iat`, `nbf` and `exp`, where
    /// present, are numbers, with `nbf` not in the future and `exp` not in the past. A moment may
    /// be missed by `tolerance_secs`.
    pub(super) fn check(payload: Vec<u8>, now: Timestamp, tolerance_secs: u32) -> Result<Self, JwtError> {
        let json = String::from_utf8(payload).map_err(|_| JwtError::Invalid)?;
        // A map, because of repeated members the last counts, as in JavaScript.
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(&json).map_err(|_| JwtError::Invalid)?;
        let number = |name: &str| -> Result<Option<f64>, JwtError> {
            members.get(name).map(|value| serde_json::from_str(value.get()).map_err(|_| JwtError::Invalid)).transpose()
        };
        let now_secs = now.as_secs() as f64;
        let tolerance = f64::from(tolerance_secs);
        number("iat")?;
        if number("nbf")?.is_some_and(|nbf| nbf > now_secs + tolerance) {
            return Err(JwtError::Invalid);
        }
        let exp = number("exp")?;
        if exp.is_some_and(|exp| exp <= now_secs - tolerance) {
            return Err(JwtError::Expired);
        }
        let expires_at = exp.map(|secs| Timestamp::from_millis((secs * 1000.0) as i64));
        Ok(Self { json, expires_at })
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Adds `iat` and, `lifetime_secs` later, `exp` to the end of a JSON object, in whole seconds. The
/// object must not have these members yet.
#[must_use]
pub fn with_times(claims_json: &str, now: Timestamp, lifetime_secs: i64) -> String {
    let issued = now.as_secs();
    let expires = issued.saturating_add(lifetime_secs);
    append_members(claims_json, &format!("\"iat\":{issued},\"exp\":{expires}"))
}

/// Adds members, given as JSON text without braces, to the end of a JSON object.
pub(super) fn append_members(object: &str, members: &str) -> String {
    let (body, separator) = open_object(object);
    [body, separator, members, "}"].concat()
}

/// A JSON object without its closing brace, and what must stand before a further member.
pub(super) fn open_object(object: &str) -> (&str, &'static str) {
    let body = object.trim_end();
    let body = body.strip_suffix('}').unwrap_or(body);
    let is_empty = body.trim_end().ends_with('{');
    (body, if is_empty { "" } else { "," })
}

/// Decodes the header of a compact token: base64url of a JSON object that names no extension the
/// reader would have to understand (RFC 7515 section 4.1.11).
pub(super) fn decode_header(encoded: &str) -> Result<Map<String, Value>, JwtError> {
    let bytes = decode_part(encoded)?;
    let header: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|_| JwtError::Invalid)?;
    if header.contains_key("crit") {
        return Err(JwtError::Invalid);
    }
    Ok(header)
}

/// Decodes base64url without padding, strictly.
pub(super) fn decode_part(encoded: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD.decode(encoded).map_err(|_| JwtError::Invalid)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_999);

    fn check(json: &str, tolerance_secs: u32) -> Result<Claims, JwtError> {
        Claims::check(json.as_bytes().to_vec(), NOW, tolerance_secs)
    }

    #[test]
    fn a_token_ends_in_the_second_of_its_exp() {
        assert!(check(r#"{"exp":1001}"#, 0).is_ok());
        assert!(check(r#"{"exp":1000.5}"#, 0).is_ok());
        assert_eq!(check(r#"{"exp":1000}"#, 0), Err(JwtError::Expired));
        assert!(check(r#"{"exp":986}"#, 15).is_ok());
        assert_eq!(check(r#"{"exp":985}"#, 15), Err(JwtError::Expired));
    }

    #[test]
    fn a_token_begins_in_the_second_of_its_nbf() {
        assert!(check(r#"{"nbf":1000}"#, 0).is_ok());
        assert_eq!(check(r#"{"nbf":1001}"#, 0), Err(JwtError::Invalid));
        assert!(check(r#"{"nbf":1015}"#, 15).is_ok());
        assert_eq!(check(r#"{"nbf":1016,"exp":1}"#, 15), Err(JwtError::Invalid));
    }

    #[test]
    fn times_must_be_numbers_where_present() {
        assert!(check("{}", 0).is_ok());
        for json in [
            r#"{"exp":"1001"}"#,
            r#"{"exp":null}"#,
            r#"{"iat":"1"}"#,
            r#"{"nbf":[]}"#,
            r#"{"exp":1e999}"#,
            "[1001]",
            "null",
            "",
        ] {
            assert_eq!(check(json, 0), Err(JwtError::Invalid), "{json}");
        }
    }

    #[test]
    fn the_last_of_repeated_members_counts() {
        let claims = check(r#"{"exp":1,"exp":2000}"#, 0).unwrap();
        assert_eq!(claims.expires_at(), Some(Timestamp::from_secs(2000)));
    }

    #[test]
    fn times_are_appended_in_order() {
        assert_eq!(with_times("{}", NOW, 60), r#"{"iat":1000,"exp":1060}"#);
        assert_eq!(with_times(r#"{"b":1,"a":{}}"#, NOW, -5), r#"{"b":1,"a":{},"iat":1000,"exp":995}"#);
    }

    #[test]
    fn claims_can_be_read_and_do_not_print() {
        #[derive(Deserialize)]
        struct Email<'a> {
            email: &'a str,
        }
        let claims = check(r#"{"email":"a@x.com"}"#, 0).unwrap();
        assert_eq!(claims.read::<Email<'_>>().unwrap().email, "a@x.com");
        assert_eq!(claims.read::<Vec<u8>>(), Err(JwtError::Invalid));
        assert!(!format!("{claims:?}").contains("a@x.com"));
    }

    proptest! {
        #[test]
        fn takes_any_payload(payload: Vec<u8>, tolerance: u32) {
            let _ = Claims::check(payload, NOW, tolerance);
        }

        #[test]
        fn takes_any_number(exp: f64) {
            let json = format!("{{\"exp\":{exp:e}}}");
            let _ = check(&json, 0);
        }
    }
}
