//! `GET /multi-session/list-device-sessions`

use http::Method;

use super::{super::logic, DeviceSession, shown};
use crate::{
    domain::{Cx, Installation, session::Session, view::View},
    engine::{Endpoint, Exit},
};

/// Lists the sessions that the browser can change between, one for each user.
pub struct ListDeviceSessions;

impl Endpoint<Installation> for ListDeviceSessions {
    type Body = ();
    type Output = Vec<DeviceSession<View, View>>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "listDeviceSessions";
    const PATH: &'static str = "/multi-session/list-device-sessions";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Self::Output, Exit> {
        let mut found: Vec<Session> = Vec::new();
        for token in logic::tokens(cx) {
            let session = logic::live(cx, &token).await?;
            let new = session.filter(|session| found.iter().all(|known| known.user_id() != session.user_id()));
            found.extend(new);
        }
        Ok(found.into_iter().map(|session| shown(cx, session)).collect())
    }
}
