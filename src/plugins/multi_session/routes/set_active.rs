//! `POST /multi-session/set-active`

use http::Method;

use super::{
    super::{errors, logic},
    Body, DeviceSession, shown,
};
use crate::{
    domain::{
        Cx, Installation, cookies,
        session::{self, Remember},
        view::View,
    },
    engine::{Endpoint, Exit},
};

/// Makes another of the browser's sessions the active one.
pub struct SetActiveSession;

impl Endpoint<Installation> for SetActiveSession {
    type Body = Body;
    type Output = DeviceSession<View, View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "setActiveSession";
    const PATH: &'static str = "/multi-session/set-active";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Self::Output, Exit> {
        let token = logic::token_of(cx, &body.session_token).ok_or(errors::INVALID_SESSION_TOKEN)?;
        let Some(session) = logic::live(cx, &token).await? else {
            let spec = logic::cookie(cx, &token);
            cookies::expire(cx, &spec);
            return Err(errors::INVALID_SESSION_TOKEN.into());
        };
        session::set_cookies(cx, session.clone(), Remember::AsBefore);
        Ok(shown(cx, session))
    }
}
