//! `POST /verify-password`

use http::Method;

use crate::{
    domain::{Cx, Installation, done::Done, errors, event, password, session},
    engine::{Endpoint, Exit},
    wire::shape::input,
};

/// Checks the signed-in user's own password.
pub struct VerifyPassword;

input! {
    /// What to check.
    pub struct Body {
        /// The password.
        password: String,
    }
}

impl Endpoint<Installation> for VerifyPassword {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyPassword";
    const PATH: &'static str = "/verify-password";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let session = session::require_confirmed(cx).await?;
        if !password::is_own(cx, session.user_id(), &body.password).await? {
            event::emit(cx, event::PASSWORD_REFUSED, Some(session.user_id()), Vec::new()).await;
            return Err(errors::INVALID_PASSWORD.into());
        }
        Ok(Done::DONE)
    }
}
