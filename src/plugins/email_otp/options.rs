//! What an operator can decide about codes in mails.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    domain::{options::Limit, stored_secret::StoreCode},
    wire::shape::choice,
};

choice! {
    /// What a code is for. One for one thing is none for another.
    pub enum Purpose {
        /// Proves an address.
        EmailVerification = "email-verification",
        /// Signs in.
        SignIn = "sign-in",
        /// Replaces a forgotten password.
        ForgetPassword = "forget-password",
        /// Proves a new address.
        ChangeEmail = "change-email",
    }
}

/// The options of the email OTP plugin. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EmailOtpOptions {
    /// How many digits a code has.
    pub otp_length: usize,
    /// How long a code is good, in seconds.
    pub expires_in: i64,
    /// How many wrong guesses a code bears; 0 stands for 3, as in the reference.
    pub allowed_attempts: u32,
    /// How codes are stored.
    pub store_otp: StoreCode,
    /// What a second request gets while the first one's code is good.
    pub resend_strategy: Resend,
    /// Whether a code signs in known users only.
    pub disable_sign_up: bool,
    /// Whether whoever signs up is sent a code that proves the address.
    pub send_verification_on_sign_up: bool,
    /// Whether codes are sent wherever links would be that prove an address.
    pub override_default_email_verification: bool,
    /// Changing the address by codes.
    pub change_email: ChangeEmail,
    /// How often one client may use each route.
    pub rate_limit: Limit,
    #[serde(skip)]
    pub(super) generate_otp: Option<Generate>,
}

/// What a second request gets.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Resend {
    /// A new code; the old one is void.
    #[default]
    Rotate,
    /// The same code, good for longer. Codes that are stored hashed cannot be sent again, and neither are those that bear no
    /// more wrong guesses: there is a new one then.
    Reuse,
}

/// Changing the address by codes.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeEmail {
    /// Whether it is allowed.
    pub enabled: bool,
    /// Whether the old address must agree, by a code of its own.
    pub verify_current_email: bool,
}

impl Default for EmailOtpOptions {
    fn default() -> Self {
        Self {
            otp_length: 6,
            expires_in: 300,
            allowed_attempts: 3,
            store_otp: StoreCode::default(),
            resend_strategy: Resend::default(),
            disable_sign_up: false,
            send_verification_on_sign_up: false,
            override_default_email_verification: false,
            change_email: ChangeEmail::default(),
            rate_limit: Limit { window: 60, max: 3 },
            generate_otp: None,
        }
    }
}

impl EmailOtpOptions {
    /// Codes as `generate` makes them for an address, instead of random digits. Where it answers `None` the code is of random
    /// digits all the same.
    #[must_use]
    pub fn generate_otp(mut self, generate: impl Fn(&str, Purpose) -> Option<String> + Send + Sync + 'static) -> Self {
        self.generate_otp = Some(Generate(Arc::new(generate)));
        self
    }

    /// How many wrong guesses a code bears.
    pub(super) fn allowed(&self) -> u32 {
        if self.allowed_attempts == 0 { 3 } else { self.allowed_attempts }
    }
}

type Made = dyn Fn(&str, Purpose) -> Option<String> + Send + Sync;

/// The application's own way to make codes.
#[derive(Clone)]
pub(super) struct Generate(pub(super) Arc<Made>);

impl fmt::Debug for Generate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generate")
    }
}
