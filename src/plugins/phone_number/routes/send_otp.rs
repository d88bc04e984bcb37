//! `POST /phone-number/send-otp`

use std::{borrow::Cow, sync::Arc};

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::{
    errors,
    logic::{self, Purpose},
    options::PhoneNumberOptions,
};
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit},
    wire::shape::input,
};

/// Sends a code that proves a number.
pub struct SendPhoneNumberOtp {
    pub(super) options: Arc<PhoneNumberOptions>,
}

input! {
    /// Which number.
    pub struct Body {
        /// The number.
        phone_number "phoneNumber": String,
    }
}

/// The same for known and unknown numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// What to tell the person.
    pub message: Cow<'static, str>,
}

impl Endpoint<Installation> for SendPhoneNumberOtp {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "sendPhoneNumberOTP";
    const PATH: &'static str = "/phone-number/send-otp";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        cx.ensure(self.options.send_otp, errors::SEND_OTP_NOT_IMPLEMENTED)?;
        logic::check_number(cx, &self.options, &body.phone_number).await?;
        logic::offer(cx, &self.options, &body.phone_number, Purpose::Verification, false).await?;
        Ok(Output { message: "code sent".into() })
    }
}
