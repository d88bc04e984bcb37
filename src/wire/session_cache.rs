//! The `session_data` cookie: a copy of session and user that saves a look-up.
//!
//! The payload is the JSON text `{"session":…,"user":…,"updatedAt":…,"version":…}`. It travels in
//! one of three forms; all work on the text itself, because signatures cover the order of members
//! and the notation of numbers that `JSON.stringify` gave them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::claims::open_object;
use super::date::Timestamp;
use super::jwe::{JweKeys, SESSION_SALT};
use super::jwt::{Claims, sign_hs256, verify_hs256, with_times};
use crate::crypto::entropy::Entropy;
use crate::crypto::hmac::Signer;
use crate::crypto::secret::SecretKeys;

/// Lifetime of a compact cache whose cookie has no `Max-Age`, in seconds.
const COMPACT_FALLBACK_SECS: i64 = 60;
/// Lifetime of the token forms in that case, in seconds.
pub const TOKEN_FALLBACK_SECS: i64 = 300;

/// The form of the payload in the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CacheStrategy {
    /// base64url JSON with an HMAC-SHA256 signature. Readable by the client.
    #[default]
    Compact,
    /// A JWT signed with HS256. Readable by the client.
    Jwt,
    /// A JWE. Not readable by the client.
    Jwe,
}

/// A payload taken from a cookie that is authentic and has not expired.
#[derive(Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The payload as JSON text. The token forms have their `iat`, `exp` and `jti` after it.
    pub payload_json: String,
    /// When the cache ends. The session inside has an expiry of its own.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoded").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Writes and reads caches of one strategy, with its keys prepared.
#[derive(Debug)]
pub struct SessionCache(Codec);

#[derive(Debug)]
enum Codec {
    Compact(Signer),
    Jwt(Signer),
    Jwe(JweKeys),
}

impl SessionCache {
    /// Prepares the keys. Signed forms use the current secret only; [`CacheStrategy::Jwe`] reads
    /// values of all.
    #[must_use]
    pub fn new(strategy: CacheStrategy, keys: &SecretKeys) -> Self {
        let signer = || Signer::new(keys.signing().expose().as_bytes());
        Self(match strategy {
            CacheStrategy::Compact => Codec::Compact(signer()),
            CacheStrategy::Jwt => Codec::Jwt(signer()),
            CacheStrategy::Jwe => Codec::Jwe(JweKeys::new(keys, SESSION_SALT)),
        })
    }

    /// The cookie value for a payload, a JSON object as `JSON.stringify` writes it. `max_age` is
    /// the cookie's lifetime in seconds; without one (or with 0) a compact cache lasts 60 seconds
    /// and a token 300.
    #[must_use]
    pub fn encode(&self, entropy: &dyn Entropy, now: Timestamp, max_age: Option<i64>, payload_json: &str) -> String {
        let lifetime = |fallback| max_age.filter(|secs| *secs != 0).unwrap_or(fallback);
        match &self.0 {
            Codec::Compact(signer) => {
                let expires_at = now.plus_secs(lifetime(COMPACT_FALLBACK_SECS));
                encode_compact(signer, expires_at, payload_json)
            }
            Codec::Jwt(signer) => {
                let claims = with_times(payload_json, now, lifetime(TOKEN_FALLBACK_SECS));
                sign_hs256(signer, &claims)
            }
            Codec::Jwe(keys) => keys.encrypt_for(entropy, payload_json, now, lifetime(TOKEN_FALLBACK_SECS)),
        }
    }

    /// The payload of a cookie value, joined and percent-decoded. `None` when it is malformed, not
    /// authentic or expired. Whether it belongs to the session token, has the right version and
    /// holds a live session is for the caller to check.
    #[must_use]
    pub fn decode(&self, now: Timestamp, cookie: &str) -> Option<Decoded> {
        let decoded = match &self.0 {
            Codec::Compact(signer) => decode_compact(signer, cookie)?,
            Codec::Jwt(signer) => from_claims(verify_hs256(cookie, signer, now, 0).ok()?, now),
            Codec::Jwe(keys) => from_claims(keys.decrypt(cookie, now).ok()?, now),
        };
        (decoded.expires_at >= now).then_some(decoded)
    }
}

/// The outer object of the compact form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Compact<'a> {
    #[serde(borrow)]
    session: &'a RawValue,
    expires_at: i64,
    signature: &'a str,
}

fn encode_compact(signer: &Signer, expires_at: Timestamp, payload_json: &str) -> String {
    let signature =
        URL_SAFE_NO_PAD.encode(signer.sign_parts(&signed_parts(payload_json, &expires_at.as_millis().to_string())));
    let outer =
        format!(r#"{{"session":{payload_json},"expiresAt":{},"signature":"{signature}"}}"#, expires_at.as_millis());
    URL_SAFE_NO_PAD.encode(outer)
}

fn decode_compact(signer: &Signer, cookie: &str) -> Option<Decoded> {
    let outer = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let outer: Compact<'_> = serde_json::from_slice(&outer).ok()?;
    let payload = outer.session.get();
    let tag = URL_SAFE_NO_PAD.decode(outer.signature).ok()?;
    let expires_at = outer.expires_at.to_string();
    let authentic = payload.starts_with('{') && signer.verify_parts(&signed_parts(payload, &expires_at), &tag);
    authentic
        .then(|| Decoded { payload_json: payload.to_owned(), expires_at: Timestamp::from_millis(outer.expires_at) })
}

/// What the signature covers: the payload with the expiry as its last member.
fn signed_parts<'a>(payload_json: &'a str, expires_at: &'a str) -> [&'a [u8]; 5] {
    let (body, separator) = open_object(payload_json);
    [body, separator, "\"expiresAt\":", expires_at, "}"].map(str::as_bytes)
}

/// A token without an expiry counts as ending now, as in the reference.
fn from_claims(claims: Claims, now: Timestamp) -> Decoded {
    Decoded { expires_at: claims.expires_at().unwrap_or(now), payload_json: claims.into_json() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::entropy::SeededEntropy;
    use crate::crypto::secret::Secret;

    const STRATEGIES: [CacheStrategy; 3] = [CacheStrategy::Compact, CacheStrategy::Jwt, CacheStrategy::Jwe];
    const NOW: Timestamp = Timestamp::from_millis(1_795_434_584_123);
    const PAYLOAD: &str = r#"{"session":{"id":"s1","token":"t1","expiresAt":"2026-11-30T11:49:44.123Z"},"user":{"id":"u1","name":"Zoë 😀 \"q\"","score":1.5,"big":1e+21},"updatedAt":1795434584123,"version":"1"}"#;

    fn cache(strategy: CacheStrategy, secret: &str) -> SessionCache {
        SessionCache::new(strategy, &SecretKeys::single(Secret::from(secret)))
    }

    fn reference(strategy: CacheStrategy) -> SessionCache {
        cache(strategy, "better-auth-secret-that-is-long-enough-for-validation-test")
    }

    fn encode(cache: &SessionCache, max_age: Option<i64>, payload: &str) -> String {
        cache.encode(&SeededEntropy::new(1), NOW, max_age, payload)
    }
    /// Replaces the decoded text of a compact cookie.
    fn edited(cookie: &str, from: &str, to: &str) -> String {
        let outer = String::from_utf8(URL_SAFE_NO_PAD.decode(cookie).unwrap()).unwrap();
        assert!(outer.contains(from));
        URL_SAFE_NO_PAD.encode(outer.replace(from, to))
    }

    const COMPACT: &str = "eyJzZXNzaW9uIjp7InNlc3Npb24iOnsiaWQiOiJzMSIsInRva2VuIjoidDEiLCJleHBpcmVzQXQiOiIyMDI2LTExLTMwVDExOjQ5OjQ0LjEyM1oifSwidXNlciI6eyJpZCI6InUxIiwibmFtZSI6Ilpvw6sg8J-YgCBcInFcIiIsInNjb3JlIjoxLjUsImJpZyI6MWUrMjF9LCJ1cGRhdGVkQXQiOjE3OTU0MzQ1ODQxMjMsInZlcnNpb24iOiIxIn0sImV4cGlyZXNBdCI6MTc5NTQzNDg4NDEyMywic2lnbmF0dXJlIjoiaDA0cHA2Wk1PYUJzWERWUUFjaGYwb2Zoa051UVZERXVpWVVSLXJnWlhqWSJ9";
    const COMPACT_WITHOUT_MAX_AGE: &str = "eyJzZXNzaW9uIjp7InNlc3Npb24iOnsiaWQiOiJzMSIsInRva2VuIjoidDEiLCJleHBpcmVzQXQiOiIyMDI2LTExLTMwVDExOjQ5OjQ0LjEyM1oifSwidXNlciI6eyJpZCI6InUxIiwibmFtZSI6Ilpvw6sg8J-YgCBcInFcIiIsInNjb3JlIjoxLjUsImJpZyI6MWUrMjF9LCJ1cGRhdGVkQXQiOjE3OTU0MzQ1ODQxMjMsInZlcnNpb24iOiIxIn0sImV4cGlyZXNBdCI6MTc5NTQzNDY0NDEyMywic2lnbmF0dXJlIjoiWmU2SnFkelF6UXQ2VFhXR0xseEZUSU9ybVU4OGtKUGJReGF5WW5QMFJNUSJ9";
    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uIjp7ImlkIjoiczEiLCJ0b2tlbiI6InQxIiwiZXhwaXJlc0F0IjoiMjAyNi0xMS0zMFQxMTo0OTo0NC4xMjNaIn0sInVzZXIiOnsiaWQiOiJ1MSIsIm5hbWUiOiJab8OrIPCfmIAgXCJxXCIiLCJzY29yZSI6MS41LCJiaWciOjFlKzIxfSwidXBkYXRlZEF0IjoxNzk1NDM0NTg0MTIzLCJ2ZXJzaW9uIjoiMSIsImlhdCI6MTc5NTQzNDU4NCwiZXhwIjoxNzk1NDM0ODg0fQ.a_pd8QN_D6sCb_XgbTLwyLriySMZ6F3YxUHtAQsdETA";
    const JWE: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwia2lkIjoiOUZ4QUt0M2hTSXd1QXd2cHVVWDBUaDFZa2Y4bENaSDdFNFBaa2d4ckpXMCJ9..BZMaHz0PsS7LOxu8mwj05A.evRlo3dMlCSXAOhx6EUhprvtk49V2_GkT3gYYM-qDI9BTbe4gYsF7A4siakwsc0IX8TO7-Nx2E48bjtkSNQfwMB2q7wSm0UgWI62Lvh9zs-yLKXMJm0RUFQ0KFdaJDldnUzGA83HO1M0bNXpAI5wTMTuryArFd_3I8_WAyMCuD7k17nFeWkT6IrVtpgZBmo50NfTT0csd0t8YHbWS2mCcZR8z-5RU8_UCIcOrIAJJWmkS2QOPCSIpuBpWrjNHdiuqHfeUUb16qfpNsGX5cib_YmTO1z4prgxCZnYFKW_5ugANehdCr-dh4rjWNa8oYgBveO3u06NHEH9xoeyc2RA8UodtvJ_NQBEZwAx-zph1ag.pIdT9tdCtNTAH0Md4d0jLDov-wjpRdazjLb6D8cBgGw";

    #[test]
    fn writes_the_signed_forms_as_the_reference_does() {
        let compact = reference(CacheStrategy::Compact);
        assert_eq!(encode(&compact, Some(300), PAYLOAD), COMPACT);
        assert_eq!(encode(&compact, None, PAYLOAD), COMPACT_WITHOUT_MAX_AGE);
        let jwt = reference(CacheStrategy::Jwt);
        assert_eq!(encode(&jwt, Some(300), PAYLOAD), JWT);
        assert_eq!(encode(&jwt, None, PAYLOAD), JWT);
    }

    #[test]
    fn reads_what_the_reference_wrote() {
        let decoded = reference(CacheStrategy::Compact).decode(NOW, COMPACT).unwrap();
        assert_eq!(decoded.payload_json, PAYLOAD);
        assert_eq!(decoded.expires_at, NOW.plus_secs(300));
        for (strategy, cookie) in [(CacheStrategy::Jwt, JWT), (CacheStrategy::Jwe, JWE)] {
            let decoded = reference(strategy).decode(NOW, cookie).unwrap();
            let payload = PAYLOAD.strip_suffix('}').unwrap();
            assert!(decoded.payload_json.starts_with(payload));
            assert_eq!(decoded.expires_at, Timestamp::from_secs(NOW.as_secs() + 300));
        }
    }

    #[test]
    fn every_form_expires() {
        for strategy in STRATEGIES {
            let cache = reference(strategy);
            let cookie = encode(&cache, Some(300), PAYLOAD);
            assert!(cache.decode(NOW.plus_secs(299), &cookie).is_some());
            assert_eq!(cache.decode(NOW.plus_secs(301), &cookie), None);
        }
    }

    #[test]
    fn a_form_is_read_by_its_own_strategy_and_secret_only() {
        for strategy in STRATEGIES {
            let cookie = encode(&reference(strategy), Some(300), PAYLOAD);
            assert_eq!(cache(strategy, "other").decode(NOW, &cookie), None);
            for other in STRATEGIES.into_iter().filter(|other| *other != strategy) {
                assert_eq!(reference(other).decode(NOW, &cookie), None);
            }
        }
    }

    #[test]
    fn a_compact_cache_cannot_be_edited() {
        let cache = reference(CacheStrategy::Compact);
        for (from, to) in [
            ("\"u1\"", "\"u2\""),
            ("1795434884123", "1795434884124"),
            ("1795434884123", "1795434884123.0"),
            ("\"score\":1.5", "\"score\":1.50"),
            ("\"signature\":\"", "\"signature\":\"\",\"x\":\""),
            ("\"version\":\"1\"}", "\"version\":\"1\",\"expiresAt\":9}"),
        ] {
            assert_eq!(cache.decode(NOW, &edited(COMPACT, from, to)), None, "{to}");
        }
    }

    #[test]
    fn members_outside_the_payload_do_not_matter() {
        let cookie = edited(COMPACT, "\"signature\"", "\"more\":1,\"signature\"");
        assert!(reference(CacheStrategy::Compact).decode(NOW, &cookie).is_some());
    }

    #[test]
    fn debug_shows_no_payload() {
        let decoded = reference(CacheStrategy::Compact).decode(NOW, COMPACT).unwrap();
        assert!(!format!("{decoded:?}").contains("u1"));
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(
            text: String,
            number: i64,
            max_age in prop::option::of(0i64..34_560_000),
            millis in 0i64..4_000_000_000_000,
        ) {
            let now = Timestamp::from_millis(millis);
            let payload = serde_json::json!({ "session": { "t": text }, "n": number }).to_string();
            for strategy in STRATEGIES {
                let cache = reference(strategy);
                let cookie = cache.encode(&SeededEntropy::new(1), now, max_age, &payload);
                let decoded = cache.decode(now, &cookie).unwrap();
                prop_assert!(decoded.payload_json.starts_with(&payload[..payload.len() - 1]));
                prop_assert!(decoded.expires_at > now);
            }
        }

        #[test]
        fn decode_takes_any_text(cookie in ".*|[A-Za-z0-9_.-]*") {
            for strategy in STRATEGIES {
                prop_assert_eq!(reference(strategy).decode(NOW, &cookie), None);
            }
        }

        #[test]
        fn decode_takes_any_json(session in ".*", expires_at: i64, signature in ".*") {
            let outer = serde_json::json!({
                "session": session, "expiresAt": expires_at, "signature": signature,
            });
            let cookie = URL_SAFE_NO_PAD.encode(outer.to_string());
            prop_assert_eq!(reference(CacheStrategy::Compact).decode(NOW, &cookie), None);
        }
    }
}
