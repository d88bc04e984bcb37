//! `GET /delete-user/callback`

use http::{Method, StatusCode};

use super::delete_user::Output;
use crate::{
    domain::{
        Cx, Installation,
        callback::Callback,
        errors,
        session::{self, Source},
        user_deletion,
    },
    engine::{Endpoint, Exit},
    gate,
    wire::shape::input,
};

/// Follows the link of a deletion message, in a browser in which the user is signed in.
pub struct DeleteUserCallback;

input! {
    /// What the link carries.
    pub struct Query {
        /// The token of the message.
        token: String,
        /// Where the browser goes on to.
        callback_url "callbackURL": Option<String>,
    }
}

impl Endpoint<Installation> for DeleteUserCallback {
    type Body = ();
    type Output = Output;
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "deleteUserCallback";
    const PATH: &'static str = "/delete-user/callback";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<Output, Exit> {
        gate::check_callback(cx, query.callback_url.as_deref())?;
        let callback = Callback::read(query.callback_url)?;
        cx.ensure(cx.app().options.user.delete_user.enabled, errors::NOT_FOUND)?;
        let session = session::current(cx, Source::Store).await?;
        let session = session.ok_or_else(|| errors::FAILED_TO_GET_USER_INFO.status(StatusCode::NOT_FOUND))?;
        user_deletion::with_token(cx, &session, &query.token).await?;
        callback.follow()?;
        Ok(Output::DELETED)
    }
}
