//! The endpoints of the multi-session plugin, one file each.

pub mod list_device_sessions;
pub mod revoke;
pub mod set_active;

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Route,
        api::typed_calls,
        done::Done,
        record::{SessionRecord, User},
        session::Session,
        view::View,
    },
    wire::shape::input,
};

typed_calls! {
    /// `GET /multi-session/list-device-sessions`.
    list_device_sessions: list_device_sessions::ListDeviceSessions => Vec<DeviceSession>;
    /// `POST /multi-session/revoke`.
    revoke_device_session: revoke::RevokeDeviceSession, body => Done;
    /// `POST /multi-session/set-active`.
    set_active_session: set_active::SetActiveSession, body => DeviceSession;
}

input! {
    /// Which session.
    pub struct Body {
        /// The session's token.
        session_token "sessionToken": String,
    }
}

/// A session of the browser, and whose it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceSession<S = SessionRecord, U = User> {
    /// The session.
    pub session: S,
    /// Its user.
    pub user: U,
}

pub(super) fn all() -> Vec<Route> {
    vec![
        Route::new(list_device_sessions::ListDeviceSessions),
        Route::new(revoke::RevokeDeviceSession),
        Route::new(set_active::SetActiveSession),
    ]
}

fn shown(cx: &Cx, session: Session) -> DeviceSession<View, View> {
    DeviceSession { session: View::session(cx, session.row), user: View::user(cx, session.user) }
}
