//! `POST /email-otp/verify-email`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::{
    errors, logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{
        Cx, Installation, commit, errors as base, event,
        record::User,
        session::{self, Remember, Session, Source},
        user,
        view::View,
    },
    engine::{Endpoint, Exit},
    schema::USER,
    store::{Batch, Expect, Filter, Row},
    wire::shape::input,
};

/// Proves an address with a code.
pub struct VerifyEmailOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// A proof.
    pub struct Body {
        /// The address.
        email: String,
        /// The code.
        otp: String,
    }
}

/// Whose address is proven.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<U = User> {
    /// True.
    pub status: bool,
    /// The token of the session, where proving an address signs in.
    pub token: Option<String>,
    /// The user.
    pub user: U,
}

impl Endpoint<Installation> for VerifyEmailOtp {
    type Body = Body;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyEmailOTP";
    const PATH: &'static str = "/email-otp/verify-email";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View>, Exit> {
        let email = logic::address(&body.email)?;
        let identifier = logic::identifier(Purpose::EmailVerification, &email);
        let code = logic::judge(cx, &self.options, &identifier, &body.otp).await?;
        let Some(known) = user::find_by_email(cx, &email).await? else {
            // Whoever has the code may know.
            return Err(logic::refuse(cx, &code, base::USER_NOT_FOUND).await);
        };
        let as_found = Filter::eq("id", known.id()).and(Filter::eq("email", known.text("email")));
        let set = Row::new().with("emailVerified", true);
        let batch = code.spend(Batch::new(), cx).update(USER, as_found, set, Expect::Rows(1));
        let newly = !known.flag("emailVerified");
        let verified = known.with("emailVerified", true).with("updatedAt", cx.now());
        let (user, token) = if cx.app().options.email_verification.auto_sign_in_after_verification {
            let issued = session::try_issue(cx, verified, Remember::AsBefore, batch).await?;
            let session = issued.map_err(|_| errors::INVALID_OTP)?;
            let token = session.token().to_owned();
            (session.user, Some(token))
        } else {
            commit::try_commit(cx, batch).await?.map_err(|_| errors::INVALID_OTP)?;
            describe(cx, &verified).await?;
            (verified, None)
        };
        if newly {
            event::emit(cx, event::EMAIL_VERIFIED, Some(user.id()), Vec::new()).await;
        }
        Ok(Output { status: true, token, user: View::user(cx, user) })
    }
}

/// Lets the cookie that describes the browser's session say that the address of its user is proven.
async fn describe(cx: &mut Cx, verified: &Row) -> Result<(), Exit> {
    if let Some(session) = session::current(cx, Source::Any).await?
        && session.user_id() == verified.id()
    {
        session::describe(cx, &Session { user: session.user.clone().with("emailVerified", true), ..session });
    }
    Ok(())
}
