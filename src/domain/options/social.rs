//! Providers that users can sign in with, by name.

use serde::{Deserialize, Serialize};

use super::SecretText;

/// What an operator says of a provider. The first part is for all of them; what only some read says which.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SocialProvider {
    /// Whether it is there at all.
    pub enabled: bool,
    /// The application's name at the provider. Of several, the first asks for codes, and ID tokens made for any are accepted.
    pub client_id: ClientIds,
    /// What proves to the provider that it is the application who asks.
    pub client_secret: Option<SecretText>,
    /// `TikTok`'s word for the client id.
    pub client_key: Option<String>,
    /// Scopes beyond the provider's usual ones.
    pub scope: Vec<String>,
    /// Whether the provider's usual scopes are not asked for.
    pub disable_default_scope: bool,
    /// Where the provider sends browsers back to; by default `/callback/NAME` of this server.
    pub redirect_uri: Option<String>,
    /// Where browsers are sent, if not to the provider's own address.
    pub authorization_endpoint: Option<String>,
    /// What the provider asks the user: `select_account`, `consent`, `login`, `none`. Not every provider is told.
    pub prompt: Option<String>,
    /// How the provider answers: `query` or `form_post`.
    pub response_mode: Option<String>,
    /// Whether clients may not sign in with an ID token of their own.
    pub disable_id_token_sign_in: bool,
    /// Whether only a sign-in that says `requestSignUp` makes new users.
    pub disable_implicit_sign_up: bool,
    /// Whether nobody becomes a user through this provider.
    pub disable_sign_up: bool,
    /// Whether each sign-in replaces the user's name, image, address and mapped fields by the provider's.
    pub override_user_info_on_sign_in: bool,
    /// Whether a user whose address is not verified gets no session.
    pub require_email_verification: bool,
    /// Google: `online` or `offline`; Dropbox: also `legacy`.
    pub access_type: Option<String>,
    /// Google: how its page is shown (`page`, `popup`, `touch`, `wap`).
    pub display: Option<String>,
    /// Google: the domain that users must belong to; `*` is any.
    pub hd: Option<String>,
    /// Google: whether scopes that were granted before are part of the answer.
    pub include_granted_scopes: Option<bool>,
    /// Apple: the name of the native application whose ID tokens are accepted.
    pub app_bundle_identifier: Option<String>,
    /// Apple: for whom ID tokens may be made, instead of the client ids.
    pub audience: ClientIds,
    /// Beyond the reference, Apple: the id of the team, where the client secret is made of a key. It needs no renewal then.
    pub team_id: Option<String>,
    /// Beyond the reference, Apple: the id of that key.
    pub key_id: Option<String>,
    /// Beyond the reference, Apple: that key, the content of the `.p8` file.
    pub private_key: Option<SecretText>,
    /// Microsoft: a tenant's id, or `common`, `organizations`, `consumers`.
    pub tenant_id: Option<String>,
    /// Microsoft: where it is, if not at its usual address.
    pub authority: Option<String>,
    /// Microsoft: the size of the photo in pixels (48, 64, 96, 120, 240, 360, 432, 504 or 648).
    pub profile_photo_size: Option<u32>,
    /// Microsoft: whether no photo is asked for.
    pub disable_profile_photo: bool,
    /// Cognito: the domain of the user pool.
    pub domain: Option<String>,
    /// Cognito: the region of the user pool.
    pub region: Option<String>,
    /// Cognito: the id of the user pool.
    pub user_pool_id: Option<String>,
    /// Cognito: whether a client secret is needed.
    pub require_client_secret: bool,
    /// Cognito: the provider behind it that users are sent to.
    pub identity_provider: Option<String>,
    /// GitLab, Paybin: where it is.
    pub issuer: Option<String>,
    /// PayPal: `sandbox`, which is the default, or `live`. Salesforce: `production`, which is the default, or `sandbox`.
    pub environment: Option<String>,
    /// Salesforce: the host of the login page.
    pub login_url: Option<String>,
    /// Discord: the permissions of a bot.
    pub permissions: Option<u64>,
    /// Facebook: fields of the profile beyond the usual ones.
    pub fields: Vec<String>,
    /// Facebook: a configuration of Facebook Login for Business.
    pub config_id: Option<String>,
    /// Reddit: `temporary` or `permanent`.
    pub duration: Option<String>,
    /// Twitch: the claims of the ID token.
    pub claims: Option<Vec<String>>,
    /// WeChat: the language of its page, `cn` or `en`.
    pub lang: Option<String>,
    /// Zoom: whether PKCE is used.
    pub pkce: Option<bool>,
    /// What proves it in the place of a secret (RFC 7523 section 2.2). Beyond the reference: with every provider but Apple, `TikTok`
    /// and `WeChat`.
    pub private_key_jwt: Option<PrivateKeyJwt>,
    /// Cloudflare, Vercel: how the application proves itself: `client_secret_basic`, `client_secret_post` or `none`.
    pub token_endpoint_auth_method: Option<TokenEndpointAuth>,
}

impl Default for SocialProvider {
    fn default() -> Self {
        Self {
            enabled: true,
            client_id: ClientIds::default(),
            client_secret: None,
            client_key: None,
            scope: Vec::new(),
            disable_default_scope: false,
            redirect_uri: None,
            authorization_endpoint: None,
            prompt: None,
            response_mode: None,
            disable_id_token_sign_in: false,
            disable_implicit_sign_up: false,
            disable_sign_up: false,
            override_user_info_on_sign_in: false,
            require_email_verification: false,
            access_type: None,
            display: None,
            hd: None,
            include_granted_scopes: None,
            app_bundle_identifier: None,
            audience: ClientIds::default(),
            team_id: None,
            key_id: None,
            private_key: None,
            tenant_id: None,
            authority: None,
            profile_photo_size: None,
            disable_profile_photo: false,
            domain: None,
            region: None,
            user_pool_id: None,
            require_client_secret: false,
            identity_provider: None,
            issuer: None,
            environment: None,
            login_url: None,
            permissions: None,
            fields: Vec::new(),
            config_id: None,
            duration: None,
            claims: None,
            lang: None,
            pkce: None,
            private_key_jwt: None,
            token_endpoint_auth_method: None,
        }
    }
}

/// How an application proves itself at a token endpoint (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum TokenEndpointAuth {
    /// Id and secret in the `Authorization` header.
    ClientSecretBasic,
    /// Id and secret in the body.
    ClientSecretPost,
    /// A signed assertion in the body (RFC 7523), made with a [key](PrivateKeyJwt) or by the application's own code.
    PrivateKeyJwt,
    /// Not at all: the id alone.
    None,
}

/// A key that signs assertions of who the application is (RFC 7523 section 2.2).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PrivateKeyJwt {
    /// The private key: a PKCS#8 document in PEM, or a JWK as JSON.
    pub key: SecretText,
    /// The name under which the provider knows it; a JWK may say it itself.
    pub key_id: Option<String>,
    /// What it signs with, if neither a JWK says it nor it is `RS256`, `ES256`, `ES384` or `EdDSA` by its kind.
    pub algorithm: Option<String>,
    /// How long an assertion is good, in seconds.
    pub expires_in: i64,
}

impl PrivateKeyJwt {
    /// With this key.
    #[must_use]
    pub fn new(key: impl Into<SecretText>) -> Self {
        Self { key: key.into(), ..Self::default() }
    }
}

impl Default for PrivateKeyJwt {
    fn default() -> Self {
        Self { key: SecretText::from(""), key_id: None, algorithm: None, expires_in: 120 }
    }
}

impl SocialProvider {
    /// Whether nobody becomes a user through this provider, by a request that says so (`requestSignUp`) or not.
    #[must_use]
    pub fn refuses_sign_up(&self, requested: Option<bool>) -> bool {
        self.disable_sign_up || self.disable_implicit_sign_up && requested != Some(true)
    }
}

/// One client id or several, the first being the main one.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(from = "OneOrMany", into = "OneOrMany")]
pub struct ClientIds(pub Vec<String>);

impl ClientIds {
    /// The main one.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str).filter(|id| !id.is_empty())
    }
}

impl<T: Into<String>> From<T> for ClientIds {
    fn from(id: T) -> Self {
        Self(vec![id.into()])
    }
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for ClientIds {
    fn from(ids: OneOrMany) -> Self {
        let ids = match ids {
            OneOrMany::One(id) => vec![id],
            OneOrMany::Many(ids) => ids,
        };
        Self(ids.into_iter().filter(|id| !id.is_empty()).collect())
    }
}

impl From<ClientIds> for OneOrMany {
    fn from(ClientIds(mut ids): ClientIds) -> Self {
        match ids.len() {
            1 => Self::One(ids.remove(0)),
            _ => Self::Many(ids),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_client_id_is_one_or_several() {
        let read = |value| serde_json::from_value::<SocialProvider>(value).map(|read| read.client_id);
        assert_eq!(read(json!({ "client_id": "a" })).unwrap().first(), Some("a"));
        assert_eq!(read(json!({ "client_id": ["a", "b"] })).unwrap(), ClientIds(vec!["a".into(), "b".into()]));
        assert_eq!(read(json!({ "client_id": "" })).unwrap().first(), None);
        assert_eq!(read(json!({})).unwrap().first(), None);
        assert!(read(json!({ "clientId": "a" })).is_err());
    }

    #[test]
    fn the_secret_is_not_written_out() {
        let provider = SocialProvider { client_secret: Some("hush".into()), ..SocialProvider::default() };
        assert!(!serde_json::to_string(&provider).unwrap().contains("hush"));
        assert!(!format!("{provider:?}").contains("hush"));
    }
}
