//! What an operator can decide about second factors. Names are the reference's.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::domain::stored_secret::StoreCode;

/// The options of the two-factor plugin. What takes code is set by methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TwoFactorOptions {
    /// The name that authenticator apps show a new key under; without it the product's.
    pub issuer: Option<String>,
    /// Authenticator apps.
    pub totp_options: TotpOptions,
    /// Codes that are sent.
    pub otp_options: OtpOptions,
    /// Backup codes.
    pub backup_code_options: BackupCodeOptions,
    /// Whether a new authenticator app counts before it has shown a code.
    pub skip_verification_on_enable: bool,
    /// Whether users without a password may set a second factor up. Who has a password is still asked for it.
    pub allow_passwordless: bool,
    /// How long a sign-in waits for its second factor, in seconds.
    pub two_factor_cookie_max_age: i64,
    /// How long a trusted device stays so without a sign-in, in seconds.
    pub trust_device_max_age: i64,
    /// What happens to users of whom too many wrong codes come.
    pub account_lockout: AccountLockout,
    /// Which ways to sign in ask for a second factor.
    pub challenge: Challenge,
    /// Where browsers go to give their second factor, when they come by a link or from a provider; `methods` is added to its
    /// query. Only with [`Challenge::Every`].
    pub two_factor_page: String,
}

impl Default for TwoFactorOptions {
    fn default() -> Self {
        Self {
            issuer: None,
            totp_options: TotpOptions::default(),
            otp_options: OtpOptions::default(),
            backup_code_options: BackupCodeOptions::default(),
            skip_verification_on_enable: false,
            allow_passwordless: false,
            two_factor_cookie_max_age: 600,
            trust_device_max_age: 2_592_000,
            account_lockout: AccountLockout::default(),
            challenge: Challenge::default(),
            two_factor_page: "/two-factor".to_owned(),
        }
    }
}

/// Which ways to sign in ask for a second factor.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Challenge {
    /// Those by a password: `/sign-in/email`, `/sign-in/username` and `/sign-in/phone-number`, as in the reference. Links and codes
    /// in a mailbox or a phone, providers and passkeys are believed without.
    #[default]
    Password,
    /// All but passkeys that were unlocked by a PIN or a fingerprint, which are two factors in one.
    Every,
}

/// Authenticator apps.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TotpOptions {
    /// Whether there are none.
    pub disable: bool,
    /// The digits of a code, at most 8; 0 stands for 6, as in the reference.
    pub digits: u32,
    /// How long a code is shown, in seconds; 0 stands for 30.
    pub period: u64,
    /// Whether a code opens more than once while it is shown, as in the reference.
    pub allow_reuse: bool,
    /// [`TwoFactorOptions::allow_passwordless`] for the key of an app, if it is to be another.
    pub allow_passwordless: Option<bool>,
}

impl Default for TotpOptions {
    fn default() -> Self {
        Self { disable: false, digits: 6, period: 30, allow_reuse: false, allow_passwordless: None }
    }
}

/// Codes that are sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OtpOptions {
    /// Whether codes are sent: a message `two-factor-otp`.
    #[serde(rename = "send_otp")]
    pub send: bool,
    /// How long a code is good, in minutes; 0 stands for 3.
    pub period: i64,
    /// The digits of a code; 0 stands for none.
    pub digits: usize,
    /// How many wrong codes end one; 0 stands for 5.
    pub allowed_attempts: i64,
    /// How codes are stored.
    #[serde(rename = "store_otp")]
    pub store: StoreCode,
    /// How many codes a user is sent in ten minutes, whoever asks and from wherever, where rate limits are on.
    pub max_sends: u64,
}

impl Default for OtpOptions {
    fn default() -> Self {
        Self { send: false, period: 3, digits: 6, allowed_attempts: 5, store: StoreCode::Plain, max_sends: 10 }
    }
}

/// Backup codes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BackupCodeOptions {
    /// How many there are.
    pub amount: usize,
    /// The letters and digits of a code; a dash is put behind the fifth.
    pub length: usize,
    /// How they are stored. Hashes cannot be, for the server's own code can look at them.
    #[serde(rename = "store_backup_codes", deserialize_with = "openable")]
    pub store: StoreCode,
    /// [`TwoFactorOptions::allow_passwordless`] for new codes, if it is to be another.
    pub allow_passwordless: Option<bool>,
    #[serde(skip)]
    pub(super) generate: Option<Generate>,
}

impl Default for BackupCodeOptions {
    fn default() -> Self {
        Self { amount: 10, length: 10, store: StoreCode::Encrypted, allow_passwordless: None, generate: None }
    }
}

impl BackupCodeOptions {
    /// Codes as `generate` makes them: hard to guess, and never the same twice.
    #[must_use]
    pub fn custom_backup_codes_generate(mut self, generate: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Self {
        self.generate = Some(Generate(Arc::new(generate)));
        self
    }
}

fn openable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StoreCode, D::Error> {
    let form = StoreCode::deserialize(deserializer)?;
    if form.is_recoverable() { Ok(form) } else { Err(D::Error::unknown_variant("hashed", &["plain", "encrypted"])) }
}

/// What happens to users of whom too many wrong codes come, whatever the sign-in and the kind of code.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountLockout {
    /// Whether anything does.
    pub enabled: bool,
    /// How many in a row.
    pub max_failed_attempts: i64,
    /// How long no code of theirs is looked at then, in seconds.
    pub duration_seconds: i64,
}

impl Default for AccountLockout {
    fn default() -> Self {
        Self { enabled: true, max_failed_attempts: 10, duration_seconds: 900 }
    }
}

/// The application's own backup codes.
#[derive(Clone)]
pub(super) struct Generate(pub(super) Arc<dyn Fn() -> Vec<String> + Send + Sync>);

impl fmt::Debug for Generate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generate")
    }
}
