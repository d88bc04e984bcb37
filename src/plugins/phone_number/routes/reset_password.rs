//! `POST /phone-number/reset-password`

use std::sync::Arc;

use http::Method;

use super::super::{
    errors,
    logic::{self, Purpose},
    options::PhoneNumberOptions,
    schema::PHONE_NUMBER_VERIFIED,
};
use crate::{
    domain::{Cx, Installation, account, done::Done, password, password_reset},
    engine::{Endpoint, Exit},
    wire::shape::input,
};

/// Replaces a forgotten password by a code.
pub struct ResetPasswordPhoneNumber {
    pub(super) options: Arc<PhoneNumberOptions>,
}

input! {
    /// The new password.
    pub struct Body {
        /// The code.
        otp: String,
        /// The number.
        phone_number "phoneNumber": String,
        /// The new password.
        new_password "newPassword": String,
    }
}

impl Endpoint<Installation> for ResetPasswordPhoneNumber {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "resetPasswordPhoneNumber";
    const PATH: &'static str = "/phone-number/reset-password";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        password::check_new(cx, &body.new_password)?;
        let proof = logic::judge(cx, &self.options, &body.phone_number, Purpose::Reset, &body.otp).await?;
        let user = logic::find_user(cx, &body.phone_number).await?;
        let user = match user {
            Some(user) if !self.options.require_verification || user.flag(&PHONE_NUMBER_VERIFIED) => user,
            refused => {
                proof.keep(cx).await?;
                let pending = refused.map(|_| errors::PHONE_NUMBER_PENDING_VERIFICATION);
                return Err(pending.unwrap_or(errors::UNEXPECTED_ERROR).into());
            }
        };
        let hash = match password::hash(cx, &body.new_password).await {
            Ok(hash) => hash,
            Err(refusal) => {
                // That a password was looked at at all tells that the guess was right.
                proof.keep(cx).await?;
                return Err(refusal);
            }
        };
        let credential = account::find_credential(cx, user.id()).await?;
        let spent = proof.spent(cx);
        let applied = password_reset::apply(cx, user.id(), credential.as_ref(), hash, spent).await?;
        applied.map_err(|_| errors::INVALID_OTP)?;
        Ok(Done::DONE)
    }
}
