//! `POST /link-social`

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Installation, errors,
        oauth_state::Intent,
        provider::Provider,
        session::{self, Session},
        social::{LinkIdToken, LinkRequest},
    },
    engine::{ApiError, Endpoint, Exit},
    oauth::{self, Away, Linking, Obstacle, Tokens, Wishes},
};

/// Begins to link a provider's account to the signed-in user, or links the one of an ID token that the client got there by itself.
pub struct LinkSocial;

/// Where to go; nowhere, when the account is linked.
#[derive(Deserialize, Serialize)]
pub struct Output {
    /// To the provider.
    #[serde(flatten)]
    pub away: Away,
    /// That it is linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<bool>,
}

const LINKING_NOT_ALLOWED: ApiError =
    ApiError::new(StatusCode::UNAUTHORIZED, "LINKING_NOT_ALLOWED", "Account not linked - linking not allowed");
const DIFFERENT_EMAILS: ApiError = ApiError::new(
    StatusCode::UNAUTHORIZED,
    "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED",
    "Account not linked - different emails not allowed",
);
const LINKING_FAILED: ApiError =
    ApiError::new(StatusCode::EXPECTATION_FAILED, "LINKING_FAILED", "Account not linked - unable to create account");

impl Endpoint<Installation> for LinkSocial {
    type Body = LinkRequest;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "linkSocialAccount";
    const PATH: &'static str = "/link-social";

    async fn call(&self, cx: &mut Cx, body: LinkRequest, (): ()) -> Result<Output, Exit> {
        let session = session::require_confirmed(cx).await?;
        let provider = oauth::configured(cx, &body.provider.0).await?;
        if let Some(given) = &body.id_token {
            return with_id_token(cx, &provider, &session, given).await;
        }
        let intent = Intent {
            callback_url: body.callback_url.as_deref(),
            error_url: body.error_callback_url.as_deref(),
            request_sign_up: body.request_sign_up,
            additional_data: body.additional_data.as_ref(),
            link: Some(&session),
            ..Intent::default()
        };
        let wishes = Wishes {
            scopes: body.scopes.as_deref(),
            login_hint: body.login_hint.as_deref(),
            additional: body.additional_params.as_ref().map(|params| &params.0),
            disable_redirect: body.disable_redirect,
        };
        let away = oauth::depart(cx, &provider, intent, &wishes).await?;
        Ok(Output { away, status: None })
    }
}

async fn with_id_token(
    cx: &mut Cx,
    provider: &Provider,
    session: &Session,
    given: &LinkIdToken,
) -> Result<Output, Exit> {
    cx.ensure(oauth::accepts_id_tokens(provider), errors::ID_TOKEN_NOT_SUPPORTED)?;
    if !oauth::verify_id_token(cx, provider, &given.token, given.nonce.as_deref()).await {
        return Err(errors::INVALID_TOKEN.status(StatusCode::UNAUTHORIZED).into());
    }
    let tokens = Tokens {
        id_token: Some(given.token.clone()),
        access_token: given.access_token.clone().filter(|token| !token.is_empty()),
        refresh_token: given.refresh_token.clone().filter(|token| !token.is_empty()),
        ..Tokens::default()
    };
    let identity = oauth::given_identity(cx, provider, &tokens, None).await?;
    let identity = identity.ok_or(errors::FAILED_TO_GET_USER_INFO.status(StatusCode::UNAUTHORIZED))?;
    cx.ensure(identity.email().is_some(), errors::USER_EMAIL_NOT_FOUND)?;
    let linking = Linking {
        provider,
        identity: &identity,
        tokens: &tokens,
        granted: None,
        user_id: session.user_id(),
        email: session.user.text("email"),
        session: Some(session),
    };
    match oauth::link(cx, &linking, true).await? {
        Ok(()) => Ok(Output { away: Away { url: String::new(), redirect: false }, status: Some(true) }),
        Err(Obstacle::TakenByAnother) => Err(errors::SOCIAL_ACCOUNT_ALREADY_LINKED.into()),
        Err(Obstacle::NotAllowed) => Err(LINKING_NOT_ALLOWED.into()),
        Err(Obstacle::DifferentEmail) => Err(DIFFERENT_EMAILS.into()),
        Err(Obstacle::Changed) => Err(LINKING_FAILED.into()),
    }
}
