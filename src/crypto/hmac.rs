//! HMAC-SHA256 with a key that is prepared once.

use std::fmt;

use ring::hmac::{Context, HMAC_SHA256, Key};

use super::digest::constant_time_eq;

/// A prepared HMAC-SHA256 key. Cheap to clone and to share between threads.
#[derive(Clone)]
pub struct Signer(Key);

impl Signer {
    /// Prepares `key`. The reference uses the UTF-8 bytes of the server secret as they are.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(Key::new(HMAC_SHA256, key))
    }

    /// The tag of `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        self.sign_parts(&[message])
    }

    /// The tag of the concatenation of `parts`, without building it.
    #[must_use]
    pub fn sign_parts(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Whether `tag` is the full tag of `message`, compared in constant time.
    #[must_use]
    pub fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        self.verify_parts(&[message], tag)
    }

    /// Whether `tag` is the full tag of the concatenation of `parts`.
    #[must_use]
    pub fn verify_parts(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        constant_time_eq(&self.sign_parts(parts), tag)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(HMAC-SHA256)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::hex;
    use super::*;

    #[test]
    fn signs_the_vector_of_rfc_4231_case_2() {
        let tag = Signer::new(b"Jefe").sign(b"what do ya want for nothing?");
        assert_eq!(hex::encode(&tag), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn refuses_a_shortened_tag() {
        let signer = Signer::new(b"key");
        let tag = signer.sign(b"message");
        assert!(signer.verify(b"message", &tag));
        assert!(!signer.verify(b"message", &tag[..31]));
        assert!(!signer.verify(b"message", b""));
    }

    proptest! {
        #[test]
        fn parts_sign_as_their_concatenation(left: Vec<u8>, right: Vec<u8>) {
            let signer = Signer::new(b"key");
            let whole = [left.as_slice(), right.as_slice()].concat();
            prop_assert_eq!(signer.sign_parts(&[&left, &right]), signer.sign(&whole));
        }

        #[test]
        fn one_flipped_bit_is_refused(message: Vec<u8>, bit in 0usize..256) {
            let signer = Signer::new(b"key");
            let mut tag = signer.sign(&message);
            prop_assert!(signer.verify(&message, &tag));
            tag[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!signer.verify(&message, &tag));
        }
    }
}
