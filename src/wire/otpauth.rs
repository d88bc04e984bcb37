//! The address that an authenticator app reads from a picture: `otpauth://totp/…`.

use url::form_urlencoded;

use super::{base32, percent::encode_uri_component};

/// The address of a key whose codes have `digits` digits and change every `period_secs` seconds, in the order and encodings of the
/// reference's `generateQRCode`.
#[must_use]
pub fn totp_uri(issuer: &str, account: &str, key: &[u8], digits: u32, period_secs: u64) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("secret", &base32::encode(key))
        .append_pair("issuer", issuer)
        .append_pair("digits", &digits.to_string())
        .append_pair("period", &period_secs.to_string())
        .finish();
    format!("otpauth://totp/{}:{}?{query}", encode_uri_component(issuer), encode_uri_component(account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_the_reference_writes_it() {
        let address = totp_uri("Better Auth", "a@x.com", b"wMKK38EDKD662Gz9X5h4xBvHRPJIa4qu", 6, 30);
        let known = "otpauth://totp/Better%20Auth:a%40x.com?\
             secret=O5GUWSZTHBCUIS2EGY3DER32HFMDK2BUPBBHMSCSKBFESYJUOF2Q&issuer=Better+Auth&digits=6&period=30";
        assert_eq!(address, known);
    }

    #[test]
    fn names_cannot_add_parameters() {
        let address = totp_uri("A&period=1", "b?secret=x/c:d", b"key", 8, 60);
        assert!(address.starts_with("otpauth://totp/A%26period%3D1:b%3Fsecret%3Dx%2Fc%3Ad?secret=NNSXS&"), "{address}");
        assert!(address.ends_with("&issuer=A%26period%3D1&digits=8&period=60"), "{address}");
    }
}
