//! `GET /account-info`

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    domain::{
        Cx, Installation,
        account_selection::{self, AccountSelection},
        errors,
    },
    engine::{ApiError, Endpoint, Exit},
    oauth::{self, Tokens},
};

/// Answers what a provider says about the user.
pub struct AccountInfo;

/// The user as the provider knows them.
#[derive(Deserialize, Serialize)]
pub struct Output {
    /// Who they would be as a user here: `name`, `email`, `image`, `emailVerified`, and what the application maps.
    pub user: Map<String, Value>,
    /// The profile as the provider gave it.
    pub data: Value,
    /// Which account that is.
    pub account: Account,
}

/// Which account that is.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The id of its row.
    pub id: String,
    /// The provider.
    pub provider_id: String,
    /// Who the provider says it is.
    pub account_id: String,
}

const NO_ACCESS_TOKEN: ApiError =
    ApiError::new(StatusCode::BAD_REQUEST, "ACCESS_TOKEN_NOT_FOUND", "Access token not found");

impl Endpoint<Installation> for AccountInfo {
    type Body = ();
    type Output = Output;
    type Query = AccountSelection;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "accountInfo";
    const PATH: &'static str = "/account-info";

    async fn call(&self, cx: &mut Cx, (): (), query: AccountSelection) -> Result<Output, Exit> {
        let account = account_selection::find(cx, &query).await?;
        let provider =
            oauth::configured(cx, account.text("providerId")).await.map_err(|_| errors::PROVIDER_NOT_CONFIGURED)?;
        let access =
            oauth::valid_access_token(cx, &provider, &account).await?.ok_or(errors::FAILED_TO_GET_ACCESS_TOKEN)?;
        cx.ensure(!access.access_token.is_empty(), NO_ACCESS_TOKEN)?;
        let tokens = Tokens { access_token: Some(access.access_token), id_token: access.id_token, ..Tokens::default() };
        let info = oauth::account_identity(cx, &provider, &tokens).await?;
        let info = info.ok_or(errors::FAILED_TO_GET_USER_INFO.status(StatusCode::UNAUTHORIZED))?;
        Ok(Output {
            user: info.user,
            data: info.profile,
            account: Account {
                id: account.id().to_owned(),
                provider_id: provider.id.clone(),
                account_id: account.text("accountId").to_owned(),
            },
        })
    }
}
