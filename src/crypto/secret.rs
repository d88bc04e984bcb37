//! Text that must not appear in logs and does not stay in memory.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::digest::constant_time_eq;

pub use super::secret_keys::{PLACEHOLDER_SECRET, SecretError, SecretKeys, Weakness, parse_versions, weakness};

/// Secret text: a server secret, a password, a decrypted token.
///
/// Memory is overwritten on drop. `Debug` prints the length only, there is no `Display`, and
/// comparison takes constant time. Read it with [`Secret::expose`], which is easy to search for.
#[derive(Clone)]
pub struct Secret(String);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Secret {}

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_only() {
        let secret = Secret::from("correct horse");
        assert_eq!(format!("{secret:?}"), "Secret(13 bytes)");
        assert_eq!(secret.expose(), "correct horse");
    }

    #[test]
    fn equality_is_that_of_the_text() {
        assert_eq!(Secret::from("a"), Secret::from("a".to_owned()));
        assert_ne!(Secret::from("a"), Secret::from("ab"));
    }
}
