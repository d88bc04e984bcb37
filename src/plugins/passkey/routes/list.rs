//! `GET /passkey/list-user-passkeys`

use http::Method;

use super::super::schema::PASSKEY;
use crate::{
    domain::{Cx, Installation, list, session, view::View},
    engine::{Endpoint, Exit},
    store::{Direction, Filter, Query},
};

/// Lists the passkeys of the signed-in user, the oldest first.
pub struct ListPasskeys;

impl Endpoint<Installation> for ListPasskeys {
    type Body = ();
    type Output = Vec<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "listPasskeys";
    const PATH: &'static str = "/passkey/list-user-passkeys";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Vec<View>, Exit> {
        let session = session::require(cx).await?;
        let own = Query::many(PASSKEY, Filter::eq("userId", session.user_id()));
        let rows = list::find_many(cx, own.order_by("createdAt", Direction::Ascending)).await?;
        Ok(rows.into_iter().map(|row| View::of(cx, PASSKEY, row)).collect())
    }
}
