//! `GET /list-sessions`

use http::Method;

use crate::{
    domain::{Cx, Installation, session, view::View},
    engine::{Endpoint, Exit},
};

/// Lists the live sessions of the signed-in user.
pub struct ListSessions;

impl Endpoint<Installation> for ListSessions {
    type Body = ();
    type Output = Vec<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "listSessions";
    const PATH: &'static str = "/list-sessions";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Vec<View>, Exit> {
        let session = session::require_fresh(cx).await?;
        let rows = session::live_of(cx, session.user_id()).await?;
        Ok(rows.into_iter().map(|row| View::session(cx, row)).collect())
    }
}
