//! What is known of a provider that users can sign in with: its addresses, its ways, and what its profiles mean. Data only.

mod client_key;
mod hooks;
mod profile;
mod tokens;

use std::borrow::Cow;

use serde::Serialize;

pub(crate) use self::tokens::scopes;
pub use self::{
    client_key::{ClientKey, ClientKeyError},
    hooks::{
        AssertionOf, ClientAssertion, CodeToExchange, CustomizeTokenRequest, ExchangeCode, FetchProfile, FindSubject,
        FoundProfile, IdTokenToVerify, MapProfile, OwnCode, ProviderHooks, RefreshParameters, RefreshTokens, SubjectOf,
        TokenRequest, TokenToRefresh, TrustProviders, VerifyIdToken,
    },
    profile::{Name, ProfileSource, UserInfo, UserMap, Verified},
    tokens::Tokens,
};
use super::{
    options::{SecretText, SocialProvider, TokenEndpointAuth},
    outgoing::OtherServer,
};
use crate::{
    engine::FetchPolicy,
    wire::{jwk::Algorithm, origin::origin_of},
};

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
    /// What of a profile is kept, under which name and from where, as JSON pointers: the first that is there counts, and
    /// `emailVerified` is false where there is none. All of it, when empty.
    pub members: Vec<(&'static str, &'static [&'static str])>,
    /// What a profile says about the user.
    pub user: UserMap,
    /// Where in a profile the name is that never changes, as JSON pointers (RFC 6901); the first that is there counts.
    pub subject: Vec<&'static str>,
    /// Whether the `sub` of a verified ID token is that name, where there is one.
    pub subject_in_id_token: bool,
    /// What sets it apart from the others.
    pub quirk: Option<Quirk>,
    /// Its issuer identifier. A callback that names another is another provider's (RFC 9207).
    pub issuer: Option<String>,
    /// Whether it has promised that callbacks name the issuer. One that does not is then another provider's too.
    pub names_issuer: bool,
    /// Whether its ID tokens must carry the nonce of the request. They are then verified in callbacks too.
    pub requires_nonce: bool,
    /// Whether ID tokens are verified in callbacks even if they need not carry a nonce.
    pub verifies_id_tokens: bool,
    /// Whether a callback without a state begins anew, for providers whose own pages lead here (OpenID Connect Core section 4).
    pub allow_idp_initiated: bool,
    /// How users sign out of it too.
    pub logout: Option<Logout>,
    /// Where the rest of this is told.
    pub discovery: Option<Discovery>,
    /// Who chose its addresses.
    pub policy: FetchPolicy,
    /// Addresses that its own document names and that are of another origin: they are called as if users had chosen them.
    pub foreign: Vec<String>,
    /// What the application does itself.
    pub hooks: ProviderHooks,
}

/// What anybody may know of a provider, for a page with a button for each.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PublicProvider {
    /// Its name in routes.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whether it has what it needs; it answers `PROVIDER_NOT_CONFIGURED` where it has not.
    pub configured: bool,
}

/// How users sign out of a provider (OpenID Connect RP-Initiated Logout 1.0).
#[derive(Clone, Debug, Default)]
pub struct Logout {
    /// The address; empty where only the provider's document says it.
    pub endpoint: String,
    /// Where the provider leads to then, unless the request says so.
    pub redirect_uri: Option<String>,
}

/// A document that tells what is not configured (OpenID Connect Discovery 1.0 section 3, RFC 8414).
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The address.
    pub url: String,
    /// Headers of the request for it, and of that for the keys, if those are of the same origin.
    pub headers: Vec<(String, SecretText)>,
    /// Whose it must be, save a slash at the end (section 4.3).
    pub issuer: Option<String>,
    /// Whether the provider is of no use without its issuer and keys.
    pub requires_keys: bool,
    /// Whether ID tokens must carry a nonce, where the document names keys.
    pub binds_nonce: bool,
    /// Whether the name that never changes is the `sub` of OpenID Connect, where the document is one of it.
    pub names_subject: bool,
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
    pub response_type: Cow<'static, str>,
    /// Parameters of its own, which clients may replace where they may add.
    pub parameters: Vec<(&'static str, String)>,
    /// More of them, in the operator's words. None of those that only the server sets.
    pub more_parameters: Vec<(String, String)>,
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
    /// The request's, then the operator's, behind `openid` if neither has it.
    OpenId,
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
    /// The key that signs its assertions, where it is to prove itself by one and no code of its own makes it.
    pub key: Option<ClientKey>,
    /// Whether the code verifier is sent.
    pub verifier: bool,
    /// Headers of the exchange of codes.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Headers of every request, in the operator's words.
    pub more_headers: Vec<(String, SecretText)>,
    /// More parameters of the exchange of codes. They replace none.
    pub more_parameters: Vec<(String, String)>,
    /// Whether it is told which device came back.
    pub device_id: bool,
    /// Whether tokens can be refreshed at all.
    pub refreshes: bool,
    /// Parameters of a refresh.
    pub refresh_parameters: Vec<(String, String)>,
    /// How long an access token is good where the provider does not say it, in seconds.
    pub access_token_lifetime: Option<i64>,
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

/// What sets a provider apart from all others, where data cannot say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// The name comes beside the ID token, and only the first time; the client secret may be a token that is made each time.
    Apple,
    /// The scope stands last, with `%20` between scopes.
    Cognito,
    /// The address of the image follows from the profile; a bot's permissions go with its scope.
    Discord,
    /// Who somebody is stands in both the ID token and the profile; the token counts.
    Entra,
    /// Access tokens are shown to the provider, to learn whom they were made for.
    Facebook,
    /// Addresses are at an endpoint of their own.
    GitHub,
    /// The access token is part of the profile's address.
    HubSpot,
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
    /// The address of the image follows from the profile; without an address there is no profile.
    Yandex,
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
            subject_in_id_token: false,
            members: Vec::new(),
            quirk: None,
            issuer: None,
            names_issuer: false,
            requires_nonce: false,
            verifies_id_tokens: false,
            allow_idp_initiated: false,
            logout: None,
            discovery: None,
            policy: FetchPolicy::Configured,
            foreign: Vec::new(),
            hooks: ProviderHooks::default(),
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

    /// The headers that belong to a request for `url`, if it is of the origin of the provider's document.
    #[must_use]
    pub fn document_headers(&self, url: &str) -> &[(String, SecretText)] {
        let same = |document: &&Discovery| origin_of(url).is_some_and(|own| origin_of(&document.url) == Some(own));
        self.discovery.as_ref().filter(same).map_or(&[], |document| &document.headers)
    }
}

impl OtherServer for Provider {
    fn log_name(&self) -> &str {
        &self.id
    }

    fn policy_for(&self, url: &str) -> FetchPolicy {
        if self.foreign.iter().any(|foreign| foreign == url) { FetchPolicy::Untrusted } else { self.policy }
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
            response_type: Cow::Borrowed("code"),
            parameters: Vec::new(),
            more_parameters: Vec::new(),
            fixed: Vec::new(),
            fragment: None,
        }
    }
}

impl TokenEndpoint {
    /// The application proves itself in this way, whatever it asks for.
    pub fn prove_by(&mut self, way: TokenEndpointAuth) {
        self.auth = Some(way);
        self.refresh_auth = Some(way);
    }

    fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            auth: None,
            refresh_auth: None,
            key: None,
            verifier: true,
            headers: Vec::new(),
            more_headers: Vec::new(),
            more_parameters: Vec::new(),
            device_id: false,
            refreshes: true,
            refresh_parameters: Vec::new(),
            access_token_lifetime: None,
        }
    }
}
