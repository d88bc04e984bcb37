//! Signed cookie values: `value.signature`, percent-encoded as one.
//!
//! The signature is HMAC-SHA256 of the value under the server secret, in standard base64 with
//! padding: always 44 characters ending in `=`. Fixed by better-call's signed cookies.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::percent::push_uri_component;
use crate::crypto::hmac::Signer;

const SIGNATURE_LENGTH: usize = 44;

/// The cookie text for `value`: `encodeURIComponent(value + "." + signature)`.
#[must_use]
pub fn sign_cookie_value(signer: &Signer, value: &str) -> String {
    let mut text = String::with_capacity(value.len() + SIGNATURE_LENGTH + 16);
    push_uri_component(&mut text, value);
    text.push('.');
    push_uri_component(&mut text, &STANDARD.encode(signer.sign(value.as_bytes())));
    text
}

/// The value inside a percent-decoded signed cookie, if the signature is right. The last dot
/// separates the two, and the value must not be empty.
#[must_use]
pub fn verify_cookie_value<'a>(signer: &Signer, decoded: &'a str) -> Option<&'a str> {
    let (value, signature) = decoded.rsplit_once('.')?;
    if value.is_empty() || signature.len() != SIGNATURE_LENGTH || !signature.ends_with('=') {
        return None;
    }
    let mut tag = [0; 33];
    let length = STANDARD.decode_slice(signature, &mut tag).ok()?;
    signer.verify(value.as_bytes(), tag.get(..length)?).then_some(value)
}

/// [`verify_cookie_value`] that keeps the value in the memory it came in.
pub(super) fn verify_owned<'a>(signer: &Signer, decoded: Cow<'a, str>) -> Option<Cow<'a, str>> {
    match decoded {
        Cow::Borrowed(text) => verify_cookie_value(signer, text).map(Cow::Borrowed),
        Cow::Owned(mut text) => {
            let length = verify_cookie_value(signer, &text)?.len();
            text.truncate(length);
            Some(Cow::Owned(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::cookie::Cookies;
    use crate::wire::percent::percent_decode;

    fn signer() -> Signer {
        Signer::new(b"better-auth-secret-that-is-long-enough-for-validation-test")
    }

    #[test]
    fn signs_as_the_reference_does() {
        assert_eq!(sign_cookie_value(&signer(), "true"), "true.%2BGWyWZdVZ8PROUXIWVoibVIpYog8HtVyZuwoJ6tqQyA%3D");
        assert_eq!(
            sign_cookie_value(&signer(), "n79Zhqm4THVZgBj2Otpgx97JITsv83Vt"),
            "n79Zhqm4THVZgBj2Otpgx97JITsv83Vt.pfiTMx1HMbQqLudzsQrOI3M1VQfzHfUGCy2byGy5C1Y%3D"
        );
    }

    #[test]
    fn reads_the_signed_cookie_of_a_request() {
        let header = "x=1; t=abc.XCBPKA0oWH4Apn7A2i%2FwbvU91gX5fZrXdRBAswKGpMM%3D";
        let cookies = Cookies::parse(header);
        assert_eq!(cookies.get_signed("t", &signer()).unwrap(), "abc");
        assert_eq!(cookies.get_signed("x", &signer()), None);
    }

    #[test]
    fn refuses_other_shapes() {
        let tag = "XCBPKA0oWH4Apn7A2i/wbvU91gX5fZrXdRBAswKGpMM=";
        assert_eq!(verify_cookie_value(&signer(), &format!("abc.{tag}")), Some("abc"));
        for text in [
            String::new(),
            ".".to_owned(),
            "abc".to_owned(),
            format!(".{tag}"),
            format!("abc{tag}"),
            format!("abc.{}", &tag[..43]),
            format!("abc.{tag}="),
            format!("abd.{tag}"),
            format!("abc.{}", tag.replace('/', "_")),
            // The same 32 bytes with other unused bits in the last digit.
            format!("abc.{}", tag.replace("MM=", "MN=")),
        ] {
            assert_eq!(verify_cookie_value(&signer(), &text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn verify_undoes_sign(value in ".+") {
            let text = sign_cookie_value(&signer(), &value);
            let decoded = percent_decode(&text).unwrap();
            prop_assert_eq!(verify_cookie_value(&signer(), &decoded), Some(value.as_str()));
        }

        #[test]
        fn one_flipped_bit_is_refused(value in "[ -~]{1,40}", index: prop::sample::Index, bit in 0u8..7) {
            let text = sign_cookie_value(&signer(), &value);
            let mut bytes = percent_decode(&text).unwrap().into_owned().into_bytes();
            let index = index.index(bytes.len());
            bytes[index] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(verify_cookie_value(&signer(), &changed), None);
        }

        #[test]
        fn verify_takes_any_text(text in ".*[.].{44}") {
            prop_assert_eq!(verify_cookie_value(&signer(), &text), None);
        }
    }
}
