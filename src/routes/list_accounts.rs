//! `GET /list-accounts`

use http::Method;
use serde::Serialize;

use crate::{
    domain::{Cx, Installation, account, session, view::View},
    engine::{Endpoint, Exit},
    store::Row,
};

/// Lists the ways in which the signed-in user can sign in.
pub(super) struct ListAccounts;

/// An account, with its scopes as a list.
#[derive(Serialize)]
pub(super) struct Account {
    #[serde(flatten)]
    row: View,
    scopes: Vec<String>,
}

impl Endpoint<Installation> for ListAccounts {
    type Body = ();
    type Output = Vec<Account>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "listUserAccounts";
    const PATH: &'static str = "/list-accounts";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Vec<Account>, Exit> {
        let session = session::require(cx).await?;
        let rows = account::all_of(cx, session.user_id()).await?;
        Ok(rows.into_iter().map(|row| describe(cx, row)).collect())
    }
}

fn describe(cx: &Cx, row: Row) -> Account {
    let scopes = account::scopes(row.text("scope"));
    Account { row: View::account(cx, row).without("scope"), scopes }
}
