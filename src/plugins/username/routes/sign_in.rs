//! `POST /sign-in/username`

use std::sync::Arc;

use http::{Method, StatusCode};

use super::super::{errors, logic::Rules, schema::USERNAME};
use crate::{
    domain::{
        Cx, Installation, password,
        password_sign_in::{self, Attempt, Requirement, SignedIn},
        session::Remember,
        view::View,
    },
    engine::{Endpoint, Exit},
    store::Filter,
    wire::shape::input,
};

/// Signs in with a name and a password.
pub struct SignInUsername {
    pub(super) rules: Arc<Rules>,
}

input! {
    /// Who signs in.
    pub struct Body {
        /// The name.
        username: String,
        /// The password.
        password: String,
        /// `false` ends the session with the browser.
        remember_me "rememberMe": Option<bool>,
        /// Where to go then; also where the link of a verification message leads.
        callback_url "callbackURL": Option<String>,
    }
}

impl Endpoint<Installation> for SignInUsername {
    type Body = Body;
    type Output = SignedIn<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signInUsername";
    const PATH: &'static str = "/sign-in/username";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<SignedIn<View>, Exit> {
        let complete = !body.username.is_empty() && !body.password.is_empty();
        cx.ensure(complete, errors::INVALID_USERNAME_OR_PASSWORD)?;
        self.rules.check(&body.username).map_err(|error| error.status(StatusCode::UNPROCESSABLE_ENTITY))?;
        password::check_not_too_long(cx, &body.password)?;
        let attempt = Attempt {
            who: Filter::eq(USERNAME, self.rules.normalize(&body.username)),
            password: &body.password,
            remember: Remember::from_input(body.remember_me),
            callback_url: body.callback_url.as_deref(),
            requires: Requirement::Address,
        };
        let session = password_sign_in::sign_in(cx, &attempt).await?;
        let session = session.ok_or(errors::INVALID_USERNAME_OR_PASSWORD)?;
        Ok(SignedIn::answer(cx, session, body.callback_url))
    }
}
