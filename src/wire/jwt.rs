//! Compact JWTs signed with HS256 (RFC 7515, RFC 7519), as the reference makes and reads them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::claims::{decode_header, decode_part};
use super::date::Timestamp;
use crate::crypto::hmac::Signer;

pub use super::claims::{Claims, JwtError, with_times};

/// base64url of `{"alg":"HS256"}`, the only header the reference writes.
const HEADER: &str = "eyJhbGciOiJIUzI1NiJ9";

/// Signs claims given as a JSON object. The text is signed as it is, in the caller's order.
#[must_use]
pub fn sign_hs256(signer: &Signer, claims_json: &str) -> String {
    let mut token = String::with_capacity(HEADER.len() + claims_json.len() * 4 / 3 + 48);
    token.push_str(HEADER);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims_json, &mut token);
    let tag = signer.sign(token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(tag, &mut token);
    token
}

/// Reads a token that was signed with HS256. Header members other than `alg` and `crit` are not
/// looked at. `exp`, `nbf` and `iat` may be absent; where present they are checked with a
/// tolerance in seconds (the reference's own tokens use 0).
///
/// # Errors
///
/// [`JwtError::Expired`] for an authentic token past its `exp`, [`JwtError::Invalid`] for anything
/// else that is not acceptable.
pub fn verify_hs256(token: &str, signer: &Signer, now: Timestamp, tolerance_secs: u32) -> Result<Claims, JwtError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Invalid)?;
    let (header, payload) = signed.split_once('.').ok_or(JwtError::Invalid)?;
    let header = decode_header(header)?;
    if header.get("alg").and_then(|alg| alg.as_str()) != Some("HS256") {
        return Err(JwtError::Invalid);
    }
    if !signer.verify(signed.as_bytes(), &decode_part(signature)?) {
        return Err(JwtError::Invalid);
    }
    Claims::check(decode_part(payload)?, now, tolerance_secs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_434_584);
    const CLAIMS: &str = r#"{"email":"a@x.com","iat":1795434584,"exp":1795438184}"#;

    fn signer() -> Signer {
        Signer::new(b"better-auth-secret-that-is-long-enough-for-validation-test")
    }

    /// A token with any header and payload, rightly signed.
    fn forge(header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let tag = signer().sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    fn verify(token: &str) -> Result<Claims, JwtError> {
        verify_hs256(token, &signer(), NOW, 0)
    }

    #[test]
    fn signs_as_the_reference_does() {
        let claims = with_times(r#"{"email":"a@x.com"}"#, NOW, 3600);
        assert_eq!(claims, CLAIMS);
        assert_eq!(
            sign_hs256(&signer(), &claims),
            "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImFAeC5jb20iLCJpYXQiOjE3OTU0MzQ1ODQsImV4cCI6MTc5NTQzODE4NH0.IpQTBJLhtQ7cktvl2UPb6w-TXOjVKw0EnnZ6xcSSito"
        );
    }

    #[test]
    fn the_header_says_hs256_and_nothing_else() {
        assert_eq!(URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), HEADER);
    }

    #[test]
    fn an_expired_token_is_told_apart_only_when_authentic() {
        let token = forge(r#"{"alg":"HS256"}"#, r#"{"exp":1}"#);
        assert_eq!(verify(&token), Err(JwtError::Expired));
        let other = Signer::new(b"other");
        assert_eq!(verify_hs256(&token, &other, NOW, 0), Err(JwtError::Invalid));
    }

    #[test]
    fn refuses_other_algorithms_and_critical_extensions() {
        assert!(verify(&forge(r#"{"typ":"JWT","alg":"HS256"}"#, CLAIMS)).is_ok());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS384"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":"HS256","crit":["b64"],"b64":true}"#,
            r#"{"alg":"HS256","crit":null}"#,
            r#"["HS256"]"#,
            "{}",
            "",
        ] {
            assert_eq!(verify(&forge(header, CLAIMS)), Err(JwtError::Invalid), "{header}");
        }
    }

    #[test]
    fn refuses_other_shapes() {
        let token = sign_hs256(&signer(), CLAIMS);
        let unsigned = &token[..=token.rfind('.').unwrap()];
        for text in [
            "",
            "..",
            unsigned,
            &format!("{token}="),
            &format!("{token}.x"),
            &format!(" {token}"),
            &token.replace('.', "..") as &str,
        ] {
            assert_eq!(verify(text), Err(JwtError::Invalid), "{text}");
        }
    }

    proptest! {
        #[test]
        fn verify_returns_the_text_that_was_signed(key: String, value: String) {
            let claims = serde_json::json!({ format!("k{key}"): value }).to_string();
            let verified = verify(&sign_hs256(&signer(), &claims)).unwrap();
            prop_assert_eq!(verified.json(), claims);
        }

        #[test]
        fn one_changed_character_is_refused(index: prop::sample::Index, other in "[A-Za-z0-9_.-]") {
            let token = sign_hs256(&signer(), CLAIMS);
            let index = index.index(token.len());
            let mut changed = token.clone();
            changed.replace_range(index..=index, &other);
            prop_assume!(changed != token);
            prop_assert_eq!(verify(&changed), Err(JwtError::Invalid));
        }

        #[test]
        fn verify_takes_any_text(token in "([A-Za-z0-9_-]{0,30}[.]){0,4}.*") {
            prop_assert!(verify(&token).is_err());
        }
    }
}
