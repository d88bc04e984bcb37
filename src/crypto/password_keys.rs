//! Secrets that other systems mixed into all their password hashes.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{digest::constant_time_eq, foreign::UnreadableHash, secret::Secret};

/// Longest name of a key, in bytes.
const MAX_NAME: usize = 32;

/// The peppers and Firebase signer keys that stored hashes name. `Debug` prints the names only.
#[derive(Clone, Default)]
pub struct PasswordKeys {
    peppers: BTreeMap<String, Secret>,
    firebase_signer_keys: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

/// Why keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPasswordKey {
    /// The name could not stand in a stored hash.
    #[error("{0:?} cannot name a key: use 1 to 32 lower case letters, digits, _ and -")]
    Name(String),
    /// The signer key is not what Firebase shows.
    #[error("the Firebase signer key {0} is no base64 text")]
    SignerKey(String),
    /// There is nothing in it.
    #[error("the key {0} is empty")]
    Empty(String),
}

impl PasswordKeys {
    /// Keys by name: peppers as text, signer keys in base64 as Firebase shows them.
    ///
    /// # Errors
    /// [`BadPasswordKey`].
    pub fn new<'k>(
        peppers: impl IntoIterator<Item = (&'k str, &'k str)>,
        firebase_signer_keys: impl IntoIterator<Item = (&'k str, &'k str)>,
    ) -> Result<Self, BadPasswordKey> {
        let mut keys = Self::default();
        for (name, pepper) in peppers {
            check(name, pepper)?;
            keys.peppers.insert(name.to_owned(), Secret::from(pepper));
        }
        for (name, key) in firebase_signer_keys {
            check(name, key)?;
            let key = STANDARD.decode(key).map_err(|_| BadPasswordKey::SignerKey(name.to_owned()))?;
            keys.firebase_signer_keys.insert(name.to_owned(), Zeroizing::new(key));
        }
        Ok(keys)
    }

    /// Whether there is a pepper called `name`.
    #[must_use]
    pub fn knows_pepper(&self, name: &str) -> bool {
        self.peppers.contains_key(name)
    }

    /// Whether there is a signer key called `name`.
    #[must_use]
    pub fn knows_firebase_signer_key(&self, name: &str) -> bool {
        self.firebase_signer_keys.contains_key(name)
    }

    /// Whether the pepper called `name` is this one.
    #[must_use]
    pub fn has_pepper(&self, name: &str, pepper: &str) -> bool {
        self.peppers.get(name).is_some_and(|known| constant_time_eq(known.expose().as_bytes(), pepper.as_bytes()))
    }

    /// Whether the signer key called `name` is this one, in base64.
    #[must_use]
    pub fn has_firebase_signer_key(&self, name: &str, key: &str) -> bool {
        let key = STANDARD.decode(key).map(Zeroizing::new);
        let known = self.firebase_signer_keys.get(name);
        known.zip(key.ok()).is_some_and(|(known, key)| constant_time_eq(known, &key))
    }

    /// The pepper called `name`.
    pub(super) fn pepper(&self, name: &str) -> Result<&Secret, UnreadableHash> {
        find(&self.peppers, "pepper", name)
    }

    /// The signer key called `name`.
    pub(super) fn firebase_signer_key(&self, name: &str) -> Result<&[u8], UnreadableHash> {
        find(&self.firebase_signer_keys, "Firebase signer key", name).map(|key| key.as_slice())
    }
}

impl fmt::Debug for PasswordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordKeys")
            .field("peppers", &self.peppers.keys())
            .field("firebase_signer_keys", &self.firebase_signer_keys.keys())
            .finish()
    }
}

fn find<'k, T>(keys: &'k BTreeMap<String, T>, kind: &'static str, name: &str) -> Result<&'k T, UnreadableHash> {
    if !is_name(name) {
        return Err(UnreadableHash::Malformed);
    }
    keys.get(name).ok_or_else(|| UnreadableHash::MissingKey { kind, name: name.to_owned() })
}

fn check(name: &str, key: &str) -> Result<(), BadPasswordKey> {
    match (is_name(name), key.is_empty()) {
        (false, _) => Err(BadPasswordKey::Name(name.to_owned())),
        (true, true) => Err(BadPasswordKey::Empty(name.to_owned())),
        (true, false) => Ok(()),
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_keys_are_something() {
        let pepper = |name: &str, key: &str| PasswordKeys::new([(name, key)], []).err();
        assert_eq!(pepper("devise-2", "x"), None);
        for name in ["", "A", "a,b", "a$b", "a b", &"x".repeat(33)] {
            assert_eq!(pepper(name, "x"), Some(BadPasswordKey::Name(name.to_owned())));
        }
        assert_eq!(pepper("a", ""), Some(BadPasswordKey::Empty("a".to_owned())));
        let signer = PasswordKeys::new([], [("a", "not base64")]).err();
        assert_eq!(signer, Some(BadPasswordKey::SignerKey("a".to_owned())));
    }

    #[test]
    fn keys_can_be_compared_and_not_read() {
        let keys = PasswordKeys::new([("a", "x")], [("b", "AAAA")]).unwrap();
        assert!(keys.knows_pepper("a") && keys.knows_firebase_signer_key("b"));
        assert!(!keys.knows_pepper("b") && !keys.knows_firebase_signer_key("a"));
        assert!(keys.has_pepper("a", "x") && keys.has_firebase_signer_key("b", "AAAA"));
        assert!(!keys.has_pepper("a", "y") && !keys.has_pepper("b", "x"));
        assert!(!keys.has_firebase_signer_key("b", "AAAB") && !keys.has_firebase_signer_key("b", "?"));
        assert!(!keys.has_firebase_signer_key("a", "AAAA"));
    }

    #[test]
    fn debug_shows_the_names_only() {
        let keys = PasswordKeys::new([("devise", "hunter2")], [("app", "aHVudGVyMg==")]).unwrap();
        let printed = format!("{keys:?}");
        assert!(printed.contains("devise") && printed.contains("app"));
        assert!(!printed.contains("hunter2") && !printed.contains("104"), "{printed}");
    }
}
