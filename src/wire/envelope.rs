//! Encrypted column values: bare hexadecimal, or an envelope that names the secret's version.
//!
//! A server with a single secret writes and reads bare hexadecimal only. One with rotated secrets
//! writes `$ba$<version>$<hex>` and reads bare values with the secret from before rotation.

use crate::crypto::entropy::Entropy;
use crate::crypto::secret::{Secret, SecretKeys};
use crate::crypto::symmetric;

const PREFIX: &str = "$ba$";

/// Why a stored value could not be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The envelope names a version that is not configured (any more).
    #[error("the value was encrypted with secret version {0}, which is not configured")]
    UnknownVersion(u32),
    /// The value names no version and no secret for such values is configured.
    #[error("the value was encrypted before secret rotation, and no legacy secret is configured")]
    NoLegacySecret,
    /// The value is malformed, damaged, or was made with another secret.
    #[error(transparent)]
    Unreadable(#[from] symmetric::OpenError),
}

/// Encrypts `plaintext` with the current secret.
#[must_use]
pub fn seal(keys: &SecretKeys, entropy: &dyn Entropy, plaintext: &str) -> String {
    let sealed = symmetric::seal(keys.signing(), entropy, plaintext);
    match keys.current_version() {
        None => sealed,
        Some(version) => format!("{PREFIX}{version}${sealed}"),
    }
}

/// Decrypts what [`seal`] or the reference made with any of the configured secrets.
///
/// # Errors
///
/// [`EnvelopeError`] when the value cannot be decrypted with the secret that it calls for.
pub fn open(keys: &SecretKeys, text: &str) -> Result<Secret, EnvelopeError> {
    // Without rotation the reference does not know the envelope, and a value in one is damaged.
    let envelope = keys.current_version().and_then(|_| split(text));
    let (secret, sealed) = match envelope {
        Some((version, sealed)) => {
            let secret = keys.version(version);
            (secret.ok_or(EnvelopeError::UnknownVersion(version))?, sealed)
        }
        None => (keys.unversioned().ok_or(EnvelopeError::NoLegacySecret)?, text),
    };
    Ok(symmetric::open(secret, sealed)?)
}

/// Whether a stored OAuth token looks encrypted. The reference passes anything else on as the
/// plain token, so that encryption can be turned on over existing rows.
#[must_use]
pub fn looks_sealed(text: &str) -> bool {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.starts_with(PREFIX) || (is_hex && !text.is_empty())
}

fn split(text: &str) -> Option<(u32, &str)> {
    let (version, sealed) = text.strip_prefix(PREFIX)?.split_once('$')?;
    Some((version.parse().ok()?, sealed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::entropy::SeededEntropy;

    const SECRET: &str = "better-auth-secret-that-is-long-enough-for-validation-test";
    const BARE: &str = "7ebac8bce573b6963a59623e852655846b37b3cb0df86fbf5af0abba22471fb6d809bc9d6d85aee4ee3da6815b5277";
    const VERSION_2: &str =
        "$ba$2$d52d9989444691c589b34ae1ccc67b9fc842818b3b3ad62cb82091451604f515bca820d2a3236a17982ac1ee5c17bb";

    fn rotated(versions: &[(u32, &str)], legacy: Option<&str>) -> SecretKeys {
        let versions = versions.iter().map(|(version, value)| (*version, Secret::from(*value))).collect();
        SecretKeys::rotated(versions, legacy.map(Secret::from)).unwrap()
    }

    fn single() -> SecretKeys {
        SecretKeys::single(Secret::from(SECRET))
    }

    #[test]
    fn opens_values_of_the_reference() {
        assert_eq!(open(&single(), BARE).unwrap().expose(), "grüße");
        for keys in [rotated(&[(2, SECRET), (1, "old")], None), rotated(&[(3, "new"), (2, SECRET)], None)] {
            assert_eq!(open(&keys, VERSION_2).unwrap().expose(), "grüße");
        }
    }

    #[test]
    fn bare_values_belong_to_the_legacy_secret() {
        let keys = rotated(&[(1, "new")], Some(SECRET));
        assert_eq!(open(&keys, BARE).unwrap().expose(), "grüße");
        let keys = rotated(&[(1, SECRET)], None);
        assert_eq!(open(&keys, BARE), Err(EnvelopeError::NoLegacySecret));
    }

    #[test]
    fn a_retired_version_is_named() {
        let keys = rotated(&[(3, SECRET)], Some(SECRET));
        assert_eq!(open(&keys, VERSION_2), Err(EnvelopeError::UnknownVersion(2)));
    }

    #[test]
    fn a_single_secret_does_not_read_envelopes() {
        assert!(matches!(open(&single(), VERSION_2), Err(EnvelopeError::Unreadable(_))));
    }

    #[test]
    fn tells_sealed_from_plain_tokens() {
        assert!(looks_sealed(BARE) && looks_sealed(VERSION_2));
        assert!(!looks_sealed("ya29.token") && !looks_sealed("abc") && !looks_sealed(""));
    }

    proptest! {
        #[test]
        fn open_undoes_seal_through_rotation(seed: u64, text: String) {
            let entropy = SeededEntropy::new(seed);
            let before = single();
            let bare = seal(&before, &entropy, &text);
            let during = rotated(&[(7, "first")], Some(SECRET));
            let versioned = seal(&during, &entropy, &text);
            let after = rotated(&[(8, "second"), (7, "first")], Some(SECRET));
            for sealed in [bare, versioned, seal(&after, &entropy, &text)] {
                prop_assert!(looks_sealed(&sealed));
                let opened = open(&after, &sealed).unwrap();
                prop_assert_eq!(opened.expose(), text.as_str());
            }
        }

        #[test]
        fn open_takes_any_text(text in "([$]ba[$][0-9]{0,12}[$])?[0-9a-f$é]{0,120}") {
            prop_assert!(open(&single(), &text).is_err());
            prop_assert!(open(&rotated(&[(1, "a")], None), &text).is_err());
        }
    }
}
