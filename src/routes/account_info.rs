//! `GET /account-info`

use http::Method;

use crate::{
    domain::{
        Cx, Installation,
        account_selection::{self, AccountSelection},
        errors,
    },
    engine::{Endpoint, Exit},
};

/// Answers what a provider says about the user. No provider can be configured yet, so no account has one that is.
pub struct AccountInfo;

impl Endpoint<Installation> for AccountInfo {
    type Body = ();
    type Output = ();
    type Query = AccountSelection;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "accountInfo";
    const PATH: &'static str = "/account-info";

    async fn call(&self, cx: &mut Cx, (): (), query: AccountSelection) -> Result<(), Exit> {
        account_selection::find(cx, &query).await?;
        Err(errors::PROVIDER_NOT_CONFIGURED.into())
    }
}
