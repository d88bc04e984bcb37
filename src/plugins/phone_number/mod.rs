//! The phone number plugin: a number that is proven by a code in a text, to sign in with and to replace a forgotten password.
//!
//! ```
//! use kernia::plugins::phone_number::{PhoneNumber, PhoneNumberOptions, SignUp};
//!
//! let mut options = PhoneNumberOptions::default().phone_number_validator(async |number| number.starts_with('+'));
//! options.sign_up_on_verification = Some(SignUp::default());
//! let plugin = PhoneNumber::new(options);
//! ```

pub mod errors;

mod hooks;
mod logic;
mod options;
pub mod routes;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use options::{PhoneNumberOptions, SignUp};

use crate::{
    domain::{Hooks, Plugin, RateRule, Route, UniqueError, WayIn, options::Limit},
    engine::{ApiError, Channel, PathMatch},
    schema::{Table, USER},
};

/// Phone numbers.
#[derive(Clone, Debug, Default)]
pub struct PhoneNumber {
    options: Arc<PhoneNumberOptions>,
}

impl PhoneNumber {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: PhoneNumberOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for PhoneNumber {
    fn id(&self) -> &'static str {
        "phone-number"
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
        hooks::all()
    }

    fn ways_in(&self) -> Vec<WayIn> {
        vec![WayIn::Field(schema::PHONE_NUMBER)]
    }

    fn sends_by(&self) -> &'static [Channel] {
        if self.options.send_otp || self.options.send_password_reset_otp { &[Channel::Text] } else { &[] }
    }

    fn rate_limits(&self) -> Vec<RateRule> {
        vec![RateRule::new(PathMatch::Prefix("/phone-number"), Limit { window: 60, max: 10 })]
    }

    fn unique_errors(&self) -> Vec<UniqueError> {
        vec![UniqueError { table: USER, field: schema::PHONE_NUMBER, error: errors::PHONE_NUMBER_EXIST }]
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}
