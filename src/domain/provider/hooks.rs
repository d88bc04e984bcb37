//! What an application does itself with a provider, where data does not say it: typed functions, run by the driver.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use http::HeaderMap;
use serde_json::{Map, Value};

use super::Tokens;
use crate::domain::RouteRequest;

type Run<I, O> = dyn Fn(I) -> Pin<Box<dyn Future<Output = O> + Send>> + Send + Sync;

/// The application's own code: told `I`, it answers `O` when it is done.
pub struct OwnCode<I, O>(Arc<Run<I, O>>);

impl<I, O> OwnCode<I, O> {
    /// What `code` does.
    #[must_use]
    pub fn new<F>(code: impl Fn(I) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = O> + Send + 'static,
    {
        Self(Arc::new(move |told| Box::pin(code(told))))
    }

    /// The code on its way; a driver has to run it.
    #[must_use]
    pub fn run(&self, told: I) -> Pin<Box<dyn Future<Output = O> + Send>> {
        (self.0)(told)
    }
}

impl<I, O> Clone for OwnCode<I, O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<I, O> fmt::Debug for OwnCode<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnCode")
    }
}

/// From a profile to fields of the user, which replace those that Kernia finds. The reference's `mapProfileToUser`.
pub type MapProfile = OwnCode<Value, Map<String, Value>>;
/// The providers, by name, whose addresses are believed unverified when accounts are linked for this request. The reference's
/// `trustedProviders` as a function.
pub type TrustProviders = OwnCode<RouteRequest, Vec<String>>;
/// From a code to tokens; `None` refuses the code. The reference's `getToken`.
pub type ExchangeCode = OwnCode<CodeToExchange, Option<Tokens>>;
/// From a refresh token to new tokens; `None` refuses it. The reference's `refreshAccessToken`.
pub type RefreshTokens = OwnCode<TokenToRefresh, Option<Tokens>>;
/// From tokens to the profile of who holds them; `None` when there is none. The reference's `getUserInfo`.
pub type FetchProfile = OwnCode<Tokens, Option<FoundProfile>>;
/// Whether an ID token is the provider's, made for this application, and carries the nonce if one is named. The reference's
/// `verifyIdToken`.
pub type VerifyIdToken = OwnCode<IdTokenToVerify, bool>;
/// From a verified profile to the name that never changes; `None` when there is none. The reference's `accountSubject`.
pub type FindSubject = OwnCode<SubjectOf, Option<String>>;
/// The assertion with which the application proves itself at the token endpoint (RFC 7523 section 2.2); `None` when it cannot be
/// made. The reference's `getClientAssertion`.
pub type ClientAssertion = OwnCode<AssertionOf, Option<String>>;
/// A request to the token endpoint, as the application wants it. The reference's `customizeRequest`.
pub type CustomizeTokenRequest = OwnCode<TokenRequest, TokenRequest>;
/// From the headers of the request that needs new tokens to parameters of the refresh. Whatever is taken from the headers is the
/// client's word. The reference's `refreshTokenParams`.
pub type RefreshParameters = OwnCode<HeaderMap, Vec<(String, String)>>;

/// All that an application does itself with one provider.
#[derive(Clone, Debug, Default)]
pub struct ProviderHooks {
    /// Codes for tokens.
    pub exchange_code: Option<ExchangeCode>,
    /// Refresh tokens for tokens.
    pub refresh_tokens: Option<RefreshTokens>,
    /// Tokens for profiles.
    pub fetch_profile: Option<FetchProfile>,
    /// Profiles for users.
    pub map_profile: Option<MapProfile>,
    /// The name that never changes.
    pub find_subject: Option<FindSubject>,
    /// ID tokens that clients bring.
    pub verify_id_token: Option<VerifyIdToken>,
    /// The proof of `private_key_jwt`.
    pub client_assertion: Option<ClientAssertion>,
    /// Requests to the token endpoint, in the place of any other proof.
    pub customize_token_request: Option<CustomizeTokenRequest>,
    /// Parameters of refreshes.
    pub refresh_parameters: Option<RefreshParameters>,
}

impl ProviderHooks {
    /// Takes over what `others` has.
    pub fn extend(&mut self, others: Self) {
        fn take<T>(own: &mut Option<T>, other: Option<T>) {
            if other.is_some() {
                *own = other;
            }
        }
        take(&mut self.exchange_code, others.exchange_code);
        take(&mut self.refresh_tokens, others.refresh_tokens);
        take(&mut self.fetch_profile, others.fetch_profile);
        take(&mut self.map_profile, others.map_profile);
        take(&mut self.find_subject, others.find_subject);
        take(&mut self.verify_id_token, others.verify_id_token);
        take(&mut self.client_assertion, others.client_assertion);
        take(&mut self.customize_token_request, others.customize_token_request);
        take(&mut self.refresh_parameters, others.refresh_parameters);
    }
}

/// A code, and what it must be shown with (RFC 6749 section 4.1.3).
#[derive(Clone)]
#[non_exhaustive]
pub struct CodeToExchange {
    /// The code.
    pub code: String,
    /// What the code challenge was made from, where the provider takes PKCE.
    pub code_verifier: Option<String>,
    /// Where the browser was sent back to.
    pub redirect_uri: String,
    /// The device, with providers that say it.
    pub device_id: Option<String>,
}

/// A refresh token (RFC 6749 section 6).
#[derive(Clone)]
#[non_exhaustive]
pub struct TokenToRefresh {
    /// The token.
    pub refresh_token: String,
    /// The headers of the request that needs new tokens.
    pub headers: HeaderMap,
}

/// An ID token that a client has brought.
#[derive(Clone)]
#[non_exhaustive]
pub struct IdTokenToVerify {
    /// The token.
    pub token: String,
    /// The nonce that the client says it was asked for with.
    pub nonce: Option<String>,
    /// The headers of the request.
    pub headers: HeaderMap,
}

/// Somebody's tokens and profile.
#[derive(Clone)]
#[non_exhaustive]
pub struct SubjectOf {
    /// The tokens.
    pub tokens: Tokens,
    /// The profile.
    pub profile: Value,
}

/// What an assertion is for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AssertionOf {
    /// The application's name at the provider: `iss` and `sub`.
    pub client_id: String,
    /// For whom it is: `aud`.
    pub token_endpoint: String,
    /// `authorization_code` or `refresh_token`.
    pub grant_type: &'static str,
}

/// A request to the token endpoint.
#[derive(Clone)]
#[non_exhaustive]
pub struct TokenRequest {
    /// Where it goes; a change of it does nothing.
    pub token_endpoint: String,
    /// `authorization_code` or `refresh_token`; a change of it does nothing.
    pub grant_type: &'static str,
    /// The fields of its form.
    pub fields: Vec<(String, String)>,
    /// Its headers, by their names in lower case.
    pub headers: Vec<(String, String)>,
}

impl TokenRequest {
    pub(crate) fn new(token_endpoint: &str, grant_type: &'static str) -> Self {
        Self { token_endpoint: token_endpoint.to_owned(), grant_type, fields: Vec::new(), headers: Vec::new() }
    }

    /// Sets a field, in the place of one of the same name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.into()));
    }

    /// Whether there is a field of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// Sets a header, in the place of one of the same name.
    pub fn set_header(&mut self, name: &str, value: impl Into<String>) {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
    }
}

/// A profile, as the application has found it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FoundProfile {
    /// The profile. It says who this is, and `/account-info` answers it.
    pub profile: Value,
    /// The user that it describes: `name`, `email`, `image`, `emailVerified`, and the application's fields. Without this the
    /// profile is read as the provider's usually are, and mapped.
    pub user: Option<Map<String, Value>>,
}

impl FoundProfile {
    /// A profile that describes this user.
    #[must_use]
    pub fn of_user(profile: Value, user: Map<String, Value>) -> Self {
        Self { profile, user: Some(user) }
    }
}

impl From<Value> for FoundProfile {
    fn from(profile: Value) -> Self {
        Self { profile, user: None }
    }
}

impl CodeToExchange {
    pub(crate) fn new(code: &str, verifier: Option<&str>, redirect_uri: &str, device_id: Option<&str>) -> Self {
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let (code_verifier, device_id) = (owned(verifier), owned(device_id));
        Self { code: code.to_owned(), code_verifier, redirect_uri: redirect_uri.to_owned(), device_id }
    }
}
