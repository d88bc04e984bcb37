//! scrypt as a PHC string, `$scrypt$ln=<log2 N>,r=<block size>,p=<lanes>$<salt>$<hash>`.

use zeroize::Zeroizing;

use super::{UnreadableHash, base64, number, parameters, parts, salt_and_hash};
use crate::crypto::digest::constant_time_eq;

/// Most memory that scrypt may ask for, in bytes: 256 MiB.
pub const MAX_SCRYPT_MEMORY: u64 = 1 << 28;

/// Most memory times lanes, in bytes: about two seconds.
const MAX_WORK: u64 = 1 << 30;

/// Cost of scrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScryptParams {
    /// The binary logarithm of N.
    pub log_n: u32,
    /// The block size.
    pub r: u32,
    /// The lanes.
    pub p: u32,
}

impl ScryptParams {
    /// The stored text of a hash that was made at this cost.
    #[must_use]
    pub fn text(&self, salt: &[u8], hash: &[u8]) -> String {
        let Self { log_n, r, p } = self;
        format!("$scrypt$ln={log_n},r={r},p={p}${}${}", base64::encode(salt), base64::encode(hash))
    }

    /// Computed before anything is allocated.
    pub(super) fn prepared(self) -> Result<::scrypt::Params, UnreadableHash> {
        let log_n = u8::try_from(self.log_n).ok().filter(|log_n| *log_n < 64).ok_or(UnreadableHash::TooCostly)?;
        let memory = 128_u64.checked_mul(u64::from(self.r)).and_then(|block| block.checked_mul(1 << log_n));
        let memory = memory.filter(|memory| *memory <= MAX_SCRYPT_MEMORY).ok_or(UnreadableHash::TooCostly)?;
        if memory.saturating_mul(u64::from(self.p)) > MAX_WORK {
            return Err(UnreadableHash::TooCostly);
        }
        if log_n == 0 {
            return Err(UnreadableHash::Malformed);
        }
        ::scrypt::Params::new(log_n, self.r, self.p).map_err(|_| UnreadableHash::Malformed)
    }
}

/// A scrypt hash.
pub(in crate::crypto) struct Scrypt {
    params: ::scrypt::Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Scrypt {
    /// Reads a text that begins with `$scrypt$`.
    pub(in crate::crypto) fn parse(text: &str) -> Result<Self, UnreadableHash> {
        let [_, _, cost, salt, hash] = parts(text)?;
        let [log_n, r, p] = parameters(cost, ["ln", "r", "p"])?;
        let params = ScryptParams { log_n: number(log_n)?, r: number(r)?, p: number(p)? }.prepared()?;
        let (salt, hash) = salt_and_hash(base64::decode(salt), base64::decode(hash))?;
        Ok(Self { params, salt, hash })
    }

    /// Whether this is the hash of `password`.
    pub(in crate::crypto) fn matches(&self, password: &[u8]) -> bool {
        let mut output = Zeroizing::new(vec![0; self.hash.len()]);
        let done = ::scrypt::scrypt(password, &self.salt, &self.params, &mut output);
        done.is_ok() && constant_time_eq(&output, &self.hash)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::hex;

    /// RFC 7914, section 12: the cost, password, salt and hash.
    const RFC_7914: &[(ScryptParams, &str, &str, &str)] = &[
        (
            ScryptParams { log_n: 4, r: 1, p: 1 },
            "",
            "",
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
        ),
        (
            ScryptParams { log_n: 10, r: 8, p: 16 },
            "password",
            "NaCl",
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
        ),
        (
            ScryptParams { log_n: 14, r: 8, p: 1 },
            "pleaseletmein",
            "SodiumChloride",
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
        ),
    ];

    #[test]
    fn verifies_the_published_vectors() {
        for (params, password, salt, hash) in RFC_7914 {
            let text = params.text(salt.as_bytes(), &hex::decode(hash).unwrap());
            let stored = Scrypt::parse(&text).unwrap();
            assert!(stored.matches(password.as_bytes()), "{text}");
            assert!(!stored.matches(b"Password"), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_malformed_or_too_costly() {
        let text = |log_n, r, p| ScryptParams { log_n, r, p }.text(b"salt", &[7; 32]);
        let why = |text: &str| Scrypt::parse(text).err();
        assert_eq!(why(&text(15, 8, 1)), None);
        assert_eq!(why(&text(18, 8, 1)), None);
        for costly in [(19, 8, 1), (18, 8, 5), (20, 8, 1), (63, 1, 1), (64, 1, 1), (300, 1, 1), (1, u32::MAX, 1)] {
            assert_eq!(why(&text(costly.0, costly.1, costly.2)), Some(UnreadableHash::TooCostly), "{costly:?}");
        }
        assert_eq!(why("$scrypt$ln=99999999999,r=8,p=1$c2FsdA$AAAA"), Some(UnreadableHash::TooCostly));
        for bad in [
            &text(0, 8, 1),
            &text(15, 0, 1),
            &text(15, 8, 0),
            "$scrypt$",
            "$scrypt$ln=15,r=8$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$r=8,ln=15,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=15,r=8,p=1,x=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=+5,r=8,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=15,r=8,p=1$c2FsdA$",
            "$scrypt$ln=15,r=8,p=1$c2FsdA$AAAA",
            "$scrypt$ln=15,r=8,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA$",
        ] {
            assert_eq!(why(bad), Some(UnreadableHash::Malformed), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(salt in prop::collection::vec(any::<u8>(), 0..64), hash in prop::collection::vec(any::<u8>(), 16..=64)) {
            let stored = Scrypt::parse(&ScryptParams { log_n: 14, r: 8, p: 1 }.text(&salt, &hash)).unwrap();
            prop_assert_eq!((stored.salt, stored.hash), (salt, hash));
        }

        #[test]
        fn reads_any_text(text in "([$]scrypt[$])?(ln=[0-9]{1,3},r=[0-9]{1,3},p=[0-9]{1,3})?\\PC{0,60}") {
            let _ = Scrypt::parse(&text);
        }
    }
}
