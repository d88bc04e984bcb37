//! `POST /get-access-token`

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Installation, account,
        account_selection::{self, AccountSelection},
        errors,
    },
    engine::{Endpoint, Exit},
    oauth,
    wire::date::Timestamp,
};

/// Answers an access token of a provider, renewed if need be.
pub struct GetAccessToken;

/// The token, and what comes with it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// Opens the provider's API; empty when there is none.
    pub access_token: String,
    /// When it expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_expires_at: Option<Timestamp>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// The ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

impl Endpoint<Installation> for GetAccessToken {
    type Body = AccountSelection;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "getAccessToken";
    const PATH: &'static str = "/get-access-token";

    async fn call(&self, cx: &mut Cx, body: AccountSelection, (): ()) -> Result<Output, Exit> {
        let account = account_selection::find(cx, &body).await?;
        let provider = oauth::configured(cx, account.text("providerId"))
            .await
            .map_err(|_| account_selection::unsupported(&account))?;
        let tokens =
            oauth::valid_access_token(cx, &provider, &account).await?.ok_or(errors::FAILED_TO_GET_ACCESS_TOKEN)?;
        Ok(Output {
            access_token: tokens.access_token,
            access_token_expires_at: tokens.access_token_expires_at,
            scopes: account::scopes(account.text("scope")),
            id_token: tokens.id_token,
        })
    }
}
