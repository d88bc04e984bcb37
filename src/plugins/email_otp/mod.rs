//! The email OTP plugin: codes in mails, to sign in, to prove an address, to change it, and to replace a forgotten password.
//!
//! ```
//! use kernia::{domain::stored_secret::StoreCode, plugins::email_otp::{EmailOtp, EmailOtpOptions}};
//!
//! let mut options = EmailOtpOptions::default();
//! options.store_otp = StoreCode::Encrypted;
//! let plugin = EmailOtp::new(options);
//! ```

pub mod errors;

mod hooks;
mod logic;
mod options;
pub mod routes;

use std::sync::Arc;

use serde_json::Value;

pub use options::{ChangeEmail, EmailOtpOptions, Purpose, Resend};

use crate::{
    domain::{Hooks, Plugin, RateRule, Route, VerificationSender},
    engine::{ApiError, Channel, PathMatch},
};

/// Codes in mails.
#[derive(Clone, Debug, Default)]
pub struct EmailOtp {
    options: Arc<EmailOtpOptions>,
}

impl EmailOtp {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: EmailOtpOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for EmailOtp {
    fn id(&self) -> &'static str {
        "email-otp"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.options)
    }

    fn hooks(&self) -> Hooks {
        hooks::all(&self.options)
    }

    fn verification_sender(&self) -> Option<VerificationSender> {
        hooks::sender(&self.options)
    }

    fn sends_by(&self) -> &'static [Channel] {
        &[Channel::Mail]
    }

    fn rate_limits(&self) -> Vec<RateRule> {
        let limited = routes::LIMITED.iter();
        limited.map(|path| RateRule::new(PathMatch::One(path), self.options.rate_limit)).collect()
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}
