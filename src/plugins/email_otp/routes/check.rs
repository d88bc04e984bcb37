//! `POST /email-otp/check-verification-otp`

use std::sync::Arc;

use http::Method;

use super::super::{
    logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{Cx, Installation, done::Success, errors, user},
    engine::{Endpoint, Exit},
    wire::shape::input,
};

/// Says whether a code is right, and leaves it for the request that is to use it.
pub struct CheckVerificationOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// A guess.
    pub struct Body {
        /// The address.
        email: String,
        /// What the code is for.
        purpose "type": Purpose,
        /// The code.
        otp: String,
    }
}

impl Endpoint<Installation> for CheckVerificationOtp {
    type Body = Body;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "checkVerificationOTP";
    const PATH: &'static str = "/email-otp/check-verification-otp";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Success, Exit> {
        let email = logic::address(&body.email)?;
        let code = logic::judge(cx, &self.options, &logic::identifier(body.purpose, &email), &body.otp).await?;
        logic::keep(cx, &code).await?;
        // Whoever has the code may know.
        let known = user::find_by_email(cx, &email).await?.is_some();
        cx.ensure(known, errors::USER_NOT_FOUND)?;
        Ok(Success::SUCCESS)
    }
}
