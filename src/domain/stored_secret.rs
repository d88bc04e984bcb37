//! The forms in which one-time tokens and codes are stored.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Cx;
use crate::{
    crypto::digest::{constant_time_eq, sha256_base64url},
    wire::envelope,
};

type Text = Arc<dyn Fn(&str) -> String + Send + Sync>;
type Opened = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How a token is stored whose holder shows it whole. In a configuration file `"plain"` or `"hashed"`.
#[derive(Clone, Default)]
pub enum StoreToken {
    /// As it is.
    #[default]
    Plain,
    /// As unpadded base64url of its SHA-256.
    Hashed,
    /// As a function makes it: always the same of the same token.
    Custom(Text),
}

impl StoreToken {
    /// As `hash` makes it: always the same of the same token.
    #[must_use]
    pub fn custom(hash: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(hash))
    }

    /// The form in which `token` is stored.
    #[must_use]
    pub fn stored(&self, token: &str) -> String {
        match self {
            Self::Plain => token.to_owned(),
            Self::Hashed => sha256_base64url(token.as_bytes()),
            Self::Custom(hash) => hash(token),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Hashed => "hashed",
            Self::Custom(_) => "custom",
        }
    }
}

/// How a code is stored that a person types. In a configuration file `"plain"`, `"hashed"` or `"encrypted"`.
///
/// A hash of six digits is found by trying them all: whoever can read the database and knows the hash has the code. Encrypted ones
/// need the server's secret too.
#[derive(Clone, Default)]
pub enum StoreCode {
    /// As it is.
    #[default]
    Plain,
    /// As unpadded base64url of its SHA-256.
    Hashed,
    /// Encrypted with the server's secret.
    Encrypted,
    /// As a function makes it: always the same of the same code.
    Hasher(Text),
    /// Encrypted by functions of the application.
    Cipher {
        /// Encrypts.
        encrypt: Text,
        /// Decrypts; `None` for what it has not encrypted.
        decrypt: Opened,
    },
}

impl StoreCode {
    /// As `hash` makes it: always the same of the same code.
    #[must_use]
    pub fn hasher(hash: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::Hasher(Arc::new(hash))
    }

    /// Encrypted by `encrypt`; `decrypt` answers `None` for what that has not made.
    #[must_use]
    pub fn cipher(
        encrypt: impl Fn(&str) -> String + Send + Sync + 'static,
        decrypt: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self::Cipher { encrypt: Arc::new(encrypt), decrypt: Arc::new(decrypt) }
    }

    /// The form in which `code` is stored.
    #[must_use]
    pub fn stored(&self, cx: &Cx, code: &str) -> String {
        match self {
            Self::Plain => code.to_owned(),
            Self::Hashed => sha256_base64url(code.as_bytes()),
            Self::Encrypted => envelope::seal(&cx.app().keys, cx.entropy(), code),
            Self::Hasher(hash) => hash(code),
            Self::Cipher { encrypt, .. } => encrypt(code),
        }
    }

    /// The code that is stored as `stored`, unless it is hashed or cannot be decrypted.
    #[must_use]
    pub fn reveal(&self, cx: &Cx, stored: &str) -> Option<String> {
        match self {
            Self::Plain => Some(stored.to_owned()),
            Self::Encrypted => envelope::open(&cx.app().keys, stored).ok().map(|code| code.expose().to_owned()),
            Self::Cipher { decrypt, .. } => decrypt(stored),
            Self::Hashed | Self::Hasher(_) => None,
        }
    }

    /// Whether a code can be had back from its stored form.
    #[must_use]
    pub fn is_recoverable(&self) -> bool {
        !matches!(self, Self::Hashed | Self::Hasher(_))
    }

    /// Whether `guess` is the code that is stored as `stored`, in time that depends on lengths only.
    #[must_use]
    pub fn matches(&self, cx: &Cx, stored: &str, guess: &str) -> bool {
        let same = |left: &str, right: &str| constant_time_eq(left.as_bytes(), right.as_bytes());
        match self {
            Self::Hashed | Self::Hasher(_) => same(&self.stored(cx, guess), stored),
            _ => self.reveal(cx, stored).is_some_and(|code| same(&code, guess)),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Hashed => "hashed",
            Self::Encrypted => "encrypted",
            Self::Hasher(_) | Self::Cipher { .. } => "custom",
        }
    }
}

impl<'de> Deserialize<'de> for StoreToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "plain" => Ok(Self::Plain),
            "hashed" => Ok(Self::Hashed),
            other => Err(D::Error::unknown_variant(other, &["plain", "hashed"])),
        }
    }
}

impl<'de> Deserialize<'de> for StoreCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "plain" => Ok(Self::Plain),
            "hashed" => Ok(Self::Hashed),
            "encrypted" => Ok(Self::Encrypted),
            other => Err(D::Error::unknown_variant(other, &["plain", "hashed", "encrypted"])),
        }
    }
}

macro_rules! named {
    ($($type:ident)+) => {
        $(
            impl Serialize for $type {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(self.name())
                }
            }

            impl fmt::Debug for $type {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(self.name())
                }
            }
        )+
    };
}

named! { StoreToken StoreCode }

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn forms_are_read_by_their_names() {
        for name in ["plain", "hashed"] {
            assert_eq!(to_value(from_value::<StoreToken>(json!(name)).unwrap()).unwrap(), name);
        }
        for name in ["plain", "hashed", "encrypted"] {
            assert_eq!(to_value(from_value::<StoreCode>(json!(name)).unwrap()).unwrap(), name);
        }
        assert!(from_value::<StoreToken>(json!("encrypted")).is_err());
        assert!(from_value::<StoreCode>(json!(true)).is_err());
    }

    #[test]
    fn a_token_is_stored_as_the_reference_stores_it() {
        assert_eq!(StoreToken::Plain.stored("abc"), "abc");
        assert_eq!(StoreToken::Hashed.stored("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
        assert_eq!(StoreToken::custom(|token| format!("x{token}")).stored("abc"), "xabc");
    }
}
