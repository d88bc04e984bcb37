//! `POST /email-otp/send-verification-otp`

use std::sync::Arc;

use http::Method;

use super::super::{
    errors, logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{Cx, Installation, done::Success, user},
    engine::{Endpoint, Exit},
    gate,
    store::Row,
    wire::shape::input,
};

/// Sends a code.
///
/// The answer is the same whether or not there was anybody to write to.
pub struct SendVerificationOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// Which address, and what for.
    pub struct Body {
        /// The address.
        email: String,
        /// What the code is for.
        purpose "type": Purpose,
    }
}

impl Endpoint<Installation> for SendVerificationOtp {
    type Body = Body;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "sendVerificationOTP";
    const PATH: &'static str = "/email-otp/send-verification-otp";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Success, Exit> {
        gate::check_form(cx).await?;
        let email = logic::address(&body.email)?;
        cx.ensure(body.purpose != Purpose::ChangeEmail, errors::INVALID_TYPE)?;
        let known = user::find_by_email(cx, &email).await?;
        let open = body.purpose == Purpose::SignIn && !self.options.disable_sign_up;
        let to = known.as_ref().map(|user: &Row| user.text("email")).or(open.then_some(email.as_str()));
        logic::offer(cx, &self.options, &email, body.purpose, to).await?;
        Ok(Success::SUCCESS)
    }
}
