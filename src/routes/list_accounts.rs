//! `GET /list-accounts`

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Cx, Installation, account, record::Account, session, view::View},
    engine::{Endpoint, Exit},
    store::Row,
};

/// Lists the ways in which the signed-in user can sign in.
pub struct ListAccounts;

/// An account, with its scopes as a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<A = Account> {
    /// The account.
    #[serde(flatten)]
    pub account: A,
    /// What its provider has granted.
    pub scopes: Vec<String>,
}

impl Endpoint<Installation> for ListAccounts {
    type Body = ();
    type Output = Vec<Output<View>>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "listUserAccounts";
    const PATH: &'static str = "/list-accounts";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Vec<Output<View>>, Exit> {
        let session = session::require(cx).await?;
        let rows = account::all_of(cx, session.user_id()).await?;
        Ok(rows.into_iter().map(|row| describe(cx, row)).collect())
    }
}

fn describe(cx: &Cx, row: Row) -> Output<View> {
    let scopes = account::scopes(row.text("scope"));
    Output { account: View::account(cx, row).without("scope"), scopes }
}
