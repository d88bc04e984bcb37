//! `POST /email-otp/request-email-change`

use std::sync::Arc;

use http::Method;

use super::super::{
    errors, logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{Cx, Installation, commit, done::Success, errors as base, mail, session, user},
    engine::{Endpoint, Exit},
    store::Batch,
    wire::shape::input,
};

/// Begins to replace the signed-in user's address: sends a code to the new one.
///
/// The answer is the same whether or not the address is free.
pub struct RequestEmailChangeOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// The new address.
    pub struct Body {
        /// The new address.
        new_email "newEmail": String,
        /// The code that the present address was sent to prove it, where it must agree.
        otp: Option<String>,
    }
}

impl Endpoint<Installation> for RequestEmailChangeOtp {
    type Body = Body;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "requestEmailChangeEmailOTP";
    const PATH: &'static str = "/email-otp/request-email-change";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Success, Exit> {
        let session = session::require_confirmed(cx).await?;
        cx.ensure(self.options.change_email.enabled, errors::CHANGE_EMAIL_DISABLED)?;
        let email = user::normalize_email(session.user.text("email"));
        let new_email = logic::address(&body.new_email)?;
        cx.ensure(new_email != email, base::EMAIL_IS_THE_SAME)?;
        let mut batch = session::check_live(Batch::new(), &session);
        if self.options.change_email.verify_current_email {
            let given = body.otp.filter(|otp| !otp.is_empty()).ok_or(errors::CURRENT_EMAIL_UNVERIFIED)?;
            let identifier = logic::identifier(Purpose::EmailVerification, &email);
            batch = logic::judge(cx, &self.options, &identifier, &given).await?.spend(batch, cx);
        }
        // The codes that were sent last stay good.
        if !mail::admits(cx, logic::kind_of(Purpose::ChangeEmail), &new_email).await {
            return Ok(Success::SUCCESS);
        }
        let free = user::find_by_email(cx, &new_email).await?.is_none();
        let identifier = logic::change_identifier(session.user_id(), &new_email);
        let whose = (new_email.as_str(), Purpose::ChangeEmail);
        let (batch, code) = logic::new_kept(cx, batch, &self.options, whose, &identifier, free);
        match commit::try_commit(cx, batch).await? {
            Ok(_) if free => logic::send(cx, Purpose::ChangeEmail, &new_email, code).await,
            Ok(_) => {}
            // The check: the session has ended meanwhile.
            Err(conflict) if conflict.statement == 0 => return Err(base::UNAUTHORIZED.into()),
            Err(_) => return Err(errors::INVALID_OTP.into()),
        }
        Ok(Success::SUCCESS)
    }
}
