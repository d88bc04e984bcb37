//! `POST /phone-number/request-password-reset`

use std::sync::Arc;

use http::Method;

use super::super::{
    logic::{self, Purpose},
    options::PhoneNumberOptions,
    schema::PHONE_NUMBER_VERIFIED,
};
use crate::{
    domain::{Cx, Installation, done::Done, event},
    engine::{Endpoint, Exit},
    store::Row,
    wire::shape::input,
};

/// Sends a code by which the owner of a number chooses a new password.
///
/// The answer is the same for known and unknown numbers.
pub struct RequestPasswordResetPhoneNumber {
    pub(super) options: Arc<PhoneNumberOptions>,
}

input! {
    /// Who has forgotten a password.
    pub struct Body {
        /// The number.
        phone_number "phoneNumber": String,
    }
}

impl Endpoint<Installation> for RequestPasswordResetPhoneNumber {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "requestPasswordResetPhoneNumber";
    const PATH: &'static str = "/phone-number/request-password-reset";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let proven = |user: &Row| !self.options.require_verification || user.flag(&PHONE_NUMBER_VERIFIED);
        let user = logic::find_user(cx, &body.phone_number).await?.filter(proven);
        logic::offer(cx, &self.options, &body.phone_number, Purpose::Reset, user.is_none()).await?;
        event::emit(cx, event::PASSWORD_RESET_REQUESTED, user.as_ref().map(Row::id), Vec::new()).await;
        Ok(Done::DONE)
    }
}
