//! Compact JWEs (RFC 7516) with a shared key: `alg` `dir`, `enc` `A256CBC-HS512`.
//!
//! The reference encrypts its session and account cookies so. The key is derived from a server
//! secret by HKDF with the purpose as salt, and named in the header by its RFC 7638 thumbprint.
//! The reference also lists `A256GCM` as acceptable, but its 64-byte key does not fit that, so no
//! such token can exist.

use std::fmt;

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use ring::hmac;
use zeroize::Zeroizing;

use super::claims::{Claims, JwtError, append_members, decode_header, decode_part, with_times};
use super::date::Timestamp;
use super::id::uuid_v4;
use crate::crypto::digest::{constant_time_eq, sha256_base64url};
use crate::crypto::entropy::Entropy;
use crate::crypto::hkdf::derive_64;
use crate::crypto::secret::{Secret, SecretKeys};

/// Seconds by which a token's times may be missed when it is read.
pub const TOLERANCE_SECS: u32 = 15;
/// Salt of the keys for session cookies.
pub const SESSION_SALT: &str = "better-auth-session";
/// Salt of the keys for account cookies.
pub const ACCOUNT_SALT: &str = "better-auth-account";

const INFO: &[u8] = b"BetterAuth.js Generated Encryption Key";
const TAG_LENGTH: usize = 32;
const IV_LENGTH: usize = 16;

/// The keys for one purpose, derived from every secret of a server. Derive once and keep.
pub struct JweKeys {
    current: JweKey,
    others: Vec<JweKey>,
}

impl JweKeys {
    /// Derives the keys for the purpose that `salt` names.
    #[must_use]
    pub fn new(keys: &SecretKeys, salt: &str) -> Self {
        let current = keys.signing();
        Self {
            current: JweKey::derive(current, salt),
            others: keys.all().filter(|secret| *secret != current).map(|secret| JweKey::derive(secret, salt)).collect(),
        }
    }

    /// Encrypts claims given as a JSON object, under the current secret. The text is encrypted as
    /// it is; [`super::jwt::with_times`] adds the times it should have.
    #[must_use]
    pub fn encrypt(&self, entropy: &dyn Entropy, claims_json: &str) -> String {
        self.current.encrypt(entropy, claims_json)
    }

    /// Encrypts claims together with `iat`, `exp` after `lifetime_secs`, and a random `jti`.
    #[must_use]
    pub fn encrypt_for(&self, entropy: &dyn Entropy, claims_json: &str, now: Timestamp, lifetime_secs: i64) -> String {
        let claims = with_times(claims_json, now, lifetime_secs);
        let id = format!("\"jti\":\"{}\"", uuid_v4(entropy));
        self.encrypt(entropy, &append_members(&claims, &id))
    }

    /// Decrypts a token made with any of the secrets. One that names a key (`kid`) is tried with
    /// that key only.
    ///
    /// # Errors
    ///
    /// [`JwtError::Expired`] for an authentic token that is more than [`TOLERANCE_SECS`] past its
    /// `exp`, [`JwtError::Invalid`] for anything else that is not acceptable.
    pub fn decrypt(&self, token: &str, now: Timestamp) -> Result<Claims, JwtError> {
        let parts = Parts::split(token)?;
        let payload = match &parts.kid {
            Some(kid) => self.keys().find(|key| key.kid == *kid).and_then(|key| key.decrypt(&parts)),
            None => self.keys().find_map(|key| key.decrypt(&parts)),
        };
        Claims::check(payload.ok_or(JwtError::Invalid)?, now, TOLERANCE_SECS)
    }

    fn keys(&self) -> impl Iterator<Item = &JweKey> {
        std::iter::once(&self.current).chain(&self.others)
    }
}

impl fmt::Debug for JweKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JweKeys").field("kid", &self.current.kid).finish_non_exhaustive()
    }
}

/// A token taken apart, its header checked.
struct Parts<'a> {
    header: &'a str,
    kid: Option<String>,
    iv: [u8; IV_LENGTH],
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, JwtError> {
        let mut parts = token.split('.');
        let mut next = || parts.next().ok_or(JwtError::Invalid);
        let (encoded_header, wrapped_key) = (next()?, next()?);
        let (iv, ciphertext, tag) = (next()?, next()?, next()?);
        if parts.next().is_some() || !wrapped_key.is_empty() {
            return Err(JwtError::Invalid);
        }
        let header = decode_header(encoded_header)?;
        let member = |name| header.get(name).and_then(|value| value.as_str());
        let readable =
            member("alg") == Some("dir") && member("enc") == Some("A256CBC-HS512") && !header.contains_key("zip");
        if !readable {
            return Err(JwtError::Invalid);
        }
        let kid = match header.get("kid") {
            Some(kid) => Some(kid.as_str().ok_or(JwtError::Invalid)?.to_owned()),
            None => None,
        };
        Ok(Self {
            header: encoded_header,
            kid,
            iv: decode_part(iv)?.try_into().map_err(|_| JwtError::Invalid)?,
            ciphertext: decode_part(ciphertext)?,
            tag: decode_part(tag)?,
        })
    }
}

/// One derived key, ready for use (RFC 7518 section 5.2).
struct JweKey {
    mac: hmac::Key,
    cipher: Zeroizing<[u8; 32]>,
    kid: String,
    /// The encoded protected header, the same for every token of this key.
    header: String,
}

impl JweKey {
    fn derive(secret: &Secret, salt: &str) -> Self {
        let key = derive_64(secret.expose().as_bytes(), salt.as_bytes(), INFO);
        let (mac, cipher) = key.split_at(32);
        let kid = thumbprint(key.as_slice());
        let header = format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"{kid}"}}"#);
        let mut cipher_key = Zeroizing::new([0; 32]);
        cipher_key.copy_from_slice(cipher);
        Self {
            mac: hmac::Key::new(hmac::HMAC_SHA512, mac),
            cipher: cipher_key,
            kid,
            header: URL_SAFE_NO_PAD.encode(header),
        }
    }

    fn encrypt(&self, entropy: &dyn Entropy, plaintext: &str) -> String {
        let mut iv = [0; IV_LENGTH];
        entropy.fill(&mut iv);
        let ciphertext = cbc::Encryptor::<Aes256>::new((&*self.cipher).into(), (&iv).into())
            .encrypt_padded_vec::<Pkcs7>(plaintext.as_bytes());
        let tag = self.tag(&self.header, &iv, &ciphertext);
        let mut token = String::with_capacity(self.header.len() + ciphertext.len() * 4 / 3 + 72);
        token.push_str(&self.header);
        token.push('.');
        for part in [iv.as_slice(), &ciphertext, &tag] {
            token.push('.');
            URL_SAFE_NO_PAD.encode_string(part, &mut token);
        }
        token
    }

    fn decrypt(&self, parts: &Parts<'_>) -> Option<Vec<u8>> {
        let tag = self.tag(parts.header, &parts.iv, &parts.ciphertext);
        if !constant_time_eq(&tag, &parts.tag) {
            return None;
        }
        cbc::Decryptor::<Aes256>::new((&*self.cipher).into(), (&parts.iv).into())
            .decrypt_padded_vec::<Pkcs7>(&parts.ciphertext)
            .ok()
    }

    fn tag(&self, header: &str, iv: &[u8], ciphertext: &[u8]) -> [u8; TAG_LENGTH] {
        let header_bits = header.len() as u64 * 8;
        let mut context = hmac::Context::with_key(&self.mac);
        for part in [header.as_bytes(), iv, ciphertext, &header_bits.to_be_bytes()] {
            context.update(part);
        }
        let mut tag = [0; TAG_LENGTH];
        tag.copy_from_slice(&context.sign().as_ref()[..TAG_LENGTH]);
        tag
    }
}

/// RFC 7638: the digest of the key as a JWK with its required members in order.
fn thumbprint(key: &[u8]) -> String {
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(key));
    let jwk = Zeroizing::new(format!(r#"{{"k":"{}","kty":"oct"}}"#, &*encoded));
    sha256_base64url(jwk.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::entropy::SeededEntropy;

    const NOW: Timestamp = Timestamp::from_secs(1_795_434_584);
    const SECRET: &str = "better-auth-secret-that-is-long-enough-for-validation-test";
    const CLAIMS: &str =
        r#"{"hello":"world","iat":1795434584,"exp":4795434584,"jti":"6d36e82e-9eaa-4343-a553-35565755c0b8"}"#;
    const TOKEN: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwia2lkIjoiOUZ4QUt0M2hTSXd1QXd2cHVVWDBUaDFZa2Y4bENaSDdFNFBaa2d4ckpXMCJ9..XJcDmOoB92ZTTepZH2POhw.J8suaqTQwGYPEWmfWl9vPIighiLyf-vIPOMmEgzleWSoMO8QMEgpI4vbeKrJbEX50EBTvnWWrjLXQXPq700b-UbALRZMKDlKR_clbb32H3Xwr_YruRAwYtjwlnT0cKfCnQWTG0wHOqfN2Y_0wnhvvw.FurIcIgqqPvpSXyb6NHlx--V71qjfqIGvzwmu_1rDJo";

    /// Gives the initialization vector of [`TOKEN`].
    struct VectorIv;

    impl Entropy for VectorIv {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&URL_SAFE_NO_PAD.decode("XJcDmOoB92ZTTepZH2POhw").unwrap());
        }
    }

    fn single(secret: &str) -> JweKeys {
        JweKeys::new(&SecretKeys::single(Secret::from(secret)), SESSION_SALT)
    }

    fn rotated(versions: &[(u32, &str)], legacy: Option<&str>) -> JweKeys {
        let versions = versions.iter().map(|(version, value)| (*version, Secret::from(*value))).collect();
        let keys = SecretKeys::rotated(versions, legacy.map(Secret::from)).unwrap();
        JweKeys::new(&keys, SESSION_SALT)
    }

    /// [`TOKEN`]'s claims under [`SECRET`] with another header.
    fn with_header(header: &str) -> String {
        let mut key = JweKey::derive(&Secret::from(SECRET), SESSION_SALT);
        key.header = URL_SAFE_NO_PAD.encode(header);
        key.encrypt(&VectorIv, CLAIMS)
    }

    #[test]
    fn encrypts_as_the_reference_does() {
        let keys = single(SECRET);
        assert_eq!(keys.current.kid, "9FxAKt3hSIwuAwvpuUX0Th1Ykf8lCZH7E4PZkgxrJW0");
        assert_eq!(keys.encrypt(&VectorIv, CLAIMS), TOKEN);
    }

    #[test]
    fn decrypts_with_any_secret_that_the_token_names() {
        for keys in [single(SECRET), rotated(&[(2, "new"), (1, SECRET)], None), rotated(&[(2, "new")], Some(SECRET))] {
            assert_eq!(keys.decrypt(TOKEN, NOW).unwrap().json(), CLAIMS);
        }
        let others = rotated(&[(2, "new"), (1, "old")], None);
        assert_eq!(others.decrypt(TOKEN, NOW), Err(JwtError::Invalid));
    }

    #[test]
    fn tries_every_secret_when_the_token_names_none() {
        let token = with_header(r#"{"alg":"dir","enc":"A256CBC-HS512"}"#);
        let keys = rotated(&[(2, "new"), (1, SECRET)], None);
        assert_eq!(keys.decrypt(&token, NOW).unwrap().json(), CLAIMS);
        assert_eq!(single("other").decrypt(&token, NOW), Err(JwtError::Invalid));
    }

    #[test]
    fn keys_of_another_purpose_do_not_decrypt() {
        let keys = SecretKeys::single(Secret::from(SECRET));
        let keys = JweKeys::new(&keys, ACCOUNT_SALT);
        assert_eq!(keys.decrypt(TOKEN, NOW), Err(JwtError::Invalid));
    }

    #[test]
    fn expires_after_fifteen_seconds_of_tolerance() {
        let exp = Timestamp::from_secs(4_795_434_584);
        let keys = single(SECRET);
        assert!(keys.decrypt(TOKEN, exp.plus_secs(14)).is_ok());
        assert_eq!(keys.decrypt(TOKEN, exp.plus_secs(15)), Err(JwtError::Expired));
    }

    #[test]
    fn refuses_other_headers() {
        for header in [
            r#"{"alg":"dir","enc":"A256GCM"}"#,
            r#"{"alg":"A256KW","enc":"A256CBC-HS512"}"#,
            r#"{"alg":"dir","enc":"A256CBC-HS512","zip":"DEF"}"#,
            r#"{"alg":"dir","enc":"A256CBC-HS512","crit":["exp"]}"#,
            r#"{"alg":"dir","enc":"A256CBC-HS512","kid":"x"}"#,
            r#"{"alg":"dir","enc":"A256CBC-HS512","kid":null}"#,
            r#"{"alg":"dir"}"#,
            "[]",
        ] {
            let token = with_header(header);
            assert_eq!(single(SECRET).decrypt(&token, NOW), Err(JwtError::Invalid), "{header}");
        }
    }

    #[test]
    fn refuses_other_shapes() {
        for token in [
            "",
            "....",
            &TOKEN.replacen("..", ".eA.", 1),
            &TOKEN.replacen("..", ".", 1),
            &format!("{TOKEN}."),
            &format!("{TOKEN}="),
            &TOKEN[..TOKEN.len() - 20],
        ] {
            assert_eq!(single(SECRET).decrypt(token, NOW), Err(JwtError::Invalid), "{token}");
        }
    }

    proptest! {
        #[test]
        fn decrypt_undoes_encrypt(seed: u64, secret in ".+", text: String) {
            let keys = single(&secret);
            let claims = serde_json::json!({ "text": text }).to_string();
            let token = keys.encrypt(&SeededEntropy::new(seed), &claims);
            prop_assert_eq!(keys.decrypt(&token, NOW).unwrap().into_json(), claims);
        }

        #[test]
        fn one_changed_character_is_refused(index in 0..TOKEN.len(), other in "[A-Za-z0-9_.-]") {
            let mut token = TOKEN.to_owned();
            token.replace_range(index..=index, &other);
            prop_assume!(token != TOKEN);
            prop_assert!(single(SECRET).decrypt(&token, NOW).is_err());
        }

        #[test]
        fn decrypt_takes_any_text(token in "([A-Za-z0-9_-]{0,30}[.]){0,5}.*") {
            prop_assert!(single(SECRET).decrypt(&token, NOW).is_err());
        }
    }
}
