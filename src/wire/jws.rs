//! Compact JWTs signed with a private key (RFC 7515, RFC 7519).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{
    claims::{decode_header, decode_part},
    date::Timestamp,
    jwk::{Algorithm, Jwk, JwkSet},
    kept_signatures::KeptSignatures,
    private_jwk::PrivateJwk,
    signing::SignJob,
};

pub use super::claims::{Claims, JwtError};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// None of the keys is the one that it names: they may have been replaced meanwhile.
    #[error("no key fits the token")]
    NoKey,
    /// It is malformed, not authentic, or not valid now.
    #[error(transparent)]
    Token(#[from] JwtError),
}

/// A token that is being made: what is to be signed, and who signs it.
///
/// `header` and `claims` are JSON objects as text; they are signed as they are.
#[must_use]
pub fn sign_job(key: PrivateJwk, header: &str, claims: &str) -> SignJob {
    let mut message = URL_SAFE_NO_PAD.encode(header);
    message.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut message);
    SignJob { key, message: message.into_bytes() }
}

/// The token that a signature of a [`sign_job`]'s message completes.
#[must_use]
pub fn complete(message: &[u8], signature: &[u8]) -> String {
    let mut token = String::from_utf8_lossy(message).into_owned();
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

/// The header of a token. Nothing is checked.
///
/// # Errors
/// [`JwtError::Invalid`] for what has no header of a token.
pub fn read_header(token: &str) -> Result<Map<String, Value>, JwtError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(JwtError::Invalid);
    }
    decode_header(token.split('.').next().unwrap_or_default())
}

/// Verifies a token with one of `keys`. The algorithm must be one of `allowed` and fit the key; a token that names a key is
/// tried with that one only. Its times may be missed by `tolerance_secs`.
///
/// # Errors
/// [`JwsError`].
pub fn verify(
    token: &str,
    allowed: &[Algorithm],
    keys: &JwkSet,
    now: Timestamp,
    tolerance_secs: u32,
) -> Result<Claims, JwsError> {
    verify_with(token, allowed, keys, now, tolerance_secs, Jwk::verifies)
}

/// As [`verify`], but a signature that was found right before is not computed again. The answer is the same.
///
/// # Errors
/// [`JwsError`].
pub fn verify_again(
    kept: &KeptSignatures,
    token: &str,
    allowed: &[Algorithm],
    keys: &JwkSet,
    now: Timestamp,
    tolerance_secs: u32,
) -> Result<Claims, JwsError> {
    verify_with(token, allowed, keys, now, tolerance_secs, |key, algorithm, message, signature| {
        kept.verifies(key, algorithm, message, signature)
    })
}

fn verify_with(
    token: &str,
    allowed: &[Algorithm],
    keys: &JwkSet,
    now: Timestamp,
    tolerance_secs: u32,
    verifies: impl Fn(&Jwk, Algorithm, &[u8], &[u8]) -> bool,
) -> Result<Claims, JwsError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(JwtError::Invalid.into());
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Invalid)?;
    let (header, payload) = signed.split_once('.').ok_or(JwtError::Invalid)?;
    let header = decode_header(header)?;
    let algorithm = header.get("alg").and_then(|alg| Algorithm::named(alg.as_str()?));
    let algorithm = algorithm.filter(|algorithm| allowed.contains(algorithm)).ok_or(JwtError::Invalid)?;
    let kid = match header.get("kid") {
        Some(kid) => Some(kid.as_str().ok_or(JwtError::Invalid)?),
        None => None,
    };
    let signature = decode_part(signature)?;
    let mut fitting = keys.0.iter().filter(|key| kid.is_none_or(|kid| key.kid.as_deref() == Some(kid))).peekable();
    if fitting.peek().is_none() {
        return Err(JwsError::NoKey);
    }
    if !fitting.any(|key| verifies(key, algorithm, signed.as_bytes(), &signature)) {
        // Without a name, the right key may be one that is not known yet.
        return Err(if kid.is_none() { JwsError::NoKey } else { JwtError::Invalid.into() });
    }
    Ok(Claims::check(decode_part(payload)?, now, tolerance_secs)?)
}

/// The claims of a token that came straight from its maker over TLS, which stands for its signature (OpenID Connect Core
/// section 3.1.3.7, item 6). Nothing is checked.
///
/// # Errors
/// [`JwtError::Invalid`] for what is no token of JSON claims.
pub fn read_unverified(token: &str) -> Result<Map<String, Value>, JwtError> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(JwtError::Invalid);
    };
    serde_json::from_slice(&decode_part(payload)?).map_err(|_| JwtError::Invalid)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_434_584);
    const CLAIMS: &str = r#"{"sub":"ada","exp":1795438184}"#;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn keys(named: &[(&str, u8)]) -> JwkSet {
        let jwk = |(kid, seed): &(&str, u8)| {
            let x = URL_SAFE_NO_PAD.encode(pair(*seed).public_key());
            json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x })
        };
        JwkSet::read(&json!({ "keys": named.iter().map(jwk).collect::<Vec<_>>() })).unwrap()
    }

    fn sign(header: &str, claims: &str, seed: u8) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair(seed).sign(signed.as_bytes())))
    }

    fn outcome(token: &str, keys: &JwkSet) -> Result<String, JwsError> {
        verify(token, &[Algorithm::EdDsa], keys, NOW, 30).map(Claims::into_json)
    }

    #[test]
    fn the_key_that_a_token_names_decides() {
        let both = keys(&[("a", 1), ("b", 2)]);
        let by_a = sign(r#"{"alg":"EdDSA","kid":"a"}"#, CLAIMS, 1);
        assert_eq!(outcome(&by_a, &both).as_deref(), Ok(CLAIMS));
        assert_eq!(outcome(&sign(r#"{"alg":"EdDSA","kid":"b"}"#, CLAIMS, 1), &both), Err(JwtError::Invalid.into()));
        assert_eq!(outcome(&sign(r#"{"alg":"EdDSA","kid":"c"}"#, CLAIMS, 1), &both), Err(JwsError::NoKey));
        assert_eq!(outcome(&sign(r#"{"alg":"EdDSA"}"#, CLAIMS, 2), &both).as_deref(), Ok(CLAIMS));
        assert_eq!(outcome(&sign(r#"{"alg":"EdDSA"}"#, CLAIMS, 3), &both), Err(JwsError::NoKey));
    }

    #[test]
    fn only_allowed_algorithms_are_looked_at() {
        let keys = keys(&[("a", 1)]);
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"EdDSA","crit":["exp"]}"#,
            r#"{"kid":"a"}"#,
            r#"{"alg":"EdDSA","kid":7}"#,
        ] {
            assert_eq!(outcome(&sign(header, CLAIMS, 1), &keys), Err(JwtError::Invalid.into()), "{header}");
        }
        let token = sign(r#"{"alg":"EdDSA"}"#, CLAIMS, 1);
        assert_eq!(verify(&token, &[Algorithm::Rs256], &keys, NOW, 30), Err(JwtError::Invalid.into()));
        let unsigned = &token[..=token.rfind('.').unwrap()];
        assert!(outcome(unsigned, &keys).is_err());
    }

    #[test]
    fn times_are_checked_after_the_signature() {
        let keys = keys(&[("a", 1)]);
        let at = |exp: i64| sign(r#"{"alg":"EdDSA"}"#, &json!({ "exp": exp }).to_string(), 1);
        assert!(outcome(&at(NOW.as_secs() - 29), &keys).is_ok());
        assert_eq!(outcome(&at(NOW.as_secs() - 30), &keys), Err(JwtError::Expired.into()));
    }

    #[test]
    fn a_huge_token_is_not_looked_at() {
        let claims = json!({ "x": "x".repeat(MAX_TOKEN_BYTES) }).to_string();
        let token = sign(r#"{"alg":"EdDSA"}"#, &claims, 1);
        assert_eq!(outcome(&token, &keys(&[("a", 1)])), Err(JwtError::Invalid.into()));
        assert_eq!(read_header(&token), Err(JwtError::Invalid));
    }

    #[test]
    fn a_token_as_long_as_allowed_is_looked_at() {
        let header = |pad: usize| format!(r#"{{"alg":"EdDSA","pad":"{}"}}"#, "x".repeat(pad));
        // Three bytes make four characters, so one of four lengths of the header fits exactly.
        let claims = |pad: usize| json!({ "exp": NOW.as_secs() + 1, "x": "x".repeat(pad) }).to_string();
        let longest = (0..4).flat_map(|pad| (12_000..12_300).map(move |more| (pad, more))).find_map(|(pad, more)| {
            let length = |text: &str| (text.len() * 4).div_ceil(3);
            let whole = length(&header(pad)) + length(&claims(more)) + 86 + 2;
            (whole == MAX_TOKEN_BYTES).then(|| sign(&header(pad), &claims(more), 1))
        });
        let longest = longest.unwrap();
        assert_eq!(longest.len(), MAX_TOKEN_BYTES);
        assert!(outcome(&longest, &keys(&[("a", 1)])).is_ok());
        assert!(read_header(&longest).is_ok());
    }

    proptest! {
        #[test]
        fn one_changed_character_is_refused(index: prop::sample::Index, other in "[A-Za-z0-9_.-]") {
            let token = sign(r#"{"alg":"EdDSA","kid":"a"}"#, CLAIMS, 1);
            let index = index.index(token.len());
            let mut changed = token.clone();
            changed.replace_range(index..=index, &other);
            prop_assume!(changed != token);
            prop_assert!(outcome(&changed, &keys(&[("a", 1)])).is_err());
        }

        #[test]
        fn any_text_is_read_or_refused(token in "([A-Za-z0-9_-]{0,30}[.]){0,4}.*") {
            prop_assert!(outcome(&token, &keys(&[("a", 1)])).is_err());
            let _ = read_unverified(&token);
        }
    }
}
