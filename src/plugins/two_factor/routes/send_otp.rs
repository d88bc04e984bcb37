//! `POST /two-factor/send-otp`

use std::sync::Arc;

use http::Method;

use super::{
    super::{errors, options::TwoFactorOptions},
    guess::Asker,
    verify_otp::identifier,
};
use crate::{
    domain::{Cx, Installation, commit, done::Done, limit, mail, options::Limit, verification},
    engine::{Endpoint, Exit, Message},
    store::Batch,
    wire::{
        id::{Alphabet, random_string},
        shape::input,
    },
};

/// How long the codes that a user was sent count against the limit, in seconds.
const WINDOW_SECS: u64 = 600;

/// Sends a code to somebody who is signed in or whose sign-in waits.
pub struct SendTwoFactorOtp {
    pub(super) options: Arc<TwoFactorOptions>,
}

input! {
    /// Nothing that matters.
    pub struct Body {
        /// Not looked at; it counts when the code is shown.
        trust_device "trustDevice": Option<bool>,
    }
}

impl Endpoint<Installation> for SendTwoFactorOtp {
    type Body = Option<Body>;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "sendTwoFactorOTP";
    const PATH: &'static str = "/two-factor/send-otp";

    async fn call(&self, cx: &mut Cx, _: Option<Body>, (): ()) -> Result<Done, Exit> {
        let options = &*self.options;
        cx.ensure(options.otp_options.send, errors::OTP_NOT_CONFIGURED.message("otp isn't configured"))?;
        let asker = Asker::find(cx, options).await?;
        let user = asker.user().clone();
        let key = format!("two-factor-otp|{}", user.id());
        limit::count(cx, key, Limit { window: WINDOW_SECS, max: options.otp_options.max_sends }).await?;
        if !mail::admits(cx, mail::TWO_FACTOR_OTP, user.text("email")).await {
            return Ok(Done::DONE);
        }
        let code = random_string(cx.entropy(), Alphabet::Digits, options.otp_options.digits);
        let value = format!("{}:0", options.otp_options.store.stored(cx, &code));
        let row = verification::new(cx, &identifier(&asker.purpose()), &value, options.otp_lifetime_secs());
        commit::commit(cx, verification::replace(Batch::new(), row)).await?;
        let mut message = Message::new(mail::TWO_FACTOR_OTP, user.text("email"));
        message.otp = Some(code);
        mail::hand_over(cx, message).await;
        Ok(Done::DONE)
    }
}
