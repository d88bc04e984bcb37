//! What an operator can decide about phone numbers.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::schema::Row;

/// The options of the phone number plugin. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PhoneNumberOptions {
    /// How many digits a code has; 0 stands for 6, as in the reference.
    pub otp_length: usize,
    /// How long a code is good, in seconds; 0 stands for 300, as in the reference.
    pub expires_in: i64,
    /// How many wrong guesses a code bears.
    pub allowed_attempts: u32,
    /// Whether codes are sent that prove a number. Without it the route answers that it is not implemented.
    pub send_otp: bool,
    /// Whether codes are sent that replace a forgotten password. Without it the route answers the same and sends nothing.
    pub send_password_reset_otp: bool,
    /// Whether a number that was not proven may not sign in, with whatever password.
    pub require_verification: bool,
    /// Whether whoever proves a number that is nobody's becomes a user, and how.
    #[serde(with = "switch")]
    pub sign_up_on_verification: Option<SignUp>,
    #[serde(skip)]
    pub(super) phone_number_validator: Option<Judge>,
    #[serde(skip)]
    pub(super) verify_otp: Option<Verifier>,
    #[serde(skip)]
    pub(super) on_verification: Option<Verified>,
}

impl Default for PhoneNumberOptions {
    fn default() -> Self {
        Self {
            otp_length: 6,
            expires_in: 300,
            allowed_attempts: 3,
            send_otp: true,
            send_password_reset_otp: true,
            require_verification: false,
            sign_up_on_verification: None,
            phone_number_validator: None,
            verify_otp: None,
            on_verification: None,
        }
    }
}

impl PhoneNumberOptions {
    /// Which numbers are allowed, instead of all texts.
    #[must_use]
    pub fn phone_number_validator<F, T>(mut self, allowed: F) -> Self
    where
        F: Fn(String) -> T + Send + Sync + 'static,
        T: Future<Output = bool> + Send + 'static,
    {
        self.phone_number_validator = Some(Judge(Arc::new(move |number| Box::pin(allowed(number)))));
        self
    }

    /// Codes are judged by `verify`, which is told the number and the guess, instead of by what this server has stored: for
    /// services that make and check codes themselves. How often it may be wrong is for such a service to limit.
    #[must_use]
    pub fn verify_otp<F, T>(mut self, verify: F) -> Self
    where
        F: Fn(String, String) -> T + Send + Sync + 'static,
        T: Future<Output = bool> + Send + 'static,
    {
        self.verify_otp = Some(Verifier(Arc::new(move |number, guess| Box::pin(verify(number, guess)))));
        self
    }

    /// Told the number and the user's row when a number was proven.
    #[must_use]
    pub fn on_verification<F, T>(mut self, told: F) -> Self
    where
        F: Fn(String, Row) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        self.on_verification = Some(Verified(Arc::new(move |number, user| Box::pin(told(number, user)))));
        self
    }

    pub(super) fn length(&self) -> usize {
        if self.otp_length == 0 { 6 } else { self.otp_length }
    }

    pub(super) fn lifetime(&self) -> i64 {
        if self.expires_in == 0 { 300 } else { self.expires_in }
    }
}

type Text = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// How somebody becomes a user by a number. In a configuration file `true` stands for the default and `false` for nobody.
#[derive(Clone, Default)]
pub struct SignUp {
    /// The address of a user with this number; by default one of random letters that no mail reaches.
    pub(super) temp_email: Option<Text>,
    /// The name of a user with this number; by default the number.
    pub(super) temp_name: Option<Text>,
}

impl SignUp {
    /// With addresses as `make` makes them for a number. They must be nobody's, and stay so: whoever receives mail there can take
    /// the user over.
    #[must_use]
    pub fn temp_email(mut self, make: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.temp_email = Some(Arc::new(make));
        self
    }

    /// With names as `make` makes them for a number.
    #[must_use]
    pub fn temp_name(mut self, make: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.temp_name = Some(Arc::new(make));
        self
    }
}

/// In a configuration file it is on or off.
mod switch {
    use super::{Deserialize, Deserializer, Serialize, Serializer, SignUp};

    pub(super) fn serialize<S: Serializer>(sign_up: &Option<SignUp>, serializer: S) -> Result<S::Ok, S::Error> {
        sign_up.is_some().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SignUp>, D::Error> {
        Ok(bool::deserialize(deserializer)?.then(SignUp::default))
    }
}

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Which numbers are allowed.
#[derive(Clone)]
pub(super) struct Judge(pub(super) Arc<dyn Fn(String) -> Pending<bool> + Send + Sync>);

/// What judges codes.
#[derive(Clone)]
pub(super) struct Verifier(pub(super) Arc<dyn Fn(String, String) -> Pending<bool> + Send + Sync>);

/// What is told of proven numbers.
#[derive(Clone)]
pub(super) struct Verified(pub(super) Arc<dyn Fn(String, Row) -> Pending<()> + Send + Sync>);

macro_rules! opaque {
    ($($type:ident)+) => {
        $(impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($type))
            }
        })+
    };
}

opaque! { Judge SignUp Verified Verifier }
