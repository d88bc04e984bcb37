//! XChaCha20-Poly1305 with a key made from a secret: the form of every encrypted column.
//!
//! Key: SHA-256 of the secret's UTF-8 bytes. Text: lowercase hexadecimal of the 24-byte nonce,
//! the ciphertext and the 16-byte tag. No associated data. Fixed by the reference's
//! `symmetricEncrypt`.

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::digest::sha256;
use super::entropy::Entropy;
use super::hex;
use super::secret::Secret;

/// Length of the nonce in bytes.
pub const NONCE_LENGTH: usize = 24;

/// Why a sealed text could not be opened. Deliberately says no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value cannot be decrypted")]
pub struct OpenError;

/// Encrypts `plaintext` under a fresh nonce.
#[must_use]
pub fn seal(secret: &Secret, entropy: &dyn Entropy, plaintext: &str) -> String {
    let mut nonce = [0; NONCE_LENGTH];
    entropy.fill(&mut nonce);
    let ciphertext = cipher(secret)
        .encrypt(&XNonce::from(nonce), plaintext.as_bytes())
        .expect("a text in memory is below the cipher's limit of 256 GiB");
    let mut text = hex::encode(&nonce);
    text.push_str(&hex::encode(&ciphertext));
    text
}

/// Decrypts what [`seal`] or the reference made with the same secret.
///
/// # Errors
///
/// [`OpenError`] when the text is not hexadecimal, too short, not authentic, or not UTF-8 inside.
pub fn open(secret: &Secret, text: &str) -> Result<Secret, OpenError> {
    let sealed = hex::decode(text).ok_or(OpenError)?;
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or(OpenError)?;
    let plaintext = cipher(secret).decrypt(&XNonce::from(*nonce), ciphertext).map_err(|_| OpenError)?;
    let plaintext = String::from_utf8(plaintext).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        OpenError
    })?;
    Ok(Secret::from(plaintext))
}

fn cipher(secret: &Secret) -> XChaCha20Poly1305 {
    let key = Zeroizing::new(sha256(secret.expose().as_bytes()));
    XChaCha20Poly1305::new((&*key).into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::entropy::SeededEntropy;
    use super::*;

    const SECRET: &str = "better-auth-secret-that-is-long-enough-for-validation-test";
    const HELLO: &str = "000102030405060708090a0b0c0d0e0f10111213141516177d3eb633ecd0aa570e23d2afea384047a71cf1c0f0";

    /// Fills with 0, 1, 2, …
    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (index, byte) in bytes.iter_mut().enumerate() {
                *byte = index as u8;
            }
        }
    }

    #[test]
    fn seals_as_the_reference_does() {
        assert_eq!(seal(&Secret::from(SECRET), &Counting, "hello"), HELLO);
    }

    #[test]
    fn opens_what_the_reference_sealed_in_either_case() {
        let secret = Secret::from(SECRET);
        assert_eq!(open(&secret, HELLO).unwrap().expose(), "hello");
        assert_eq!(open(&secret, &HELLO.to_uppercase()).unwrap().expose(), "hello");
    }

    #[test]
    fn refuses_another_secret_and_short_texts() {
        assert_eq!(open(&Secret::from("other"), HELLO), Err(OpenError));
        for length in 0..HELLO.len() {
            assert!(open(&Secret::from(SECRET), &HELLO[..length]).is_err());
        }
    }

    proptest! {
        #[test]
        fn open_undoes_seal(seed: u64, secret: String, text: String) {
            let secret = Secret::from(secret);
            let sealed = seal(&secret, &SeededEntropy::new(seed), &text);
            let opened = open(&secret, &sealed).unwrap();
            prop_assert_eq!(opened.expose(), text);
        }

        #[test]
        fn one_changed_digit_is_refused(index in 0usize..HELLO.len(), digit in 1u32..16) {
            let mut text: Vec<u8> = HELLO.bytes().collect();
            let old = char::from(text[index]).to_digit(16).unwrap();
            text[index] = char::from_digit(old ^ digit, 16).unwrap() as u8;
            let text = String::from_utf8(text).unwrap();
            prop_assert!(open(&Secret::from(SECRET), &text).is_err());
        }

        #[test]
        fn open_takes_any_text(text: String) {
            prop_assert!(open(&Secret::from(SECRET), &text).is_err());
        }
    }
}
