//! Server only: a guess that does nothing but spend the code.

use std::sync::Arc;

use http::Method;

use super::super::{
    errors,
    logic::{self, Purpose},
    options::PhoneNumberOptions,
};
use crate::{
    domain::{Cx, Installation, commit, done::Done},
    engine::{Endpoint, Exit, Exposure},
    wire::shape::input,
};

/// Judges a code and spends it, for the application's own use: nobody is signed in, and no user changes.
pub struct ConsumePhoneNumberOtp {
    pub(super) options: Arc<PhoneNumberOptions>,
}

input! {
    /// A guess.
    pub struct Body {
        /// The number.
        phone_number "phoneNumber": String,
        /// The code.
        code: String,
    }
}

impl Endpoint<Installation> for ConsumePhoneNumberOtp {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const EXPOSURE: Exposure = Exposure::ServerOnly;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "consumePhoneNumberOTP";
    const PATH: &'static str = "/phone-number/consume-otp";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let proof = logic::judge(cx, &self.options, &body.phone_number, Purpose::Verification, &body.code).await?;
        let spent = proof.spent(cx);
        commit::try_commit(cx, spent).await?.map_err(|_| errors::INVALID_OTP)?;
        Ok(Done::DONE)
    }
}
