//! What a client sends to sign in with a provider, or to link one.

use serde_json::Value;

use crate::wire::shape::{JsonMap, Mismatch, Record, Refinement, Shape, Shaped, input};

/// The providers that the API document names. Any other name is as good: it may be one of the application's own.
const NAMED: &[&str] = &[
    "apple",
    "atlassian",
    "cloudflare",
    "cognito",
    "discord",
    "facebook",
    "figma",
    "github",
    "microsoft",
    "google",
    "huggingface",
    "slack",
    "spotify",
    "twitch",
    "twitter",
    "dropbox",
    "kick",
    "linear",
    "linkedin",
    "gitlab",
    "tiktok",
    "reddit",
    "roblox",
    "salesforce",
    "vk",
    "zoom",
    "notion",
    "kakao",
    "naver",
    "line",
    "paybin",
    "paypal",
    "polar",
    "railway",
    "vercel",
    "wechat",
];

/// Parameters of an authorization request that only this server sets.
pub const RESERVED_PARAMETERS: &[&str] = &[
    "state",
    "client_id",
    "redirect_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "scope",
];

const RESERVED_MESSAGE: &str = "additionalParams cannot include reserved OAuth parameters: state, client_id, \
     redirect_uri, response_type, code_challenge, code_challenge_method, nonce, scope";

/// The name of a provider, for example `github`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderName(pub String);

impl Shaped for ProviderName {
    const SHAPE: Shape = Shape::Union(&[Shape::Enum(NAMED), Shape::String(&[])]);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        String::from_parsed(value).map(Self)
    }

    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

/// Parameters that the client adds to the authorization request; none of those that the server sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdditionalParams(pub Record<String>);

impl Shaped for AdditionalParams {
    const SHAPE: Shape = Shape::Refined(
        &Record::<String>::SHAPE,
        Refinement { holds: names_nothing_reserved, message: RESERVED_MESSAGE, path: &[] },
    );

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        Record::from_parsed(value).map(Self)
    }

    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

fn names_nothing_reserved(value: &Value) -> bool {
    value.as_object().is_none_or(|params| params.keys().all(|name| !RESERVED_PARAMETERS.contains(&name.as_str())))
}

input! {
    /// The names of a person, as some providers give them once.
    pub struct PersonName {
        /// The given name.
        first_name "firstName": Option<String>,
        /// The family name.
        last_name "lastName": Option<String>,
    }
}

input! {
    /// A person, as some providers describe them once beside the ID token.
    pub struct Person {
        /// The names.
        name: Option<PersonName>,
        /// The address.
        email: Option<String>,
    }
}

input! {
    /// An ID token that the client got from the provider by itself, to sign in with.
    pub struct SignInIdToken {
        /// The token.
        token: String,
        /// The nonce that the token was asked for with.
        nonce: Option<String>,
        /// The access token that came with it.
        access_token "accessToken": Option<String>,
        /// The refresh token that came with it.
        refresh_token "refreshToken": Option<String>,
        /// When the access token expires.
        expires_at "expiresAt": Option<f64>,
        /// The person.
        user: Option<Person>,
    }
}

input! {
    /// An ID token that the client got from the provider by itself, to link its account.
    pub struct LinkIdToken {
        /// The token.
        token: String,
        /// The nonce that the token was asked for with.
        nonce: Option<String>,
        /// The access token that came with it.
        access_token "accessToken": Option<String>,
        /// The refresh token that came with it.
        refresh_token "refreshToken": Option<String>,
    }
}

input! {
    /// Somebody wants to sign in with a provider.
    pub struct SignInRequest {
        /// Where to go then.
        callback_url "callbackURL": Option<String>,
        /// Where new users go then.
        new_user_callback_url "newUserCallbackURL": Option<String>,
        /// Where to go when it fails.
        error_callback_url "errorCallbackURL": Option<String>,
        /// The provider.
        provider: ProviderName,
        /// Answer the provider's address without redirecting.
        disable_redirect "disableRedirect": Option<bool>,
        /// An ID token instead of a redirect.
        id_token "idToken": Option<SignInIdToken>,
        /// Scopes to ask for.
        scopes: Option<Vec<String>>,
        /// Make a new user even if the provider is configured not to.
        request_sign_up "requestSignUp": Option<bool>,
        /// Whom the provider should suggest.
        login_hint "loginHint": Option<String>,
        /// More parameters of the authorization request.
        additional_params "additionalParams": Option<AdditionalParams>,
        /// Data that comes back with the callback.
        additional_data "additionalData": Option<JsonMap>,
    }
}

input! {
    /// A user wants to link a provider's account.
    pub struct LinkRequest {
        /// Where to go then.
        callback_url "callbackURL": Option<String>,
        /// The provider.
        provider: ProviderName,
        /// An ID token instead of a redirect.
        id_token "idToken": Option<LinkIdToken>,
        /// Make a new user even if the provider is configured not to.
        request_sign_up "requestSignUp": Option<bool>,
        /// Scopes to ask for.
        scopes: Option<Vec<String>>,
        /// Where to go when it fails.
        error_callback_url "errorCallbackURL": Option<String>,
        /// Answer the provider's address without redirecting.
        disable_redirect "disableRedirect": Option<bool>,
        /// Whom the provider should suggest.
        login_hint "loginHint": Option<String>,
        /// More parameters of the authorization request.
        additional_params "additionalParams": Option<AdditionalParams>,
        /// Data that comes back with the callback.
        additional_data "additionalData": Option<JsonMap>,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::shape::{Root, read};

    fn refusal(body: Value) -> String {
        read::<SignInRequest>(Some(&body)).unwrap_err().message(Root::Body)
    }

    #[test]
    fn a_provider_may_have_any_name() {
        for name in ["github", "our-own", ""] {
            assert_eq!(read::<LinkRequest>(Some(&json!({ "provider": name }))).unwrap().provider.0, name);
        }
        assert_eq!(refusal(json!({ "provider": 5 })), "[body.provider] Invalid input");
        assert_eq!(refusal(json!({})), "[body.provider] Invalid input");
    }

    #[test]
    fn a_client_does_not_set_what_the_server_sets() {
        for name in RESERVED_PARAMETERS {
            let message = refusal(json!({ "provider": "github", "additionalParams": { *name: "mine" } }));
            assert_eq!(message, format!("[body.additionalParams] {RESERVED_MESSAGE}"));
        }
        assert!(RESERVED_MESSAGE.ends_with(&RESERVED_PARAMETERS.join(", ")));
        let asked = json!({ "provider": "google", "additionalParams": { "hd": "example.com" } });
        let params = read::<SignInRequest>(Some(&asked)).unwrap().additional_params.unwrap();
        assert_eq!(params.0.0, [("hd".to_owned(), "example.com".to_owned())]);
    }
}
