//! `POST /email-otp/reset-password`

use std::sync::Arc;

use http::Method;

use super::super::{
    errors, logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{
        Cx, Installation, account, done::Success, errors as base, event, mailbox, password, password_reset, user,
    },
    engine::{Endpoint, Exit},
    store::Batch,
    wire::shape::input,
};

/// Replaces a forgotten password by a code.
///
/// Beyond the reference, a code that proves an address for the first time also ends everything by which somebody else could have
/// signed in before, as at a sign-in with a code.
pub struct ResetPasswordOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// The new password.
    pub struct Body {
        /// The address.
        email: String,
        /// The code.
        otp: String,
        /// The new password.
        password: String,
    }
}

impl Endpoint<Installation> for ResetPasswordOtp {
    type Body = Body;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "resetPasswordEmailOTP";
    const PATH: &'static str = "/email-otp/reset-password";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Success, Exit> {
        let email = logic::address(&body.email)?;
        password::check_new(cx, &body.password)?;
        let identifier = logic::identifier(Purpose::ForgetPassword, &email);
        let code = logic::judge(cx, &self.options, &identifier, &body.otp).await?;
        let Some(user) = user::find_by_email(cx, &email).await? else {
            logic::keep(cx, &code).await?;
            return Err(base::USER_NOT_FOUND.into());
        };
        let (user_id, proves) = (user.id().to_owned(), !user.flag("emailVerified"));
        let hash = match password::hash(cx, &body.password).await {
            Ok(hash) => hash,
            Err(refusal) => {
                // That a password was looked at at all tells that the guess was right.
                logic::keep(cx, &code).await?;
                return Err(refusal);
            }
        };
        let mut spent = code.spend(Batch::new(), cx);
        let mut credential = account::find_credential(cx, &user_id).await?;
        if proves {
            spent = mailbox::prove(cx, spent, &user);
            credential = None;
        }
        let applied = password_reset::apply(cx, &user_id, credential.as_ref(), hash, spent).await?;
        applied.map_err(|_| errors::INVALID_OTP)?;
        if proves {
            event::emit(cx, event::EMAIL_VERIFIED, Some(&user_id), Vec::new()).await;
        }
        Ok(Success::SUCCESS)
    }
}
