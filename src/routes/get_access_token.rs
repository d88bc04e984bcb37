//! `POST /get-access-token`

use http::Method;

use crate::{
    domain::{
        Cx, Installation,
        account_selection::{self, AccountSelection},
    },
    engine::{Endpoint, Exit},
};

/// Answers an access token of a provider, renewed if need be. No provider can be configured yet, so no account has one that is.
pub struct GetAccessToken;

impl Endpoint<Installation> for GetAccessToken {
    type Body = AccountSelection;
    type Output = ();
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "getAccessToken";
    const PATH: &'static str = "/get-access-token";

    async fn call(&self, cx: &mut Cx, body: AccountSelection, (): ()) -> Result<(), Exit> {
        let account = account_selection::find(cx, &body).await?;
        Err(account_selection::unsupported(&account).into())
    }
}
