//! `POST /multi-session/revoke`

use http::Method;

use super::{
    super::{errors, logic},
    Body,
};
use crate::{
    domain::{
        Cx, Installation, commit, cookies,
        done::Done,
        event,
        session::{self, Remember, Session},
    },
    engine::{Endpoint, Exit},
    schema::SESSION,
    store::{Batch, Expect, Filter, Rows},
};

/// Ends one of the browser's sessions. When it was the active one, another becomes active, if there is one.
pub struct RevokeDeviceSession;

impl Endpoint<Installation> for RevokeDeviceSession {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "revokeDeviceSession";
    const PATH: &'static str = "/multi-session/revoke";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let active = session::require_confirmed(cx).await?;
        let token = logic::token_of(cx, &body.session_token).ok_or(errors::INVALID_SESSION_TOKEN)?;
        let next = if active.token() == token { another(cx, &token).await? } else { None };
        let batch = Batch::new().consume(SESSION, Filter::eq("token", token.as_str()), Expect::Any);
        let ended = commit::commit(cx, batch).await?.into_iter().next().and_then(Rows::first);
        if let Some(ended) = ended {
            let detail = vec![("session", ended.id().to_owned())];
            event::emit(cx, event::SESSION_REVOKED, Some(ended.text("userId")), detail).await;
        }
        let spec = logic::cookie(cx, &token);
        cookies::expire(cx, &spec);
        if active.token() != token {
            return Ok(Done::DONE);
        }
        match next {
            Some(next) => session::set_cookies(cx, next, Remember::AsBefore),
            None => session::expire_cookies(cx),
        }
        Ok(Done::DONE)
    }
}

/// A session of the browser that lives, other than the one with this token.
async fn another(cx: &mut Cx, token: &str) -> Result<Option<Session>, Exit> {
    for other in logic::tokens(cx).into_iter().filter(|other| other != token) {
        if let Some(session) = logic::live(cx, &other).await? {
            return Ok(Some(session));
        }
    }
    Ok(None)
}
