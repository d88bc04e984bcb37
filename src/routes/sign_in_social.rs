//! `POST /sign-in/social`

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    domain::{
        Cx, Installation, errors,
        oauth_state::Intent,
        password_sign_in::SignedIn,
        provider::Provider,
        record::User,
        social::{SignInIdToken, SignInRequest},
        view::View,
    },
    engine::{ApiError, Endpoint, Exit},
    oauth::{self, Admission, Arrival, Away, Tokens, Wishes},
};

/// Begins to sign in with a provider, or signs in with an ID token that the client got there by itself.
pub struct SignInSocial;

/// Where to go, or who has signed in.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Output<U = User> {
    /// Nowhere: signed in.
    Here(SignedIn<U>),
    /// To the provider.
    Away(Away),
}

impl Endpoint<Installation> for SignInSocial {
    type Body = SignInRequest;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signInSocial";
    const PATH: &'static str = "/sign-in/social";

    async fn call(&self, cx: &mut Cx, body: SignInRequest, (): ()) -> Result<Output<View>, Exit> {
        let provider = oauth::configured(cx, &body.provider.0).await?;
        if let Some(given) = &body.id_token {
            return with_id_token(cx, &provider, &body, given).await;
        }
        let intent = Intent {
            callback_url: body.callback_url.as_deref(),
            error_url: body.error_callback_url.as_deref(),
            new_user_url: body.new_user_callback_url.as_deref(),
            request_sign_up: body.request_sign_up,
            additional_data: body.additional_data.as_ref(),
            ..Intent::default()
        };
        let wishes = Wishes {
            scopes: body.scopes.as_deref(),
            login_hint: body.login_hint.as_deref(),
            additional: body.additional_params.as_ref().map(|params| &params.0),
            disable_redirect: body.disable_redirect,
        };
        Ok(Output::Away(oauth::depart(cx, &provider, intent, &wishes).await?))
    }
}

async fn with_id_token(
    cx: &mut Cx,
    provider: &Provider,
    body: &SignInRequest,
    given: &SignInIdToken,
) -> Result<Output<View>, Exit> {
    cx.ensure(oauth::accepts_id_tokens(provider), errors::ID_TOKEN_NOT_SUPPORTED)?;
    if !oauth::verify_id_token(cx, provider, &given.token, given.nonce.as_deref()).await {
        return Err(errors::INVALID_TOKEN.status(StatusCode::UNAUTHORIZED).into());
    }
    let tokens = Tokens {
        id_token: Some(given.token.clone()),
        access_token: given.access_token.clone().filter(|token| !token.is_empty()),
        ..Tokens::default()
    };
    let identity = oauth::given_identity(cx, provider, &tokens, person(given).as_ref()).await?;
    let identity = identity.ok_or(errors::FAILED_TO_GET_USER_INFO.status(StatusCode::UNAUTHORIZED))?;
    let email = identity.email().ok_or(errors::USER_EMAIL_NOT_FOUND)?;
    let arrival = Arrival {
        provider,
        identity: &identity,
        email,
        tokens: &tokens,
        scope: None,
        callback_url: body.callback_url.as_deref(),
        disable_sign_up: provider.options.refuses_sign_up(body.request_sign_up),
        override_user_info: false,
    };
    match oauth::admit(cx, &arrival).await? {
        Admission::Admitted { session, .. } => Ok(Output::Here(SignedIn::answer(cx, *session, None))),
        Admission::Refused(oauth::EMAIL_NOT_VERIFIED) => Err(errors::EMAIL_NOT_VERIFIED.into()),
        Admission::Refused(reason) => Err(ApiError::new(StatusCode::UNAUTHORIZED, "OAUTH_LINK_ERROR", reason).into()),
    }
}

/// What the client tells of the person beside the token.
fn person(given: &SignInIdToken) -> Option<Value> {
    let person = given.user.as_ref()?;
    let name = person.name.as_ref().map(|name| json!({ "firstName": name.first_name, "lastName": name.last_name }));
    Some(json!({ "name": name, "email": person.email }))
}
