//! Random identifiers and codes over the reference's alphabets.

use std::fmt::Write as _;

use super::date::Timestamp;
use crate::crypto::entropy::Entropy;

/// Length of row ids and session tokens.
pub const ID_LENGTH: usize = 32;

/// The characters an identifier is drawn from, each equally likely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// `a-z A-Z 0-9`: row ids, session tokens, reset tokens, device codes.
    A62,
    /// `a-z 0-9 A-Z - _`: OAuth state, PKCE verifiers, TOTP secrets.
    A64,
    /// `0-9 a-z`: account deletion tokens.
    LowerAlnum,
    /// `a-z A-Z`: magic links, API keys, OAuth client credentials.
    Letters,
    /// `0-9`: one-time passwords.
    Digits,
    /// Capitals and digits without `I`, `O`, `0` and `1`: codes that a person reads from a screen.
    UserCode,
}

impl Alphabet {
    /// The characters, all of them ASCII.
    #[must_use]
    pub const fn characters(self) -> &'static str {
        match self {
            Self::A62 => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            Self::A64 => "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_",
            Self::LowerAlnum => "0123456789abcdefghijklmnopqrstuvwxyz",
            Self::Letters => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::Digits => "0123456789",
            Self::UserCode => "ABCDEFGHJKLMNPQRSTUVWXYZ23456789",
        }
    }
}

/// `length` characters drawn independently and without bias.
#[must_use]
pub fn random_string(entropy: &dyn Entropy, alphabet: Alphabet, length: usize) -> String {
    let characters = alphabet.characters().as_bytes();
    // Bytes from the last, incomplete run of the alphabet would favor its first characters.
    let accepted = 256 - 256 % characters.len();
    let mut text = String::with_capacity(length);
    let mut buffer = [0; 64];
    while text.len() < length {
        let missing = length - text.len();
        let bytes = &mut buffer[..(missing * 2).min(64)];
        entropy.fill(bytes);
        let drawn = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < accepted).take(missing);
        text.extend(drawn.map(|byte| char::from(characters[byte % characters.len()])));
    }
    text
}

/// A row id or session token: 32 characters of [`Alphabet::A62`], about 190 bits.
#[must_use]
pub fn generate_id(entropy: &dyn Entropy) -> String {
    random_string(entropy, Alphabet::A62, ID_LENGTH)
}

/// A random UUID in lowercase (RFC 9562 section 5.4).
#[must_use]
pub fn uuid_v4(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    let number = u128::from_be_bytes(bytes);
    let version = 0x4 << 76;
    let variant = 0b10 << 62;
    uuid_text(number & !(0xf << 76) & !(0b11 << 62) | version | variant)
}

/// The text of a UUID of any version, in lowercase (RFC 9562 section 4).
#[must_use]
pub fn uuid_text(number: u128) -> String {
    let mut text = String::with_capacity(36);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        number >> 96,
        number >> 80 & 0xffff,
        number >> 64 & 0xffff,
        number >> 48 & 0xffff,
        number & 0xffff_ffff_ffff
    );
    text
}

/// A MongoDB ObjectId in hexadecimal digits: the second of `now`, and 64 random bits.
#[must_use]
pub fn object_id(entropy: &dyn Entropy, now: Timestamp) -> String {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    // The second has 32 bits, of which ObjectIds run out in 2106.
    let second = now.as_millis().div_euclid(1000) as u32;
    format!("{second:08x}{:016x}", u64::from_be_bytes(bytes))
}

/// Whether `text` is a UUID as [`uuid_v4`] writes them, of any version.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let fits = |(at, byte): (usize, u8)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { digit(byte) };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::*;
    use crate::crypto::entropy::SeededEntropy;

    const ALL: [Alphabet; 6] =
        [Alphabet::A62, Alphabet::A64, Alphabet::LowerAlnum, Alphabet::Letters, Alphabet::Digits, Alphabet::UserCode];

    /// Gives the bytes 255, 254, … over and over.
    struct Descending(std::sync::Mutex<u8>);

    impl Entropy for Descending {
        fn fill(&self, bytes: &mut [u8]) {
            let mut next = self.0.lock().unwrap();
            for byte in bytes {
                *byte = *next;
                *next = next.wrapping_sub(1);
            }
        }
    }

    #[test]
    fn alphabets_have_no_repeated_character() {
        for (alphabet, size) in ALL.into_iter().zip([62, 64, 36, 52, 10, 32]) {
            let distinct: HashSet<_> = alphabet.characters().chars().collect();
            assert_eq!(distinct.len(), size, "{alphabet:?}");
            assert_eq!(alphabet.characters().len(), size);
        }
    }

    #[test]
    fn bytes_beyond_whole_runs_are_skipped() {
        // 255 to 250 lie beyond 25 runs of ten digits; 249 is the last 9.
        let source = Descending(std::sync::Mutex::new(255));
        assert_eq!(random_string(&source, Alphabet::Digits, 12), "987654321098");
    }

    #[test]
    fn every_character_is_equally_likely() {
        let entropy = SeededEntropy::new(3);
        for alphabet in ALL {
            let size = alphabet.characters().len();
            let mut counts = HashMap::new();
            for character in random_string(&entropy, alphabet, size * 1000).chars() {
                *counts.entry(character).or_insert(0u32) += 1;
            }
            assert_eq!(counts.len(), size);
            // Five standard deviations around the expected thousand.
            assert!(counts.values().all(|count| (840..1160).contains(count)));
        }
    }

    #[test]
    fn ids_are_32_characters_and_differ() {
        let entropy = SeededEntropy::new(1);
        let ids: HashSet<_> = (0..1000).map(|_| generate_id(&entropy)).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 32));
    }

    #[test]
    fn a_uuid_says_version_4_and_its_variant() {
        let ones = Descending(std::sync::Mutex::new(255));
        assert_eq!(uuid_v4(&ones), "fffefdfc-fbfa-49f8-b7f6-f5f4f3f2f1f0");
        let entropy = SeededEntropy::new(1);
        for _ in 0..100 {
            let uuid = uuid_v4(&entropy);
            assert_eq!(uuid.len(), 36);
            assert_eq!(&uuid[14..15], "4");
            assert!("89ab".contains(&uuid[19..20]));
            assert!(is_uuid(&uuid) && !is_uuid(&uuid.to_uppercase()) && !is_uuid(&uuid[1..]));
            assert!(!is_uuid(&uuid.replace('-', "0")) && !is_uuid(&format!("{uuid}0")));
        }
    }

    #[test]
    fn an_object_id_begins_with_its_second() {
        let ones = Descending(std::sync::Mutex::new(255));
        let now = Timestamp::from_millis(1_700_000_000_999);
        assert_eq!(object_id(&ones, now), "6553f100fffefdfcfbfaf9f8");
        assert_eq!(object_id(&SeededEntropy::new(1), Timestamp::from_millis(0)).len(), 24);
    }

    proptest! {
        #[test]
        fn any_length_is_drawn_from_the_alphabet(seed: u64, length in 0usize..300) {
            for alphabet in ALL {
                let text = random_string(&SeededEntropy::new(seed), alphabet, length);
                prop_assert_eq!(text.len(), length);
                prop_assert!(text.chars().all(|c| alphabet.characters().contains(c)));
            }
        }
    }
}
