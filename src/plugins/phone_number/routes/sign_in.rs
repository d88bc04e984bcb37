//! `POST /sign-in/phone-number`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::{
    errors,
    logic::{self, Purpose},
    options::PhoneNumberOptions,
    schema::{PHONE_NUMBER, PHONE_NUMBER_VERIFIED},
};
use crate::{
    domain::{
        Cx, Installation, password,
        password_sign_in::{self, Attempt, Requirement},
        record::User,
        session::Remember,
        view::View,
    },
    engine::{Endpoint, Exit},
    store::Filter,
    wire::shape::input,
};

/// Signs in with a number and a password.
///
/// Beyond the reference, whoever does not know the password learns nothing of the number, and has no code sent to it.
pub struct SignInPhoneNumber {
    pub(super) options: Arc<PhoneNumberOptions>,
}

input! {
    /// Who signs in.
    pub struct Body {
        /// The number.
        phone_number "phoneNumber": String,
        /// The password.
        password: String,
        /// `false` ends the session with the browser.
        remember_me "rememberMe": Option<bool>,
    }
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<U = User> {
    /// The session's token.
    pub token: String,
    /// The user.
    pub user: U,
}

impl Endpoint<Installation> for SignInPhoneNumber {
    type Body = Body;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signInPhoneNumber";
    const PATH: &'static str = "/sign-in/phone-number";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View>, Exit> {
        logic::check_number(cx, &self.options, &body.phone_number).await?;
        password::check_not_too_long(cx, &body.password)?;
        let requires = match self.options.require_verification {
            true => Requirement::Flag(PHONE_NUMBER_VERIFIED, errors::PHONE_NUMBER_NOT_VERIFIED),
            false => Requirement::Nothing,
        };
        let attempt = Attempt {
            who: Filter::eq(PHONE_NUMBER, body.phone_number.as_str()),
            password: &body.password,
            remember: Remember::from_input(body.remember_me),
            callback_url: None,
            requires,
        };
        let signed_in = password_sign_in::sign_in(cx, &attempt).await;
        if let Err(Exit::Refused(error)) = &signed_in
            && *error == errors::PHONE_NUMBER_NOT_VERIFIED
        {
            logic::offer(cx, &self.options, &body.phone_number, Purpose::Verification, false).await?;
        }
        let session = signed_in?.ok_or(errors::INVALID_PHONE_NUMBER_OR_PASSWORD)?;
        Ok(Output { token: session.token().to_owned(), user: View::user(cx, session.user) })
    }
}
