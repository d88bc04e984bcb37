//! The two-factor plugin: whoever signs in by a password also shows a code, of an authenticator app (TOTP, RFC 6238), of a message
//! (OTP), or one of the backup codes they have put away.
//!
//! ```
//! use kernia::plugins::two_factor::{TwoFactor, TwoFactorOptions};
//!
//! let mut options = TwoFactorOptions::default();
//! options.otp_options.send = true;
//! let plugin = TwoFactor::new(options);
//! ```
//!
//! ```text
//! password ─► trusted device? ─► session
//!          └► challenge (cookie and two rows, no session) ─► code ─► session, and a trusted device if asked for
//! ```

pub mod errors;

mod hooks;
mod logic;
mod options;
pub mod routes;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use options::{AccountLockout, BackupCodeOptions, Challenge, OtpOptions, TotpOptions, TwoFactorOptions};
pub use schema::TWO_FACTOR;

use crate::{
    domain::{Hooks, Plugin, RateRule, Route},
    engine::{ApiError, PathMatch},
    schema::Table,
};

/// Second factors.
#[derive(Clone, Debug, Default)]
pub struct TwoFactor {
    options: Arc<TwoFactorOptions>,
}

impl TwoFactor {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: TwoFactorOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for TwoFactor {
    fn id(&self) -> &'static str {
        "two-factor"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn tables(&self) -> Vec<Table> {
        schema::tables()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.options)
    }

    fn hooks(&self) -> Hooks {
        hooks::all(&self.options)
    }

    fn rate_limits(&self) -> Vec<RateRule> {
        vec![RateRule { on: PathMatch::Prefix("/two-factor/"), window_secs: 10, max: 3 }]
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}
