//! `POST /revoke-other-sessions`

use http::Method;
use serde::Serialize;

use crate::{
    domain::{Cx, Installation, commit, event, session},
    engine::{Endpoint, Exit},
    store::Batch,
};

/// Ends every session of the signed-in user but this one.
pub(super) struct RevokeOtherSessions;

/// That it is done.
#[derive(Serialize)]
pub(super) struct Output {
    status: bool,
}

impl Endpoint<Installation> for RevokeOtherSessions {
    type Body = ();
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "revokeOtherSessions";
    const PATH: &'static str = "/revoke-other-sessions";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Output, Exit> {
        let session = session::require_confirmed(cx).await?;
        commit::commit(cx, session::delete_others_of(Batch::new(), &session)).await?;
        let detail = vec![("scope", "others".to_owned())];
        event::emit(cx, event::SESSION_REVOKED, Some(session.user_id()), detail).await;
        Ok(Output { status: true })
    }
}
