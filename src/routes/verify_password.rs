//! `POST /verify-password`

use http::Method;
use serde::Serialize;

use crate::{
    domain::{Cx, Installation, errors, event, password, session},
    engine::{Endpoint, Exit},
    wire::shape::input,
};

/// Checks the signed-in user's own password.
pub(super) struct VerifyPassword;

input! {
    /// What to check.
    pub(super) struct Body {
        /// The password.
        password: String,
    }
}

/// That it is the right one.
#[derive(Serialize)]
pub(super) struct Output {
    status: bool,
}

impl Endpoint<Installation> for VerifyPassword {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyPassword";
    const PATH: &'static str = "/verify-password";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        let session = session::require_confirmed(cx).await?;
        if !password::is_own(cx, session.user_id(), &body.password).await? {
            event::emit(cx, event::PASSWORD_REFUSED, Some(session.user_id()), Vec::new()).await;
            return Err(errors::INVALID_PASSWORD.into());
        }
        Ok(Output { status: true })
    }
}
