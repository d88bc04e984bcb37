//! Server only: a new code, for the application to send.

use std::sync::Arc;

use http::Method;

use super::super::{logic, options::EmailOtpOptions};
use crate::{
    domain::{Cx, Installation, commit, user},
    engine::{Endpoint, Exit, Exposure},
    store::Batch,
};

pub use super::send::Body;

/// Makes a code and answers it, for the application to send in its own way.
pub struct CreateVerificationOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

impl Endpoint<Installation> for CreateVerificationOtp {
    type Body = Body;
    type Output = String;
    type Query = ();

    const EXPOSURE: Exposure = Exposure::ServerOnly;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "createVerificationOTP";
    const PATH: &'static str = "/email-otp/create-verification-otp";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<String, Exit> {
        let email = user::normalize_email(&body.email);
        let identifier = logic::identifier(body.purpose, &email);
        let whose = (email.as_str(), body.purpose);
        let (batch, code) = logic::new_kept(cx, Batch::new(), &self.options, whose, &identifier, true);
        commit::commit(cx, batch).await?;
        Ok(code)
    }
}
