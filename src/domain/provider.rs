//! What is known of a provider that users can sign in with: its addresses, its ways, and what its profiles mean. Data only.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use http::Method;
use serde_json::{Map, Value};

use super::options::{SocialProvider, TokenEndpointAuth};
use crate::{engine::FetchPolicy, wire::jwk::Algorithm};

/// A provider, as the options make it. Made by a row of `providers`, by a plugin, or by the application itself.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name in routes and in the database.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What the operator said of it.
    pub options: SocialProvider,
    /// The option without which it is not configured, if that is missing. Such a provider is known and answers a clear error.
    pub missing: Option<&'static str>,
    /// How browsers are sent to it.
    pub authorization: Authorization,
    /// Where codes and refresh tokens are exchanged.
    pub token: TokenEndpoint,
    /// How an ID token that a client brings is verified. Without it none is accepted.
    pub id_token: Option<IdTokenCheck>,
    /// Where profiles come from.
    pub profile: ProfileSource,
    /// What a profile says about the user.
    pub user: UserMap,
    /// Where in a profile the name is that never changes, as JSON pointers (RFC 6901); the first that is there counts.
    pub subject: Vec<&'static str>,
    /// What sets it apart from the others.
    pub quirk: Option<Quirk>,
    /// Its issuer identifier. A callback that names another is another provider's (RFC 9207).
    pub issuer: Option<String>,
    /// Whether its ID tokens must carry the nonce of the request. They are then verified in callbacks too.
    pub requires_nonce: bool,
    /// Who chose its addresses.
    pub policy: FetchPolicy,
    /// The application's way from a profile to the user's fields.
    pub map_profile: Option<MapProfile>,
}

/// How browsers are sent to a provider (RFC 6749 section 4.1.1).
#[derive(Clone, Debug)]
pub struct Authorization {
    /// The address.
    pub endpoint: String,
    /// What it calls the client id.
    pub client_parameter: &'static str,
    /// Its usual scopes.
    pub scopes: Vec<String>,
    /// What stands between scopes.
    pub scope_separator: &'static str,
    /// Which scopes come after the usual ones.
    pub more_scopes: MoreScopes,
    /// Whether it takes PKCE (RFC 7636).
    pub pkce: bool,
    /// Whether it is told whom to suggest.
    pub login_hint: bool,
    /// Whether clients may add parameters.
    pub additional: bool,
    /// The response type.
    pub response_type: &'static str,
    /// Parameters of its own, which clients may replace where they may add.
    pub parameters: Vec<(&'static str, String)>,
    /// Parameters that clients cannot replace.
    pub fixed: Vec<(&'static str, String)>,
    /// The fragment.
    pub fragment: Option<&'static str>,
}

/// Which scopes are asked for beyond the usual ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoreScopes {
    /// The operator's, then the request's.
    ConfiguredFirst,
    /// The request's, then the operator's.
    RequestedFirst,
    /// The operator's, then the request's, each once.
    Distinct,
    /// None: the provider takes no scopes.
    Nothing,
}

/// Where tokens come from (RFC 6749 sections 4.1.3 and 6).
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    /// The address.
    pub endpoint: String,
    /// How the application proves itself when it exchanges a code. `None` is as the secret allows: in the body, or not at all.
    pub auth: Option<TokenEndpointAuth>,
    /// How it does when it refreshes.
    pub refresh_auth: Option<TokenEndpointAuth>,
    /// Whether the code verifier is sent.
    pub verifier: bool,
    /// Headers of the exchange of codes.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Whether it is told which device came back.
    pub device_id: bool,
    /// Whether tokens can be refreshed at all.
    pub refreshes: bool,
    /// Parameters of a refresh.
    pub refresh_parameters: Vec<(&'static str, String)>,
}

/// How an ID token that a client brings is verified (OpenID Connect Core section 3.1.3.7).
#[derive(Clone, Debug)]
pub enum IdTokenCheck {
    /// With the provider's keys.
    Keys(IdTokenRules),
    /// By asking the provider, at this address.
    Remote(String),
}

/// What an ID token must be like.
#[derive(Clone, Debug)]
pub struct IdTokenRules {
    /// Where the keys are.
    pub jwks_uri: String,
    /// Who may have made it; any, when empty.
    pub issuers: Vec<String>,
    /// For whom it may be made.
    pub audience: Vec<String>,
    /// How it may be signed.
    pub algorithms: Vec<Algorithm>,
    /// How long ago it may have been made, in seconds.
    pub max_age: Option<i64>,
    /// Whether the nonce may also be there as the hexadecimal SHA-256 of what the client says.
    pub nonce_may_be_hashed: bool,
    /// Whether something that is no ID token passes: the profile is then asked for with it, which proves it.
    pub opaque_passes: bool,
    /// What else it must say.
    pub claims: ClaimsRule,
}

/// What else an ID token must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimsRule {
    /// Nothing.
    None,
    /// Google's `hd` is this domain; `*` is any.
    HostedDomain(String),
    /// Microsoft's `tid` is one that the tenant allows, and its issuer.
    Tenant {
        /// Where Microsoft is.
        authority: String,
        /// The configured tenant.
        tenant: String,
    },
}

/// Where profiles come from.
#[derive(Clone, Debug)]
pub enum ProfileSource {
    /// The ID token that came with the code.
    IdToken,
    /// The ID token, or the endpoint if there is none.
    IdTokenOr(UserInfo),
    /// An endpoint.
    Endpoint(UserInfo),
}

/// A request for a profile.
#[derive(Clone, Debug)]
pub struct UserInfo {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// Headers beyond the access token.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body and its type.
    pub body: Option<(&'static str, String)>,
    /// Where in the answer the profile is, as a JSON pointer.
    pub at: &'static str,
    /// What the answer must say, by JSON pointer; what must not be true is absent, null or false.
    pub demands: Vec<(&'static str, Value)>,
}

impl UserInfo {
    /// A `GET` with the access token as bearer (RFC 6750 section 2.1).
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: Method::GET, url: url.into(), headers: Vec::new(), body: None, at: "", demands: Vec::new() }
    }
}

/// What a profile says about the user, by JSON pointers.
#[derive(Clone, Debug)]
pub struct UserMap {
    /// The name.
    pub name: Name,
    /// The address; the first that is there counts.
    pub email: Vec<&'static str>,
    /// The image; the first that is there counts.
    pub image: Vec<&'static str>,
    /// Whether the address is verified.
    pub verified: Verified,
    /// With a provider that may know no address: what made-up ones end with, in front of `.placeholder.invalid`.
    pub placeholder: Option<&'static str>,
}

/// Where a profile has the user's name.
#[derive(Clone, Debug)]
pub enum Name {
    /// The first of these that is not empty.
    First(Vec<&'static str>),
    /// These with spaces between them, or else this one.
    Joined(Vec<&'static str>, &'static str),
}

/// Whether a profile says that the user's address is verified.
#[derive(Clone, Debug)]
pub enum Verified {
    /// It does not.
    Never,
    /// Where all of these are `true`, also as text.
    All(Vec<&'static str>),
    /// Where this is a number other than zero, or `true`.
    Counted(&'static str),
}

/// What sets a provider apart from all others, where data cannot say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// The name comes beside the ID token, and only the first time; the client secret may be a token that is made each time.
    Apple,
    /// The scope stands last, with `%20` between scopes.
    Cognito,
    /// The address of the image follows from the profile; a bot's permissions go with its scope.
    Discord,
    /// Access tokens are shown to the provider, to learn whom they were made for.
    Facebook,
    /// Addresses are at an endpoint of their own.
    GitHub,
    /// The photo is at an endpoint of its own; the address is verified if it is one of two lists.
    Microsoft,
    /// The ID token must be about the same person as the profile.
    PayPal,
    /// The image's address carries a query that expires, and there is never an address.
    Reddit,
    /// The client key stands in the place of id and secret.
    TikTok,
    /// The confirmed address takes a request of its own.
    Twitter,
    /// Tokens go into a form; without an address there is no profile; first and last name are kept.
    Vk,
    /// Everything goes into queries, under names of its own.
    WeChat,
}

type Mapped = Pin<Box<dyn Future<Output = Map<String, Value>> + Send>>;

/// The application's way from a profile to the user's fields, which replace those that Kernia finds. The reference's
/// `mapProfileToUser`.
#[derive(Clone)]
pub struct MapProfile(Arc<dyn Fn(Value) -> Mapped + Send + Sync>);

impl MapProfile {
    /// `map` is told the profile and answers fields of the user.
    #[must_use]
    pub fn new<F>(map: impl Fn(Value) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Map<String, Value>> + Send + 'static,
    {
        Self(Arc::new(move |profile| Box::pin(map(profile))))
    }

    /// The application's own code, which a driver has to run.
    #[must_use]
    pub fn run(&self, profile: Value) -> Mapped {
        (self.0)(profile)
    }
}

impl fmt::Debug for MapProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MapProfile")
    }
}

impl Provider {
    /// A plain provider: OAuth 2.0 with PKCE, the secret in the body, a profile with the names of OpenID Connect.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        authorization: impl Into<String>,
        token: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            options: SocialProvider::default(),
            missing: None,
            authorization: Authorization::new(authorization),
            token: TokenEndpoint::new(token),
            id_token: None,
            profile: ProfileSource::IdToken,
            user: UserMap::default(),
            subject: vec!["/sub"],
            quirk: None,
            issuer: None,
            requires_nonce: false,
            policy: FetchPolicy::Configured,
            map_profile: None,
        }
    }

    /// The client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.options.client_id.first().unwrap_or_default()
    }

    /// The client secret; empty when there is none.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        self.options.client_secret.as_ref().map_or("", |secret| secret.0.expose())
    }

    /// Where the provider sends browsers back to, on a server at `base_url`.
    #[must_use]
    pub fn redirect_uri(&self, base_url: &str) -> String {
        let own = self.options.redirect_uri.clone().filter(|uri| !uri.is_empty());
        own.unwrap_or_else(|| format!("{base_url}/callback/{}", self.id))
    }
}

impl Authorization {
    fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            client_parameter: "client_id",
            scopes: Vec::new(),
            scope_separator: " ",
            more_scopes: MoreScopes::ConfiguredFirst,
            pkce: true,
            login_hint: false,
            additional: true,
            response_type: "code",
            parameters: Vec::new(),
            fixed: Vec::new(),
            fragment: None,
        }
    }
}

impl TokenEndpoint {
    fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            auth: None,
            refresh_auth: None,
            verifier: true,
            headers: Vec::new(),
            device_id: false,
            refreshes: true,
            refresh_parameters: Vec::new(),
        }
    }
}

impl Default for UserMap {
    fn default() -> Self {
        Self {
            name: Name::First(vec!["/name"]),
            email: vec!["/email"],
            image: vec!["/picture"],
            verified: Verified::All(vec!["/email_verified"]),
            placeholder: None,
        }
    }
}
