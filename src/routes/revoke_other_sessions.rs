//! `POST /revoke-other-sessions`

use http::Method;

use crate::{
    domain::{Cx, Installation, commit, done::Done, event, session},
    engine::{Endpoint, Exit},
    store::Batch,
};

/// Ends every session of the signed-in user but this one.
pub struct RevokeOtherSessions;

impl Endpoint<Installation> for RevokeOtherSessions {
    type Body = ();
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "revokeOtherSessions";
    const PATH: &'static str = "/revoke-other-sessions";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Done, Exit> {
        let session = session::require_confirmed(cx).await?;
        let batch = session::delete_others_of(cx, Batch::new(), &session);
        commit::commit(cx, batch).await?;
        let detail = vec![("scope", "others".to_owned())];
        event::emit(cx, event::SESSION_REVOKED, Some(session.user_id()), detail).await;
        Ok(Done::DONE)
    }
}
