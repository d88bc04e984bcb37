//! `POST /refresh-token`

use http::Method;

use crate::{
    domain::{
        Cx, Installation,
        account_selection::{self, AccountSelection},
    },
    engine::{Endpoint, Exit},
};

/// Renews the tokens of a provider's account. No provider can be configured yet, so no account has one that is.
pub struct RefreshToken;

impl Endpoint<Installation> for RefreshToken {
    type Body = AccountSelection;
    type Output = ();
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "refreshToken";
    const PATH: &'static str = "/refresh-token";

    async fn call(&self, cx: &mut Cx, body: AccountSelection, (): ()) -> Result<(), Exit> {
        let account = account_selection::find(cx, &body).await?;
        Err(account_selection::unsupported(&account).into())
    }
}
