//! The server secret and its rotation, as the reference's `secret` and `secrets` options.

use std::collections::HashSet;
use std::fmt;

use super::secret::Secret;

/// The secret with which the reference runs when none is configured. Public, hence worthless.
pub const PLACEHOLDER_SECRET: &str = "better-auth-secret-12345678901234567890";

/// Shortest secret that raises no warning, in UTF-16 code units.
const RECOMMENDED_LENGTH: usize = 32;
/// Least estimated entropy that raises no warning, in bits.
const RECOMMENDED_BITS: f64 = 120.0;

/// The secrets of one server: either a single one, or numbered versions of which the first is
/// current.
///
/// The current secret signs cookies; signatures do not rotate. Encryption does: a value names the
/// version it was sealed with, and a value without a version belongs to the legacy secret.
#[derive(Clone)]
pub struct SecretKeys(Keys);

#[derive(Clone)]
enum Keys {
    Single(Secret),
    Rotated { current: (u32, Secret), older: Vec<(u32, Secret)>, legacy: Option<Secret> },
}

/// Why a set of secrets cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The list of versions has no entry.
    #[error("at least one secret is required")]
    Empty,
    /// A version's secret is the empty string.
    #[error("the secret of version {0} is empty")]
    EmptyValue(u32),
    /// Two entries carry the same version number.
    #[error("version {0} appears twice")]
    DuplicateVersion(u32),
    /// An entry of the text form is not `<version>:<secret>`. Counted from 1.
    #[error("entry {0} is not of the form <version>:<secret>")]
    Syntax(usize),
    /// A version of the text form is not a whole number of at most 32 bits. Counted from 1.
    #[error("the version of entry {0} is not a non-negative integer")]
    Version(usize),
}

/// What makes a secret unfit for production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// It is [`PLACEHOLDER_SECRET`]; the reference refuses to start with it in production.
    Placeholder,
    /// It has fewer than 32 characters.
    Short,
    /// Its estimated entropy is below 120 bits: length times log2 of the number of different
    /// characters.
    LowEntropy,
}

impl SecretKeys {
    /// One secret without a version. Values sealed with it carry no version either.
    #[must_use]
    pub fn single(secret: Secret) -> Self {
        Self(Keys::Single(secret))
    }

    /// Numbered secrets, the first of which is current, and the secret that was in use before
    /// rotation began. An empty or placeholder `legacy` counts as absent.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when the list is empty, a value is empty, or a version repeats.
    pub fn rotated(versions: Vec<(u32, Secret)>, legacy: Option<Secret>) -> Result<Self, SecretError> {
        let mut seen = HashSet::new();
        for (version, secret) in &versions {
            if secret.is_empty() {
                return Err(SecretError::EmptyValue(*version));
            }
            if !seen.insert(*version) {
                return Err(SecretError::DuplicateVersion(*version));
            }
        }
        let mut versions = versions.into_iter();
        let current = versions.next().ok_or(SecretError::Empty)?;
        let legacy = legacy.filter(|secret| !secret.is_empty() && secret.expose() != PLACEHOLDER_SECRET);
        Ok(Self(Keys::Rotated { current, older: versions.collect(), legacy }))
    }

    /// The secret that signs cookies and tokens, and the first choice for encryption.
    #[must_use]
    pub fn signing(&self) -> &Secret {
        match &self.0 {
            Keys::Single(secret) => secret,
            Keys::Rotated { current, .. } => &current.1,
        }
    }

    /// The version that new values are sealed with; `None` without rotation.
    #[must_use]
    pub fn current_version(&self) -> Option<u32> {
        match &self.0 {
            Keys::Single(_) => None,
            Keys::Rotated { current, .. } => Some(current.0),
        }
    }

    /// The secret of a version; always `None` without rotation.
    #[must_use]
    pub fn version(&self, wanted: u32) -> Option<&Secret> {
        let Keys::Rotated { current, older, .. } = &self.0 else {
            return None;
        };
        std::iter::once(current).chain(older).find(|(version, _)| *version == wanted).map(|(_, secret)| secret)
    }

    /// The secret for values that name no version: the only one without rotation, the legacy one
    /// with it.
    #[must_use]
    pub fn unversioned(&self) -> Option<&Secret> {
        match &self.0 {
            Keys::Single(secret) => Some(secret),
            Keys::Rotated { legacy, .. } => legacy.as_ref(),
        }
    }

    /// Every distinct secret that may have been used, current first and legacy last.
    pub fn all(&self) -> impl Iterator<Item = &Secret> {
        let (first, older, legacy) = match &self.0 {
            Keys::Single(secret) => (secret, [].as_slice(), None),
            Keys::Rotated { current, older, legacy } => (&current.1, older.as_slice(), legacy.as_ref()),
        };
        let legacy = legacy.filter(|legacy| *legacy != first && older.iter().all(|(_, secret)| secret != *legacy));
        std::iter::once(first).chain(older.iter().map(|(_, secret)| secret)).chain(legacy)
    }

    /// The same versions with every secret replaced by what `derive` makes of it.
    #[must_use]
    pub fn map(&self, mut derive: impl FnMut(&Secret) -> Secret) -> Self {
        Self(match &self.0 {
            Keys::Single(secret) => Keys::Single(derive(secret)),
            Keys::Rotated { current, older, legacy } => Keys::Rotated {
                current: (current.0, derive(&current.1)),
                older: older.iter().map(|(version, secret)| (*version, derive(secret))).collect(),
                legacy: legacy.as_ref().map(derive),
            },
        })
    }
}

impl fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKeys")
            .field("current_version", &self.current_version())
            .field("secrets", &self.all().count())
            .finish()
    }
}

/// Reads the `BETTER_AUTH_SECRETS` form: `2:newest,1:older`. Spaces around entries and values are
/// dropped; a secret may contain colons but no commas.
///
/// # Errors
///
/// [`SecretError`] naming the entry. Unlike the reference, which reads `2x` as version 2, a
/// version must be digits only.
pub fn parse_versions(text: &str) -> Result<Vec<(u32, Secret)>, SecretError> {
    if text.trim().is_empty() {
        return Err(SecretError::Empty);
    }
    text.split(',')
        .enumerate()
        .map(|(index, entry)| {
            let (version, value) = entry.split_once(':').ok_or(SecretError::Syntax(index + 1))?;
            let version = version.trim();
            if !version.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(SecretError::Version(index + 1));
            }
            let version = version.parse().map_err(|_| SecretError::Version(index + 1))?;
            let value = value.trim();
            if value.is_empty() {
                return Err(SecretError::EmptyValue(version));
            }
            Ok((version, Secret::from(value)))
        })
        .collect()
}

/// The most serious weakness of a secret, judged as the reference judges it when it starts.
#[must_use]
pub fn weakness(secret: &Secret) -> Option<Weakness> {
    let text = secret.expose();
    if text == PLACEHOLDER_SECRET {
        return Some(Weakness::Placeholder);
    }
    let length = text.encode_utf16().count();
    if length < RECOMMENDED_LENGTH {
        return Some(Weakness::Short);
    }
    let distinct = text.chars().collect::<HashSet<_>>().len();
    let bits = length as f64 * (distinct as f64).log2();
    (bits < RECOMMENDED_BITS).then_some(Weakness::LowEntropy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotated(versions: &[(u32, &str)], legacy: Option<&str>) -> Result<SecretKeys, SecretError> {
        let versions = versions.iter().map(|(version, value)| (*version, Secret::from(*value))).collect();
        SecretKeys::rotated(versions, legacy.map(Secret::from))
    }

    fn exposed(keys: &SecretKeys) -> Vec<&str> {
        keys.all().map(Secret::expose).collect()
    }

    #[test]
    fn a_single_secret_signs_and_has_no_version() {
        let keys = SecretKeys::single(Secret::from("one"));
        assert_eq!(keys.signing().expose(), "one");
        assert_eq!(keys.current_version(), None);
        assert_eq!(keys.version(0), None);
        assert_eq!(keys.unversioned().unwrap().expose(), "one");
        assert_eq!(exposed(&keys), ["one"]);
    }

    #[test]
    fn the_first_rotated_secret_is_current() {
        let keys = rotated(&[(2, "new"), (1, "old")], Some("legacy")).unwrap();
        assert_eq!(keys.signing().expose(), "new");
        assert_eq!(keys.current_version(), Some(2));
        assert_eq!(keys.version(1).unwrap().expose(), "old");
        assert_eq!(keys.version(3), None);
        assert_eq!(keys.unversioned().unwrap().expose(), "legacy");
        assert_eq!(exposed(&keys), ["new", "old", "legacy"]);
    }

    #[test]
    fn a_legacy_secret_that_is_already_listed_is_tried_once() {
        let keys = rotated(&[(2, "new"), (1, "old")], Some("old")).unwrap();
        assert_eq!(exposed(&keys), ["new", "old"]);
    }

    #[test]
    fn an_empty_or_placeholder_legacy_secret_is_ignored() {
        for legacy in ["", PLACEHOLDER_SECRET] {
            let keys = rotated(&[(1, "new")], Some(legacy)).unwrap();
            assert_eq!(keys.unversioned(), None);
        }
    }

    #[test]
    fn refuses_unusable_lists() {
        assert_eq!(rotated(&[], None).unwrap_err(), SecretError::Empty);
        assert_eq!(rotated(&[(1, "")], None).unwrap_err(), SecretError::EmptyValue(1));
        assert_eq!(rotated(&[(1, "a"), (1, "b")], None).unwrap_err(), SecretError::DuplicateVersion(1));
    }

    #[test]
    fn reads_the_environment_form() {
        let versions = parse_versions(" 2: new:er , 1:old").unwrap();
        let versions: Vec<_> = versions.iter().map(|(v, s)| (*v, s.expose())).collect();
        assert_eq!(versions, [(2, "new:er"), (1, "old")]);
    }

    #[test]
    fn refuses_malformed_environment_forms() {
        for (text, error) in [
            ("", SecretError::Empty),
            ("2:new,old", SecretError::Syntax(2)),
            ("x:new", SecretError::Version(1)),
            ("-1:new", SecretError::Version(1)),
            ("+1:new", SecretError::Version(1)),
            (":new", SecretError::Version(1)),
            ("3:", SecretError::EmptyValue(3)),
        ] {
            assert_eq!(parse_versions(text).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn judges_secrets_as_the_reference_does() {
        let judge = |text: &str| weakness(&Secret::from(text));
        assert_eq!(judge(PLACEHOLDER_SECRET), Some(Weakness::Placeholder));
        assert_eq!(judge("short"), Some(Weakness::Short));
        assert_eq!(judge(&"ab".repeat(32)), Some(Weakness::LowEntropy));
        assert_eq!(judge(&"ab".repeat(60)), None);
        assert_eq!(judge("better-auth-secret-that-is-long-enough"), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let keys = rotated(&[(2, "hunter2")], Some("hunter3")).unwrap();
        assert!(!format!("{keys:?}").contains("hunter"));
    }
}
