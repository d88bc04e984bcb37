//! `POST /email-otp/request-password-reset`, and under its old name `POST /forget-password/email-otp`

use std::sync::Arc;

use http::Method;

use super::super::{
    logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{Cx, Installation, done::Success, event, user},
    engine::{Endpoint, Exit},
    store::Row,
    wire::shape::input,
};

/// Sends a code by which the owner of an address chooses a new password.
///
/// The answer is the same for known and unknown addresses.
pub struct RequestPasswordResetOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

/// The same under its old name.
pub struct ForgetPasswordOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// Who has forgotten a password.
    pub struct Body {
        /// The address.
        email: String,
    }
}

impl Endpoint<Installation> for RequestPasswordResetOtp {
    type Body = Body;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "requestPasswordResetEmailOTP";
    const PATH: &'static str = "/email-otp/request-password-reset";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Success, Exit> {
        offer(cx, &self.options, &body).await
    }
}

impl Endpoint<Installation> for ForgetPasswordOtp {
    type Body = Body;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "forgetPasswordEmailOTP";
    const PATH: &'static str = "/forget-password/email-otp";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Success, Exit> {
        offer(cx, &self.options, &body).await
    }
}

async fn offer(cx: &mut Cx, options: &EmailOtpOptions, body: &Body) -> Result<Success, Exit> {
    let email = logic::address(&body.email)?;
    let known = user::find_by_email(cx, &email).await?;
    let to = known.as_ref().map(|user| user.text("email"));
    logic::offer(cx, options, &email, Purpose::ForgetPassword, to).await?;
    event::emit(cx, event::PASSWORD_RESET_REQUESTED, known.as_ref().map(Row::id), Vec::new()).await;
    Ok(Success::SUCCESS)
}
