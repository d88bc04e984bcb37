//! `POST /revoke-sessions`

use http::Method;

use crate::{
    domain::{Cx, Installation, commit, done::Done, event, session},
    engine::{Endpoint, Exit},
    store::Batch,
};

/// Ends every session of the signed-in user.
pub struct RevokeSessions;

impl Endpoint<Installation> for RevokeSessions {
    type Body = ();
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "revokeSessions";
    const PATH: &'static str = "/revoke-sessions";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Done, Exit> {
        let session = session::require_confirmed(cx).await?;
        let batch = session::delete_all_of(cx, Batch::new(), session.user_id());
        commit::commit(cx, batch).await?;
        session::expire_cookies(cx);
        let detail = vec![("scope", "all".to_owned())];
        event::emit(cx, event::SESSION_REVOKED, Some(session.user_id()), detail).await;
        Ok(Done::DONE)
    }
}
