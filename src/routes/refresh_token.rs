//! `POST /refresh-token`

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Installation,
        account_selection::{self, AccountSelection},
    },
    engine::{ApiError, Endpoint, Exit},
    oauth,
    wire::date::Timestamp,
};

/// Renews the tokens of a provider's account.
pub struct RefreshToken;

/// The new tokens.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// Opens the provider's API.
    pub access_token: String,
    /// Gets the next access token.
    pub refresh_token: String,
    /// When the access token expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_expires_at: Option<Timestamp>,
    /// When the refresh token expires.
    pub refresh_token_expires_at: Option<Timestamp>,
    /// What was granted, separated by commas.
    pub scope: Option<String>,
    /// The ID token.
    pub id_token: Option<String>,
    /// The provider.
    pub provider_id: String,
    /// The id of the account's row.
    pub account_id: String,
}

const NO_REFRESH_TOKEN: ApiError =
    ApiError::new(StatusCode::BAD_REQUEST, "REFRESH_TOKEN_NOT_FOUND", "Refresh token not found");
const UNSUPPORTED: ApiError = ApiError::new(StatusCode::BAD_REQUEST, "TOKEN_REFRESH_NOT_SUPPORTED", "");
const FAILED: ApiError =
    ApiError::new(StatusCode::BAD_REQUEST, "FAILED_TO_REFRESH_ACCESS_TOKEN", "Failed to refresh access token");

impl Endpoint<Installation> for RefreshToken {
    type Body = AccountSelection;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "refreshToken";
    const PATH: &'static str = "/refresh-token";

    async fn call(&self, cx: &mut Cx, body: AccountSelection, (): ()) -> Result<Output, Exit> {
        let account = account_selection::find(cx, &body).await?;
        let provider = oauth::configured(cx, account.text("providerId"))
            .await
            .map_err(|_| account_selection::unsupported(&account))?;
        let unsupported =
            || UNSUPPORTED.message(format!("Provider {} does not support token refreshing.", provider.id));
        cx.ensure(provider.token.refreshes, unsupported())?;
        cx.ensure(!account.text("refreshToken").is_empty(), NO_REFRESH_TOKEN)?;
        let renewed = oauth::refresh(cx, &provider, &account).await?.ok_or(FAILED)?;
        let now = &renewed.account;
        let text = |name: &str| Some(now.text(name).to_owned()).filter(|text| !text.is_empty());
        Ok(Output {
            refresh_token_expires_at: now.date("refreshTokenExpiresAt"),
            scope: now.find("scope").filter(|scope| !scope.is_null()).map(|_| now.text("scope").to_owned()),
            id_token: text("idToken"),
            provider_id: provider.id.clone(),
            account_id: now.id().to_owned(),
            access_token: renewed.access_token,
            refresh_token: renewed.refresh_token,
            access_token_expires_at: renewed.access_token_expires_at,
        })
    }
}
