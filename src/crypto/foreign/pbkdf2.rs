//! PBKDF2 in three forms:
//!
//! - PHC, which is also what [`Pbkdf2Digest::text`] writes: `$pbkdf2-sha256$i=<iterations>,l=<bytes>$<salt>$<hash>`;
//! - passlib: `$pbkdf2-sha256$<iterations>$<salt>$<hash>`, `$pbkdf2$…` for SHA-1;
//! - Django: `pbkdf2_sha256$<iterations>$<salt as text>$<hash>`.

use std::num::NonZeroU32;

use ring::pbkdf2;

use super::{UnreadableHash, base64, number, parameters, parts, salt_and_hash};

/// Most iterations, times the blocks of output that each of them makes: a few seconds.
pub const MAX_PBKDF2_ITERATIONS: u32 = 5_000_000;

/// The hash function under PBKDF2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pbkdf2Digest {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Pbkdf2Digest {
    /// The stored text of a hash that was made with this function.
    #[must_use]
    pub fn text(self, iterations: u32, salt: &[u8], hash: &[u8]) -> String {
        let (name, length) = (self.name(), hash.len());
        format!("$pbkdf2-{name}$i={iterations},l={length}${}${}", base64::encode(salt), base64::encode(hash))
    }

    /// The function with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha512].into_iter().find(|digest| digest.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn algorithm(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    fn block_length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// A PBKDF2 hash.
#[derive(Debug, PartialEq)]
pub(in crate::crypto) struct Pbkdf2 {
    digest: Pbkdf2Digest,
    iterations: NonZeroU32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Pbkdf2 {
    /// Reads a text that begins with `$pbkdf2` or `pbkdf2_`.
    pub(in crate::crypto) fn parse(text: &str) -> Result<Self, UnreadableHash> {
        let (name, iterations, salt, hash) = if let Some(django) = text.strip_prefix("pbkdf2_") {
            let [name, iterations, salt, hash] = parts(django)?;
            (name, iterations, Some(salt.as_bytes().to_vec()), hash)
        } else {
            let [_, name, cost, salt, hash] = parts(text)?;
            let name = match name.strip_prefix("pbkdf2") {
                Some("") => "sha1",
                Some(rest) => rest.strip_prefix('-').ok_or(UnreadableHash::Unknown)?,
                None => return Err(UnreadableHash::Unknown),
            };
            (name, cost, base64::decode(salt), hash)
        };
        let digest = Pbkdf2Digest::named(name).ok_or(UnreadableHash::Unknown)?;
        let (salt, hash) = salt_and_hash(salt, base64::decode(hash))?;
        let iterations = iterations_of(iterations, hash.len())?;
        let blocks = hash.len().div_ceil(digest.block_length());
        if iterations > MAX_PBKDF2_ITERATIONS / u32::try_from(blocks).unwrap_or(u32::MAX) {
            return Err(UnreadableHash::TooCostly);
        }
        let iterations = NonZeroU32::new(iterations).ok_or(UnreadableHash::Malformed)?;
        Ok(Self { digest, iterations, salt, hash })
    }

    /// Whether this is the hash of `password`. The comparison takes constant time.
    pub(in crate::crypto) fn matches(&self, password: &[u8]) -> bool {
        pbkdf2::verify(self.digest.algorithm(), self.iterations, &self.salt, password, &self.hash).is_ok()
    }
}

/// `i=1000`, `i=1000,l=32` with the length that the hash has, or a number alone.
fn iterations_of(text: &str, length: usize) -> Result<u32, UnreadableHash> {
    if !text.contains('=') {
        return number(text);
    }
    if !text.contains(',') {
        let [iterations] = parameters(text, ["i"])?;
        return number(iterations);
    }
    let [iterations, stated] = parameters(text, ["i", "l"])?;
    if usize::try_from(number(stated)?) == Ok(length) { number(iterations) } else { Err(UnreadableHash::Malformed) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::hex;

    /// RFC 6070 (SHA-1) and RFC 7914 (SHA-256), and their inputs under SHA-512 as other implementations publish them.
    const PUBLISHED: &[(Pbkdf2Digest, &str, &str, u32, &str)] = &[
        (Pbkdf2Digest::Sha1, "password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        (Pbkdf2Digest::Sha1, "password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
        (Pbkdf2Digest::Sha1, "pass\0word", "sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        (
            Pbkdf2Digest::Sha256,
            "passwd",
            "salt",
            1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
        ),
        (
            Pbkdf2Digest::Sha256,
            "Password",
            "NaCl",
            80_000,
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
        ),
        (
            Pbkdf2Digest::Sha512,
            "password",
            "salt",
            4096,
            "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5",
        ),
    ];

    fn matches(text: &str, password: &str) -> bool {
        Pbkdf2::parse(text).unwrap().matches(password.as_bytes())
    }

    #[test]
    fn verifies_the_published_vectors() {
        for (digest, password, salt, iterations, hash) in PUBLISHED {
            let hash = hex::decode(hash).unwrap();
            let text = digest.text(*iterations, salt.as_bytes(), &hash);
            assert!(matches(&text, password), "{text}");
            assert!(!matches(&text, "another"), "{text}");
        }
    }

    #[test]
    fn reads_phc_passlib_and_django() {
        let phc = "$pbkdf2-sha256$i=10000,l=32$wJuJqLoUFsdXa8k3sFhRlA$2waKCbPhZzL+RjWMQqvA1jpb+j56jTAXcNmRD9UTekU";
        let passlib = "$pbkdf2-sha256$10000$wJuJqLoUFsdXa8k3sFhRlA$2waKCbPhZzL.RjWMQqvA1jpb.j56jTAXcNmRD9UTekU";
        for text in [phc, passlib, &phc.replace(",l=32", "")] {
            assert!(matches(text, "Test@123"), "{text}");
            assert!(!matches(text, "test@123"), "{text}");
        }
        assert!(matches("$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE", "password"));
        assert!(matches("$pbkdf2-sha1$i=10000,l=20$wJuJqLoUFsdXa8k3sFhRlA$XMGVWTbeKf4Xd+CGiuEZde8x7QA", "Test@123"));
        assert!(matches("pbkdf2_sha1$4096$salt$SwB5AbdlSJq+rUnZJvch0GWkKcE=", "password"));
    }

    #[test]
    fn refuses_what_is_malformed_or_too_costly() {
        let why = |text: &str| Pbkdf2::parse(text).err();
        let text = |iterations, length| Pbkdf2Digest::Sha256.text(iterations, b"salt", &vec![7; length]);
        assert_eq!(why(&text(MAX_PBKDF2_ITERATIONS, 32)), None);
        for costly in [text(MAX_PBKDF2_ITERATIONS + 1, 32), text(MAX_PBKDF2_ITERATIONS, 33), text(u32::MAX, 64)] {
            assert_eq!(why(&costly), Some(UnreadableHash::TooCostly), "{costly}");
        }
        assert_eq!(why("pbkdf2_sha256$99999999999$salt$AAAAAAAAAAAAAAAAAAAAAA=="), Some(UnreadableHash::TooCostly));
        for bad in [
            &text(0, 32),
            &text(1000, 15),
            &text(1000, 129),
            "pbkdf2_sha256$1$salt$",
            "pbkdf2_sha256$$salt$AAAAAAAAAAAAAAAAAAAAAA==",
            "$pbkdf2-sha256$i=1000,l=31$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$pbkdf2-sha256$l=16,i=1000$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$pbkdf2-sha256$-5$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(why(bad), Some(UnreadableHash::Malformed), "{bad}");
        }
        for unknown in ["$pbkdf2-md5$1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA", "$pbkdf2x$1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(why(unknown), Some(UnreadableHash::Unknown), "{unknown}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            iterations in 1..MAX_PBKDF2_ITERATIONS / 4,
            salt in prop::collection::vec(any::<u8>(), 0..64),
            hash in prop::collection::vec(any::<u8>(), 16..=64),
        ) {
            let stored = Pbkdf2::parse(&Pbkdf2Digest::Sha512.text(iterations, &salt, &hash)).unwrap();
            prop_assert_eq!(stored.iterations.get(), iterations);
            prop_assert_eq!((stored.salt, stored.hash), (salt, hash));
        }

        #[test]
        fn reads_any_text(text in "([$]pbkdf2-sha256[$]|pbkdf2_sha1[$])?([0-9il=,]{0,12}[$])?\\PC{0,60}") {
            let _ = Pbkdf2::parse(&text);
        }
    }
}
