//! bcrypt, `$2b$<cost>$<22 characters of salt><31 of hash>`.
//!
//! Every maker hashes the bytes of the password and one NUL, of which only the first 72 count; so does this. A password that
//! holds a NUL is hashed whole.

use zeroize::Zeroizing;

use super::{UnreadableHash, base64, number, parts};
use crate::crypto::digest::constant_time_eq;

/// The highest cost that is computed. Each step doubles the time; this one is about two seconds.
pub const MAX_BCRYPT_COST: u32 = 15;

const MIN_COST: u32 = 4;
/// How many bytes of its input bcrypt sees.
const SEEN: usize = 72;
const SALT_TEXT: usize = 22;

/// A bcrypt hash.
pub(in crate::crypto) struct Bcrypt {
    cost: u32,
    salt: [u8; 16],
    hash: [u8; 23],
}

impl Bcrypt {
    /// Reads a text that begins with `$2`. `$2x$`, the mark of a broken implementation, is not known.
    pub(in crate::crypto) fn parse(text: &str) -> Result<Self, UnreadableHash> {
        let [_, version, cost, rest] = parts(text)?;
        if !matches!(version, "2a" | "2b" | "2y") {
            return Err(UnreadableHash::Unknown);
        }
        let cost = if cost.len() == 2 { number(cost)? } else { return Err(UnreadableHash::Malformed) };
        let (salt, hash) = rest.split_at_checked(SALT_TEXT).ok_or(UnreadableHash::Malformed)?;
        let read = base64::decode_bcrypt(salt).zip(base64::decode_bcrypt(hash));
        let (salt, hash) = read.ok_or(UnreadableHash::Malformed)?;
        match cost {
            ..MIN_COST => Err(UnreadableHash::Malformed),
            MIN_COST..=MAX_BCRYPT_COST => Ok(Self { cost, salt, hash }),
            _ => Err(UnreadableHash::TooCostly),
        }
    }

    /// Whether this is the hash of `password` and, behind it, `pepper`.
    pub(in crate::crypto) fn matches(&self, password: &[u8], pepper: &[u8]) -> bool {
        let mut key = Zeroizing::new([0; SEEN]);
        let input = password.iter().chain(pepper).chain(&[0]).take(SEEN);
        let length = key.iter_mut().zip(input).map(|(slot, byte)| *slot = *byte).count();
        let hash = Zeroizing::new(::bcrypt::bcrypt(self.cost, self.salt, &key[..length]));
        constant_time_eq(&hash[..self.hash.len()], &self.hash)
    }
}

/// The stored text of a bcrypt hash that was made over the password and the pepper named `key`, as Devise does.
#[must_use]
pub fn peppered(key: &str, bcrypt: &str) -> String {
    format!("$pepper$k={key}{bcrypt}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From the test suites of OpenBSD, jBCrypt and crypt_blowfish.
    const PUBLISHED: &[(&str, &[u8])] = &[
        ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", b"U*U"),
        ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", b"U*U*"),
        ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", b"U*U*U"),
        ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", b""),
        ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", b"\xa3"),
        ("$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.", b""),
        ("$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", b"a"),
        ("$2a$08$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.", b"abcdefghijklmnopqrstuvwxyz"),
    ];
    /// Longer than what bcrypt sees, from crypt_blowfish.
    const LONG: &str = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
    const LONG_PASSWORD: &[u8] =
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored";

    fn matches(text: &str, password: &[u8]) -> bool {
        Bcrypt::parse(text).unwrap().matches(password, b"")
    }

    #[test]
    fn verifies_the_published_vectors() {
        for (text, password) in PUBLISHED {
            assert!(matches(text, password), "{text}");
            assert!(!matches(text, &[password, &b"x"[..]].concat()), "{text}");
        }
    }

    #[test]
    fn sees_72_bytes_pepper_included() {
        assert!(matches(LONG, LONG_PASSWORD));
        assert!(matches(LONG, &LONG_PASSWORD[..72]));
        assert!(!matches(LONG, &LONG_PASSWORD[..71]));
        let (password, pepper) = LONG_PASSWORD.split_at(20);
        assert!(Bcrypt::parse(LONG).unwrap().matches(password, pepper));
    }

    #[test]
    fn a_nul_is_a_byte_like_others() {
        let (text, password) = PUBLISHED[6];
        assert!(matches(text, password));
        assert!(!matches(text, b"a\0b"));
    }

    #[test]
    fn refuses_what_is_no_bcrypt_or_too_costly() {
        let good = PUBLISHED[0].0;
        for bad in [
            "$2",
            "$2a$",
            "$2a$05",
            "$2a$05$",
            "$2a$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2a$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2a$05$CCCCCCCCCCCCCCCCCCCC\u{e9}E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            &good[..good.len() - 1],
            &format!("{good}x"),
            &format!("{good}$"),
        ] {
            assert_eq!(Bcrypt::parse(bad).err(), Some(UnreadableHash::Malformed), "{bad}");
        }
        assert_eq!(Bcrypt::parse(&good.replace("2a", "2x")).err(), Some(UnreadableHash::Unknown));
        assert!(Bcrypt::parse(&good.replace("$05$", "$15$")).is_ok());
        for cost in ["16", "31", "99"] {
            let costly = good.replace("$05$", &format!("${cost}$"));
            assert_eq!(Bcrypt::parse(&costly).err(), Some(UnreadableHash::TooCostly));
        }
    }

    proptest! {
        #[test]
        fn reads_any_text(text in "([$]2[aby][$][0-9]{2}[$])?\\PC{0,80}") {
            let _ = Bcrypt::parse(&text);
        }
    }
}
