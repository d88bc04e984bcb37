//! `GET /get-session`, and `POST` where only that may renew.

use http::{Method, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    domain::{
        Cx, Installation,
        api::{Api, Call, Caller},
        errors,
        record::{SessionRecord, User},
        session::{self, Look, Refresh, Source},
        view::View,
    },
    engine::{Endpoint, Exit, Media},
    wire::shape::{Truthy, input},
};

/// Answers the signed-in session and its user, or `null`.
pub struct GetSession;

input! {
    /// How to look.
    pub struct Query {
        /// Read the store even if the cookie cache would do.
        disable_cookie_cache "disableCookieCache": Option<Truthy>,
        /// Do not renew the session.
        disable_refresh "disableRefresh": Option<Truthy>,
    }
}

/// A session and its user.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output<S = SessionRecord, U = User> {
    /// The session.
    pub session: S,
    /// Its user.
    pub user: U,
    /// Whether a `POST` should renew it; there only where that is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs_refresh: Option<bool>,
}

impl<'a, C: Caller> Api<'a, C> {
    /// `GET /get-session`, where a plugin answers a session in a shape of the application's own.
    pub fn get_session_as<S: DeserializeOwned>(&self) -> Call<'a, C, GetSession, Option<S>> {
        self.call()
    }
}

impl Endpoint<Installation> for GetSession {
    type Body = ();
    type Output = Option<Output<View, View>>;
    type Query = Option<Query>;

    const MEDIA: Media = Media::Ignored;
    const METHODS: &'static [Method] = &[Method::GET, Method::POST];
    const NAME: &'static str = "getSession";
    const PATH: &'static str = "/get-session";

    async fn call(&self, cx: &mut Cx, (): (), query: Option<Query>) -> Result<Option<Output<View, View>>, Exit> {
        cx.reply.set_header(header::CACHE_CONTROL, "no-store");
        cx.reply.set_header(header::PRAGMA, "no-cache");
        let deferred = cx.app().options.session.defer_session_refresh;
        let posted = cx.request.method == Method::POST;
        cx.ensure(deferred || !posted, errors::METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED)?;
        let asked = |flag: fn(&Query) -> Option<Truthy>| query.as_ref().and_then(flag).is_some_and(|flag| flag.0);
        let source = if asked(|query| query.disable_cookie_cache) { Source::Store } else { Source::Any };
        let refresh = match (asked(|query| query.disable_refresh), deferred && !posted) {
            (true, _) => Refresh::Never,
            (false, true) => Refresh::Report,
            (false, false) => Refresh::WhenDue,
        };
        let found = session::load(cx, Look { source, refresh }).await?;
        Ok(found.map(|found| Output {
            session: View::session(cx, found.session.row),
            user: View::user(cx, found.session.user),
            needs_refresh: found.needs_refresh.filter(|_| refresh == Refresh::Report),
        }))
    }
}
