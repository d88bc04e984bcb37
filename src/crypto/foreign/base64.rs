//! The dialects of base64 in which hashes are stored.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Padding or none, and bits behind the last byte that others have left set.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BCRYPT: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, LENIENT);

/// Longest text that is decoded, in bytes.
const MAX_TEXT: usize = 1024;

/// Reads the standard alphabet, padded or not; `.` may stand for `+` as passlib writes it, and `-_` for `+/`.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    if !text.contains(['.', '-', '_']) {
        return STANDARD.decode(text).ok();
    }
    let standard: String = text
        .chars()
        .map(|letter| match letter {
            '.' | '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    STANDARD.decode(standard).ok()
}

/// Writes the standard alphabet without padding, as PHC strings want it.
pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads exactly `N` bytes of bcrypt's alphabet.
pub(super) fn decode_bcrypt<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = BCRYPT.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_dialect() {
        for text in ["+/8=", "+/8", "./8", "-_8="] {
            assert_eq!(decode(text).as_deref(), Some(&[0xfb, 0xff][..]), "{text}");
        }
        assert_eq!(decode("+/8 "), None);
        assert_eq!(decode(&"A".repeat(MAX_TEXT + 4)), None);
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn decode_takes_any_text(text: String) {
            let _ = (decode(&text), decode_bcrypt::<16>(&text));
        }
    }
}
