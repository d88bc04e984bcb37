//! Email and password, and email verification.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SecretText;
use crate::crypto::password::{Argon2Params, BadPasswordKey, HashAlgorithm, PasswordKeys};

/// Sign-up and sign-in with an email address and a password.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EmailAndPassword {
    /// Whether it is on at all.
    pub enabled: bool,
    /// Whether new users are refused.
    pub disable_sign_up: bool,
    /// Whether an unverified address may not sign in.
    pub require_email_verification: bool,
    /// The fewest UTF-16 code units of a new password.
    pub min_password_length: usize,
    /// The most UTF-16 code units of any password; longer ones are refused before they are hashed.
    pub max_password_length: usize,
    /// Whether a new user is signed in at once.
    pub auto_sign_in: bool,
    /// Whether password reset messages are sent. Without it the routes answer that reset is not enabled.
    pub send_reset_password: bool,
    /// How long a reset token is good, in seconds.
    pub reset_password_token_expires_in: i64,
    /// Whether a reset ends all sessions of the user.
    pub revoke_sessions_on_password_reset: bool,
    /// Whether the owner of an address is told when somebody tries to sign up with it again.
    pub notify_existing_user_sign_up: bool,
    /// How passwords are hashed.
    pub password: PasswordHashing,
}

impl Default for EmailAndPassword {
    fn default() -> Self {
        Self {
            enabled: false,
            disable_sign_up: false,
            require_email_verification: false,
            min_password_length: 8,
            max_password_length: 128,
            auto_sign_in: true,
            send_reset_password: false,
            reset_password_token_expires_in: 3600,
            revoke_sessions_on_password_reset: false,
            notify_existing_user_sign_up: false,
            password: PasswordHashing::default(),
        }
    }
}

/// How passwords are hashed. Hashes of other kinds, those of other systems included, are always verified.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PasswordHashing {
    /// `argon2id`, or `scrypt` to write what the reference writes (and reads).
    pub algorithm: PasswordAlgorithm,
    /// Memory of Argon2id in KiB.
    pub memory_kib: u32,
    /// Passes of Argon2id.
    pub iterations: u32,
    /// Lanes of Argon2id.
    pub parallelism: u32,
    /// Whether a sign-in replaces a hash of another kind or strength.
    pub rehash: bool,
    /// Secrets that another system appended to every password before it hashed it, by the name that the hashes have.
    pub peppers: BTreeMap<String, SecretText>,
    /// Signer keys of Firebase projects, in base64, by the name that the hashes have.
    pub firebase_signer_keys: BTreeMap<String, SecretText>,
}

/// A password hash function.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum PasswordAlgorithm {
    /// Argon2id, RFC 9106.
    #[default]
    Argon2id,
    /// scrypt as the reference configures it.
    Scrypt,
}

impl Default for PasswordHashing {
    fn default() -> Self {
        let params = Argon2Params::default();
        Self {
            algorithm: PasswordAlgorithm::default(),
            memory_kib: params.memory_kib,
            iterations: params.passes,
            parallelism: params.lanes,
            rehash: true,
            peppers: BTreeMap::new(),
            firebase_signer_keys: BTreeMap::new(),
        }
    }
}

impl PasswordHashing {
    /// The keys that stored hashes may name.
    ///
    /// # Errors
    /// [`BadPasswordKey`].
    pub fn keys(&self) -> Result<PasswordKeys, BadPasswordKey> {
        PasswordKeys::new(texts(&self.peppers), texts(&self.firebase_signer_keys))
    }

    /// The function that new hashes are made with.
    #[must_use]
    pub fn wanted(&self) -> HashAlgorithm {
        match self.algorithm {
            PasswordAlgorithm::Scrypt => HashAlgorithm::Scrypt,
            PasswordAlgorithm::Argon2id => HashAlgorithm::Argon2id(Argon2Params {
                memory_kib: self.memory_kib,
                passes: self.iterations,
                lanes: self.parallelism,
            }),
        }
    }
}

fn texts(keys: &BTreeMap<String, SecretText>) -> impl Iterator<Item = (&str, &str)> {
    keys.iter().map(|(name, key)| (name.as_str(), key.0.expose()))
}

/// Email verification.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EmailVerification {
    /// Whether verification messages are sent. Without it the routes answer that verification is not enabled.
    pub send_verification_email: bool,
    /// Whether sign-up sends one; by default when verification is required.
    pub send_on_sign_up: Option<bool>,
    /// Whether a sign-in that is refused for want of verification sends one.
    pub send_on_sign_in: bool,
    /// Whether following the link signs in.
    pub auto_sign_in_after_verification: bool,
    /// How long the link is good, in seconds.
    pub expires_in: i64,
}

impl Default for EmailVerification {
    fn default() -> Self {
        Self {
            send_verification_email: false,
            send_on_sign_up: None,
            send_on_sign_in: false,
            auto_sign_in_after_verification: false,
            expires_in: 3600,
        }
    }
}
