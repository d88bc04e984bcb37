//! What an operator can say of providers of their own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        options::{PrivateKeyJwt, SecretText, TokenEndpointAuth},
        provider::ProviderHooks,
    },
    providers::Preset,
};

/// The options of the generic OAuth plugin.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GenericOauthOptions {
    /// The providers. One whose name is that of another provider takes its place.
    pub config: Vec<GenericOauthConfig>,
}

impl GenericOauthOptions {
    /// With these providers.
    #[must_use]
    pub fn of(config: impl IntoIterator<Item = GenericOauthConfig>) -> Self {
        Self { config: config.into_iter().collect() }
    }
}

/// One provider. What takes code is in `hooks`, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GenericOauthConfig {
    /// A provider that is known: what it says need not be said again, and what is said here counts.
    pub preset: Option<Preset>,
    /// Whose document it must be (OpenID Connect Discovery 1.0 section 4.3). Keycloak's and Okta's is found by it.
    pub issuer: Option<String>,
    /// Auth0: the domain.
    pub domain: Option<String>,
    /// Microsoft Entra ID: the tenant.
    pub tenant_id: Option<String>,
    /// Its name in routes and in the database. A preset has one.
    pub provider_id: String,
    /// Its name for people; by default the same.
    pub name: Option<String>,
    /// The application's name at the provider.
    pub client_id: String,
    /// What proves to the provider that it is the application who asks.
    pub client_secret: Option<SecretText>,
    /// Where its document is (OpenID Connect Discovery 1.0), which says what is not said here.
    pub discovery_url: Option<String>,
    /// Headers of the request for the document, and of that for the keys, if those are of the same origin.
    pub discovery_headers: BTreeMap<String, SecretText>,
    /// Whether the provider is of no use unless the document names its issuer and keys.
    pub require_id_token_verification: bool,
    /// Whether ID tokens need not carry the nonce of their request. They are verified all the same.
    pub disable_id_token_nonce_binding: bool,
    /// Where browsers are sent.
    pub authorization_url: Option<String>,
    /// Where codes are exchanged.
    pub token_url: Option<String>,
    /// Where profiles are, when the ID token does not say who somebody is.
    pub user_info_url: Option<String>,
    /// Where browsers are sent to sign out of the provider too (OpenID Connect RP-Initiated Logout 1.0).
    pub end_session_endpoint: Option<String>,
    /// Where the provider leads to then. The `callbackURL` of a sign-out counts more.
    #[serde(rename = "post_logout_redirect_uri")]
    pub post_logout_redirect_uri: Option<String>,
    /// Whether a sign-out here is none there.
    pub disable_provider_logout: bool,
    /// The scopes that are always asked for; a preset has some. `openid` comes by itself where the document is one of OpenID
    /// Connect.
    pub scopes: Option<Vec<String>>,
    /// Where the provider sends browsers back to; by default `/callback/ID` of this server.
    pub redirect_uri: Option<String>,
    /// The response type; by default `code`.
    pub response_type: Option<String>,
    /// How the provider answers: `query` or `form_post`.
    pub response_mode: Option<String>,
    /// What the provider asks the user.
    pub prompt: Option<String>,
    /// `offline`, with providers that give refresh tokens for it.
    pub access_type: Option<String>,
    /// Whether PKCE is used (RFC 7636).
    pub pkce: bool,
    /// More parameters of the authorization request. Those that only the server sets are passed over.
    pub authorization_url_params: BTreeMap<String, String>,
    /// More parameters of the exchange of codes. They replace none.
    pub token_url_params: BTreeMap<String, String>,
    /// More parameters of refreshes, also `scope`, `audience` or `resource`.
    pub refresh_token_params: BTreeMap<String, String>,
    /// Headers of requests to the token endpoint.
    pub authorization_headers: BTreeMap<String, SecretText>,
    /// How the application proves itself there.
    pub authentication: Authentication,
    /// The same, with more ways; counts more.
    pub token_endpoint_auth: Option<ClientAuthentication>,
    /// The key that proves it in the place of a secret (RFC 7523 section 2.2). `token_endpoint_auth` need not be set then.
    pub private_key_jwt: Option<PrivateKeyJwt>,
    /// How long an access token is good where the provider does not say it, in seconds.
    pub access_token_expires_in: Option<i64>,
    /// Whether only a sign-in that says `requestSignUp` makes new users.
    pub disable_implicit_sign_up: bool,
    /// Whether nobody becomes a user through this provider.
    pub disable_sign_up: bool,
    /// Whether each sign-in replaces the user's name, image, address and mapped fields by the provider's.
    pub override_user_info: bool,
    /// Whether a user whose address is not verified gets no session.
    pub require_email_verification: bool,
    /// Whether a callback without a state begins anew, for providers whose own pages lead here.
    pub allow_idp_initiated: bool,
    /// What the application does itself: the reference's options that are functions.
    #[serde(skip)]
    pub hooks: ProviderHooks,
}

impl Default for GenericOauthConfig {
    fn default() -> Self {
        Self {
            preset: None,
            issuer: None,
            domain: None,
            tenant_id: None,
            provider_id: String::new(),
            name: None,
            client_id: String::new(),
            client_secret: None,
            discovery_url: None,
            discovery_headers: BTreeMap::new(),
            require_id_token_verification: false,
            disable_id_token_nonce_binding: false,
            authorization_url: None,
            token_url: None,
            user_info_url: None,
            end_session_endpoint: None,
            post_logout_redirect_uri: None,
            disable_provider_logout: false,
            scopes: None,
            redirect_uri: None,
            response_type: None,
            response_mode: None,
            prompt: None,
            access_type: None,
            pkce: true,
            authorization_url_params: BTreeMap::new(),
            token_url_params: BTreeMap::new(),
            refresh_token_params: BTreeMap::new(),
            authorization_headers: BTreeMap::new(),
            authentication: Authentication::Post,
            token_endpoint_auth: None,
            private_key_jwt: None,
            access_token_expires_in: None,
            disable_implicit_sign_up: false,
            disable_sign_up: false,
            override_user_info: false,
            require_email_verification: false,
            allow_idp_initiated: false,
            hooks: ProviderHooks::default(),
        }
    }
}

impl GenericOauthConfig {
    /// A provider called `provider_id`, where the application is called `client_id`.
    #[must_use]
    pub fn new(provider_id: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self { provider_id: provider_id.into(), client_id: client_id.into(), ..Self::default() }
    }

    /// A provider that is known, where the application is called `client_id`.
    #[must_use]
    pub fn of(preset: Preset, client_id: impl Into<String>) -> Self {
        Self { preset: Some(preset), client_id: client_id.into(), ..Self::default() }
    }
}

/// Where a client secret goes (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Authentication {
    /// Into the `Authorization` header.
    Basic,
    /// Into the body.
    #[default]
    Post,
}

/// How the application proves itself at a token endpoint.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ClientAuthentication {
    /// The method.
    pub method: TokenEndpointAuth,
}
