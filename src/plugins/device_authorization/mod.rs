//! The device flow (RFC 8628): a device without a browser shows a code, somebody who is signed in elsewhere types it in and approves,
//! and the device gets a session of theirs.
//!
//! ```
//! use kernia::plugins::device_authorization::{DeviceAuthorization, DeviceAuthorizationOptions};
//!
//! let options = DeviceAuthorizationOptions::default().validate_client(async |client| client == "tv");
//! let plugin = DeviceAuthorization::new(options);
//! ```

pub mod errors;

mod hooks;
mod logic;
mod options;
pub mod routes;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use options::{ClientRule, DeviceAuthorizationOptions, Generator, RequestListener};

use self::logic::Rules;
use crate::{
    domain::{Hooks, Plugin, PromisedSession, RateRule, Route},
    engine::{ApiError, PathMatch},
    schema::Table,
    store::Filter,
};

/// How often one client may name a user code on each of these paths while a code lives: they are short enough to be guessed otherwise. Beyond
/// the reference, also where it is decided, for what is answered there tells whether there is such a code.
const MAX_GUESSES: u64 = 5;
const GUESSED: PathMatch = PathMatch::OneOf(&["/device", "/device/approve", "/device/deny"]);

/// Sign-in of devices.
#[derive(Clone, Debug, Default)]
pub struct DeviceAuthorization {
    rules: Arc<Rules>,
}

impl DeviceAuthorization {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: DeviceAuthorizationOptions) -> Self {
        Self { rules: Arc::new(Rules::new(options)) }
    }
}

impl Plugin for DeviceAuthorization {
    fn id(&self) -> &'static str {
        "device-authorization"
    }

    fn options(&self) -> Value {
        serde_json::to_value(self.rules.options()).unwrap_or_default()
    }

    fn tables(&self) -> Vec<Table> {
        schema::tables()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.rules)
    }

    fn hooks(&self) -> Hooks {
        hooks::all()
    }

    fn rate_limits(&self) -> Vec<RateRule> {
        let window_secs = u64::try_from(self.rules.options().expires_in).unwrap_or_default();
        vec![RateRule { on: GUESSED, window_secs, max: MAX_GUESSES }]
    }

    fn promised_sessions(&self) -> Vec<PromisedSession> {
        let when = Filter::eq("status", logic::APPROVED);
        vec![PromisedSession { table: schema::DEVICE_CODE, user_id: "userId".into(), when }]
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}
