//! What an operator can decide. Names are the reference's, in snake case; durations are seconds.
//!
//! Everything here is data and can be read from a configuration file. What takes code (plugins, hooks, senders) is given to
//! the builder instead. Where the reference takes a function that sends something, there is a switch here, and the driver's
//! sender gets a [`Message`](crate::engine::Message).

mod account;
mod additional_field;
mod advanced;
mod database;
mod password;
mod rate_limit;
mod session;
mod social;
mod user;
mod verification;

pub use account::{AccountLinking, AccountOptions, StateStrategy};
pub use additional_field::{AdditionalField, AdditionalFieldType, FieldReference};
pub use advanced::{
    AdvancedOptions, CookieOverride, CookieSettings, CrossSubDomainCookies, IpAddressOptions, OriginCheck,
};
pub use database::{DatabaseOptions, IdStrategy, OwnNames};
pub use password::{EmailAndPassword, EmailVerification, PasswordAlgorithm, PasswordHashing};
pub use rate_limit::{CustomRule, CustomRules, FAILURES, Limit, MESSAGES, RateLimitOptions, RateLimitStorage};
pub use session::{CookieCacheOptions, SessionOptions};
pub use social::{ClientIds, PrivateKeyJwt, SocialProvider, TokenEndpointAuth};
pub use user::{ChangeEmail, DeleteUser, UserOptions};
pub use verification::{IdentifierRules, StoreIdentifier, VerificationOptions};

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::crypto::secret::Secret;

/// All options.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The product's name, in messages.
    pub app_name: String,
    /// Where clients reach this server. Without it the origin is taken from each request.
    pub base_url: Option<BaseUrl>,
    /// The path under which all routes live.
    pub base_path: String,
    /// The secret that signs cookies and seals values.
    pub secret: Option<SecretText>,
    /// Several secrets, newest first, for rotation. `secret` then opens values sealed before rotation began.
    pub secrets: Vec<VersionedSecret>,
    /// Whether this is a production installation.
    pub mode: Mode,
    /// Origins whose pages may use this server, besides its own. Patterns with `*` and `?` are allowed.
    pub trusted_origins: Vec<String>,
    /// Paths that answer 404.
    pub disabled_paths: Vec<String>,
    /// Email and password.
    pub email_and_password: EmailAndPassword,
    /// Email verification.
    pub email_verification: EmailVerification,
    /// Users.
    pub user: UserOptions,
    /// Sessions.
    pub session: SessionOptions,
    /// Accounts.
    pub account: AccountOptions,
    /// Providers that users can sign in with, by name.
    pub social_providers: BTreeMap<String, SocialProvider>,
    /// One-time values.
    pub verification: VerificationOptions,
    /// Rate limits.
    pub rate_limit: RateLimitOptions,
    /// Whether users are told by mail when that by which they sign in changes: password, address, second factor, passkeys, linked
    /// accounts.
    pub security_notices: bool,
    /// What happens to browsers that meet an error.
    pub on_api_error: OnApiError,
    /// Cross-origin requests.
    pub cors: CorsOptions,
    /// Size limits.
    pub limits: Limits,
    /// Everything else.
    pub advanced: AdvancedOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            app_name: "Better Auth".to_owned(),
            base_url: None,
            base_path: "/api/auth".to_owned(),
            secret: None,
            secrets: Vec::new(),
            mode: Mode::default(),
            trusted_origins: Vec::new(),
            disabled_paths: Vec::new(),
            email_and_password: EmailAndPassword::default(),
            email_verification: EmailVerification::default(),
            user: UserOptions::default(),
            session: SessionOptions::default(),
            account: AccountOptions::default(),
            social_providers: BTreeMap::new(),
            verification: VerificationOptions::default(),
            rate_limit: RateLimitOptions::default(),
            security_notices: false,
            on_api_error: OnApiError::default(),
            cors: CorsOptions::default(),
            limits: Limits::default(),
            advanced: AdvancedOptions::default(),
        }
    }
}

impl Options {
    /// The same, with the usual value where 0 stands for it, as in the reference: an empty password and a session that ends as it
    /// begins are nobody's intention.
    pub(crate) fn settled(mut self) -> Self {
        fn settle<T: Default + PartialEq>(value: &mut T, usual: T) {
            if *value == T::default() {
                *value = usual;
            }
        }
        let usual = Self::default();
        let (passwords, usual_passwords) = (&mut self.email_and_password, usual.email_and_password);
        settle(&mut passwords.min_password_length, usual_passwords.min_password_length);
        settle(&mut passwords.max_password_length, usual_passwords.max_password_length);
        settle(&mut passwords.reset_password_token_expires_in, usual_passwords.reset_password_token_expires_in);
        let (deletion, usual_deletion) = (&mut self.user.delete_user, usual.user.delete_user);
        settle(&mut deletion.delete_token_expires_in, usual_deletion.delete_token_expires_in);
        settle(&mut self.session.expires_in, usual.session.expires_in);
        settle(&mut self.session.cookie_cache.max_age, usual.session.cookie_cache.max_age);
        settle(&mut self.rate_limit.window, usual.rate_limit.window);
        settle(&mut self.rate_limit.max, usual.rate_limit.max);
        self
    }
}

/// Where clients reach the server.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum BaseUrl {
    /// One address. A path in it replaces `base_path`.
    Fixed(String),
    /// Several hosts; each request's `Host` decides.
    PerHost(AllowedHosts),
}

/// The hosts under which the server may be reached.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct AllowedHosts {
    /// Host patterns, for example `*.example.com`.
    pub allowed_hosts: Vec<String>,
    /// The address for requests from other hosts; without it they are refused.
    pub fallback: Option<String>,
    /// `http`, `https` or `auto` (from the request). When absent, the request decides and only `https` origins are trusted.
    pub protocol: Option<Protocol>,
}

/// How the scheme of a per-request address is found.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// From the request.
    #[default]
    Auto,
    /// Always `http`.
    Http,
    /// Always `https`.
    Https,
}

/// Whether this is a production installation. The reference asks `NODE_ENV`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Rate limits are on, error pages tell little, an unknown client address stays unknown.
    #[default]
    Production,
    /// For the developer's own machine.
    Development,
}

/// A secret in a configuration. `Debug` and `Serialize` hide it.
#[derive(Clone)]
pub struct SecretText(pub Secret);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Secret::from(String::deserialize(deserializer)?)))
    }
}

impl Serialize for SecretText {
    /// Tells that there is one, and nothing else.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::SHOWN)
    }
}

impl SecretText {
    /// What is shown in place of a secret.
    pub const SHOWN: &str = "[secret]";
}

impl<T: Into<Secret>> From<T> for SecretText {
    fn from(secret: T) -> Self {
        Self(secret.into())
    }
}

/// One of several secrets.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct VersionedSecret {
    /// Its number, which sealed values name.
    pub version: u32,
    /// The secret.
    pub value: SecretText,
}

/// What happens to browsers that meet an error.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct OnApiError {
    /// The page they are sent to; `error` and `error_description` are added to its query.
    pub error_url: Option<String>,
}

/// Cross-origin requests of trusted origins.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct CorsOptions {
    /// Whether the engine answers preflights and adds the response headers. Turn it off when the framework does it.
    pub enabled: bool,
    /// How long a browser may remember a preflight.
    pub max_age: u32,
}

impl Default for CorsOptions {
    fn default() -> Self {
        Self { enabled: true, max_age: 600 }
    }
}

/// Size limits, checked before anything is allocated for the content.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request body.
    pub body_bytes: usize,
    /// Bytes of all request headers together.
    pub header_bytes: usize,
    /// Bytes of the request target.
    pub target_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 1024 * 1024, header_bytes: 64 * 1024, target_bytes: 16 * 1024 }
    }
}

/// The application's names for a table's columns, by field name.
pub type ColumnNames = BTreeMap<String, String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_225_options_that_are_written_out_show_no_secret() {
        let versioned = VersionedSecret { version: 2, value: "the newer secret".into() };
        let options =
            Options { secret: Some("the older secret".into()), secrets: vec![versioned], ..Options::default() };
        let shown = serde_json::to_value(&options).unwrap();
        assert_eq!(shown["secret"], SecretText::SHOWN);
        assert_eq!(shown["secrets"][0], serde_json::json!({ "version": 2, "value": SecretText::SHOWN }));
        assert!(!shown.to_string().contains("er secret"));
    }

    #[test]
    fn zero_stands_for_the_usual_value_where_nothing_makes_no_sense() {
        let mut options = Options::default();
        options.email_and_password.min_password_length = 0;
        options.email_and_password.max_password_length = 0;
        options.email_and_password.reset_password_token_expires_in = 0;
        options.user.delete_user.delete_token_expires_in = 0;
        (options.session.expires_in, options.session.cookie_cache.max_age) = (0, 0);
        (options.rate_limit.window, options.rate_limit.max) = (0, 0);
        let told = |options: &Options| serde_json::to_value(options).unwrap();
        assert_ne!(told(&options), told(&Options::default()));
        assert_eq!(told(&options.settled()), told(&Options::default()));
        let mut options = Options::default();
        (options.session.update_age, options.session.fresh_age) = (0, 0);
        let settled = options.settled().session;
        assert_eq!((settled.update_age, settled.fresh_age), (0, 0), "always");
    }

    #[test]
    fn what_was_written_out_can_be_read() {
        let mut options = Options::default();
        options.advanced.default_cookie_attributes.same_site = Some(crate::wire::cookie::SameSite::Strict);
        options.rate_limit.custom_rules.insert("/x".to_owned(), CustomRule::Limit { window: 1, max: 2 });
        let shown = serde_json::to_value(&options).unwrap();
        let read: Options = serde_json::from_value(shown.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), shown);
    }
}
