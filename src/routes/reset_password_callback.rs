//! `GET /reset-password/:token`

use http::Method;

use crate::{
    domain::{Cx, Installation, errors, password_reset},
    engine::{Endpoint, Exit},
    gate,
    wire::{redirect, shape::input},
};

/// Leads from the link in a reset message to the page that asks for the new password.
pub struct ResetPasswordCallback;

input! {
    /// Where the link leads.
    pub struct Query {
        /// The page that asks for the new password.
        callback_url "callbackURL": String,
    }
}

impl Endpoint<Installation> for ResetPasswordCallback {
    type Body = ();
    type Output = ();
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "requestPasswordResetCallback";
    const PATH: &'static str = "/reset-password/:token";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<(), Exit> {
        gate::check_callback(cx, Some(&query.callback_url))?;
        let base_url = cx.local.base_url.clone();
        if query.callback_url.is_empty() {
            return Err(Exit::Redirect(format!("{base_url}/error?error=INVALID_TOKEN")));
        }
        let token = cx.request.param("token").to_owned();
        let outcome = match password_reset::find(cx, &token).await? {
            Some(_) => ("token", token.as_str()),
            None => ("error", "INVALID_TOKEN"),
        };
        let target = redirect::with_query(&base_url, &query.callback_url, &[outcome]);
        Err(target.map_or_else(|| errors::INVALID_CALLBACK_URL.into(), Exit::Redirect))
    }
}
