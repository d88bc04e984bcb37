//! From a stored text to the function that made it.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::argon2id::Argon2Hash;
use super::foreign::{Bcrypt, FirebaseScrypt, Pbkdf2, Scrypt, UnreadableHash};
use super::password_keys::PasswordKeys;
use super::scrypt_text::ScryptText;
use super::secret::Secret;

/// Longest stored text that is looked at, in bytes.
const MAX_TEXT: usize = 2048;

/// A stored hash that can be checked within the limits.
pub(super) enum StoredHash<'t> {
    Argon2(Argon2Hash),
    Bcrypt(Bcrypt, Option<&'t Secret>),
    FirebaseScrypt(FirebaseScrypt<'t>),
    Pbkdf2(Pbkdf2),
    /// The reference's own.
    ScryptText(ScryptText<'t>),
    Scrypt(Scrypt),
}

impl<'t> StoredHash<'t> {
    pub(super) fn parse(text: &'t str, keys: &'t PasswordKeys) -> Result<Self, UnreadableHash> {
        if text.len() > MAX_TEXT {
            return Err(UnreadableHash::Malformed);
        }
        if !text.contains('$') {
            return ScryptText::parse(text).map(Self::ScryptText);
        }
        if text.starts_with("$argon2") {
            return Argon2Hash::parse(text).map(Self::Argon2);
        }
        if text.starts_with("$2") {
            return Bcrypt::parse(text).map(|hash| Self::Bcrypt(hash, None));
        }
        if let Some(rest) = text.strip_prefix("$pepper$k=") {
            let at = rest.find('$').ok_or(UnreadableHash::Malformed)?;
            let (key, bcrypt) = rest.split_at(at);
            return Ok(Self::Bcrypt(Bcrypt::parse(bcrypt)?, Some(keys.pepper(key)?)));
        }
        if text.starts_with("$scrypt$") {
            return Scrypt::parse(text).map(Self::Scrypt);
        }
        if text.starts_with("$firebase-scrypt$") {
            return FirebaseScrypt::parse(text, keys).map(Self::FirebaseScrypt);
        }
        if text.starts_with("$pbkdf2") || text.starts_with("pbkdf2_") {
            return Pbkdf2::parse(text).map(Self::Pbkdf2);
        }
        Err(UnreadableHash::Unknown)
    }

    /// Whether this is the hash of `password`.
    ///
    /// The reference normalizes a password (NFKC) before it hashes it, and so does this server; others do not. An Argon2id
    /// hash may be ours or somebody else's, so the other form is tried when the first does not match: a second hash, but only
    /// for passwords that normalization changes.
    pub(super) fn matches(&self, password: &Secret) -> bool {
        let raw = password.expose();
        match self {
            Self::ScryptText(hash) => hash.matches(&normalize(raw)),
            Self::Argon2(hash) if hash.is_argon2id() => {
                let normal = normalize(raw);
                hash.matches(normal.as_bytes()) || (*normal != raw && hash.matches(raw.as_bytes()))
            }
            Self::Argon2(hash) => hash.matches(raw.as_bytes()),
            Self::Bcrypt(hash, pepper) => {
                let pepper = pepper.map_or(&[][..], |pepper| pepper.expose().as_bytes());
                hash.matches(raw.as_bytes(), pepper)
            }
            Self::FirebaseScrypt(hash) => hash.matches(raw.as_bytes()),
            Self::Pbkdf2(hash) => hash.matches(raw.as_bytes()),
            Self::Scrypt(hash) => hash.matches(raw.as_bytes()),
        }
    }
}

/// The form of a password in which the reference hashes it.
pub(super) fn normalize(password: &str) -> Zeroizing<String> {
    // Reserved up front so that growing does not leave copies behind in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(password.len() * 3));
    text.extend(password.nfkc());
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BCRYPT: &str = "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe";

    fn why(text: &str) -> Option<UnreadableHash> {
        StoredHash::parse(text, &PasswordKeys::default()).err()
    }

    #[test]
    fn what_nothing_made_is_not_known() {
        for text in ["", "plain", "$", "$1$salt$hash", "{SSHA}abc", "$P$B12345678", "$6$rounds=5000$a$b", "$pepper$"] {
            assert_eq!(why(text), Some(UnreadableHash::Unknown), "{text}");
        }
        assert_eq!(why(&"x".repeat(MAX_TEXT + 1)), Some(UnreadableHash::Malformed));
    }

    #[test]
    fn a_pepper_stands_behind_the_password_and_not_in_the_row() {
        // The hash of "a", so that the password is the part before the pepper.
        let text = super::super::foreign::peppered("devise", BCRYPT);
        let keys = PasswordKeys::new([("devise", "a")], []).unwrap();
        let stored = StoredHash::parse(&text, &keys).unwrap();
        assert!(stored.matches(&Secret::from("")));
        assert!(!stored.matches(&Secret::from("a")));
        assert_eq!(why(&text), Some(UnreadableHash::MissingKey { kind: "pepper", name: "devise".to_owned() }));
        for bad in ["$pepper$k=devise", "$pepper$k=DEVISE$2a$06$x", "$pepper$k=$2a$06$x"] {
            assert_eq!(StoredHash::parse(bad, &keys).err(), Some(UnreadableHash::Malformed), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reads_any_text(text in "\\PC{0,100}") {
            let _ = why(&text);
        }
    }
}
