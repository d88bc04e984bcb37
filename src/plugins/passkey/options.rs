//! What an operator and an application can decide about passkeys.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use serde::{Deserialize, Serialize};

use super::logic::{Authenticated, Newcomer, PasskeyUser, Registered, Registration};
use crate::{domain::RouteRequest, engine::ApiError, wire::shape::JsonMap};

/// The options of the passkey plugin. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PasskeyOptions {
    /// The relying party's id: the domain to which passkeys are bound, and below which their pages are. By default the host of the
    /// server's own address.
    pub rp_id: Option<String>,
    /// How browsers call the relying party; by default `app_name`.
    pub rp_name: Option<String>,
    /// The origins of the pages that may use passkeys. By default each request's own, if it is trusted.
    pub origin: Origins,
    /// Beyond the reference: the origins of pages that may have such a page in a frame. None by default.
    pub embedding_origins: Vec<String>,
    /// Which authenticators are asked for.
    pub authenticator_selection: AuthenticatorSelection,
    /// Making passkeys.
    pub registration: RegistrationOptions,
    /// Signing in with passkeys.
    pub authentication: AuthenticationOptions,
    /// Rarely needed.
    pub advanced: AdvancedOptions,
}

/// Which authenticators are asked for (WebAuthn Level 3 section 5.4.4).
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AuthenticatorSelection {
    /// Built into the device or not; by default either.
    pub authenticator_attachment: Option<Attachment>,
    /// Whether the passkey is found without the name of its owner.
    pub resident_key: Requirement,
    /// Whether the person is verified, by a PIN or a fingerprint. Beyond the reference, where it is required no passkey is made and
    /// nobody signs in without it.
    pub user_verification: Requirement,
}

/// How much something is wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Requirement {
    /// It must be.
    Required,
    /// It should be, where it can.
    #[default]
    Preferred,
    /// It should not be.
    Discouraged,
}

/// Where an authenticator is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Attachment {
    /// In the device.
    Platform,
    /// Elsewhere: a key or a telephone.
    CrossPlatform,
}

/// Making passkeys.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RegistrationOptions {
    /// Whether only somebody who has signed in lately may. Without this, see [`PasskeyOptions::resolve_user`].
    pub require_session: bool,
    /// Extensions to ask for (WebAuthn Level 3 section 9), beside `credProps`.
    pub extensions: JsonMap,
    #[serde(skip)]
    pub(super) extensions_of: Option<Ask<RouteRequest, JsonMap>>,
    #[serde(skip)]
    pub(super) resolve_user: Option<Ask<Newcomer, Option<PasskeyUser>>>,
    #[serde(skip)]
    pub(super) after_verification: Option<Ask<Registered, Registration>>,
}

impl Default for RegistrationOptions {
    fn default() -> Self {
        Self {
            require_session: true,
            extensions: JsonMap::new(),
            extensions_of: None,
            resolve_user: None,
            after_verification: None,
        }
    }
}

/// Signing in with passkeys.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AuthenticationOptions {
    /// Extensions to ask for.
    pub extensions: JsonMap,
    #[serde(skip)]
    pub(super) extensions_of: Option<Ask<RouteRequest, JsonMap>>,
    #[serde(skip)]
    pub(super) after_verification: Option<Ask<Authenticated, ()>>,
}

/// Rarely needed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AdvancedOptions {
    /// The name of the cookie that ties a browser to its challenge, behind the prefix of all cookies.
    pub web_authn_challenge_cookie: String,
}

impl Default for AdvancedOptions {
    fn default() -> Self {
        Self { web_authn_challenge_cookie: "better-auth-passkey".to_owned() }
    }
}

impl PasskeyOptions {
    /// Who registers when nobody is signed in and [`RegistrationOptions::require_session`] is false. `None` refuses.
    ///
    /// The application decides by the `context` that its page gave, such as an invitation: whoever it names gets a passkey, and with
    /// it their account.
    #[must_use]
    pub fn resolve_user<F, T>(mut self, resolve: F) -> Self
    where
        F: Fn(Newcomer) -> T + Send + Sync + 'static,
        T: Future<Output = Result<Option<PasskeyUser>, ApiError>> + Send + 'static,
    {
        self.registration.resolve_user = Some(Ask::new(resolve));
        self
    }

    /// What becomes of a passkey that was verified, before it is stored: whose it is, what it is called, or a refusal.
    ///
    /// ```
    /// use kernia::{
    ///     plugins::passkey::{PasskeyOptions, Registration},
    ///     store::Row,
    /// };
    ///
    /// // People sign up by making a passkey: the user and the passkey are stored together or not at all.
    /// let mut options = PasskeyOptions::default().after_registration(async |registered| {
    ///     let user = Row::new().with("name", registered.user.name.clone()).with("email", registered.user.name);
    ///     let mut registration = Registration::default();
    ///     registration.new_user = Some(user);
    ///     Ok(registration)
    /// });
    /// options.registration.require_session = false;
    /// ```
    #[must_use]
    pub fn after_registration<F, T>(mut self, decide: F) -> Self
    where
        F: Fn(Registered) -> T + Send + Sync + 'static,
        T: Future<Output = Result<Registration, ApiError>> + Send + 'static,
    {
        self.registration.after_verification = Some(Ask::new(decide));
        self
    }

    /// Runs when a sign-in was verified, before its session is made. It may refuse.
    #[must_use]
    pub fn after_authentication<F, T>(mut self, decide: F) -> Self
    where
        F: Fn(Authenticated) -> T + Send + Sync + 'static,
        T: Future<Output = Result<(), ApiError>> + Send + 'static,
    {
        self.authentication.after_verification = Some(Ask::new(decide));
        self
    }

    /// The extensions to ask for when a passkey is made, by request, instead of [`RegistrationOptions::extensions`].
    #[must_use]
    pub fn registration_extensions<F, T>(mut self, extensions: F) -> Self
    where
        F: Fn(RouteRequest) -> T + Send + Sync + 'static,
        T: Future<Output = Result<JsonMap, ApiError>> + Send + 'static,
    {
        self.registration.extensions_of = Some(Ask::new(extensions));
        self
    }

    /// The extensions to ask for at a sign-in, by request, instead of [`AuthenticationOptions::extensions`].
    #[must_use]
    pub fn authentication_extensions<F, T>(mut self, extensions: F) -> Self
    where
        F: Fn(RouteRequest) -> T + Send + Sync + 'static,
        T: Future<Output = Result<JsonMap, ApiError>> + Send + 'static,
    {
        self.authentication.extensions_of = Some(Ask::new(extensions));
        self
    }
}

/// Origins of pages; in a configuration file one or a list.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(from = "OneOrMany")]
pub struct Origins(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Origins {
    fn from(origins: OneOrMany) -> Self {
        match origins {
            OneOrMany::One(origin) => Self(vec![origin]),
            OneOrMany::Many(origins) => Self(origins),
        }
    }
}

type Answer<O> = Pin<Box<dyn Future<Output = Result<O, ApiError>> + Send>>;

/// A question to the application.
pub(super) struct Ask<I, O>(Arc<dyn Fn(I) -> Answer<O> + Send + Sync>);

impl<I, O> Ask<I, O> {
    fn new<F, T>(answer: F) -> Self
    where
        F: Fn(I) -> T + Send + Sync + 'static,
        T: Future<Output = Result<O, ApiError>> + Send + 'static,
    {
        Self(Arc::new(move |question| Box::pin(answer(question))))
    }

    pub(super) fn ask(&self, question: I) -> Answer<O> {
        (self.0)(question)
    }
}

impl<I, O> Clone for Ask<I, O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<I, O> fmt::Debug for Ask<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask")
    }
}
