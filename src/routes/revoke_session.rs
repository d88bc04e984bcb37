//! `POST /revoke-session`

use http::Method;

use crate::{
    domain::{Cx, Installation, commit, done::Done, event, session},
    engine::{Endpoint, Exit},
    schema::SESSION,
    store::{Batch, Expect, Filter, Rows},
    wire::shape::input,
};

/// Ends one session of the signed-in user.
///
/// The answer is the same when the user has no such session: nobody learns whose token it is.
pub struct RevokeSession;

input! {
    /// Which session.
    pub struct Body {
        /// The session's token.
        token: String,
    }
}

impl Endpoint<Installation> for RevokeSession {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "revokeSession";
    const PATH: &'static str = "/revoke-session";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let session = session::require_confirmed(cx).await?;
        let own = Filter::eq("token", &body.token).and(Filter::eq("userId", session.user_id()));
        let batch = Batch::new().consume(SESSION, own, Expect::Any);
        let ended = commit::commit(cx, batch).await?.into_iter().next().and_then(Rows::first);
        if body.token == session.token() {
            session::expire_cookies(cx);
        }
        if let Some(ended) = ended {
            let detail = vec![("session", ended.id().to_owned())];
            event::emit(cx, event::SESSION_REVOKED, Some(session.user_id()), detail).await;
        }
        Ok(Done::DONE)
    }
}
