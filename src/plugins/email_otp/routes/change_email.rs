//! `POST /email-otp/change-email`

use std::sync::Arc;

use http::Method;

use super::super::{errors, logic, options::EmailOtpOptions};
use crate::{
    domain::{
        Cx, Installation, commit,
        done::Success,
        errors as base, event, notice,
        session::{self, Remember, Session},
        user,
    },
    engine::{Endpoint, Exit},
    schema::USER,
    store::{Batch, Expect, Filter, Row},
    wire::shape::input,
};

/// Replaces the signed-in user's address, with the code that the new one was sent.
pub struct ChangeEmailOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// The new address.
    pub struct Body {
        /// The new address.
        new_email "newEmail": String,
        /// The code that it was sent.
        otp: String,
    }
}

impl Endpoint<Installation> for ChangeEmailOtp {
    type Body = Body;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "changeEmailEmailOTP";
    const PATH: &'static str = "/email-otp/change-email";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Success, Exit> {
        let session = session::require_confirmed(cx).await?;
        cx.ensure(self.options.change_email.enabled, errors::CHANGE_EMAIL_DISABLED)?;
        let email = session.user.text("email").to_owned();
        let new_email = logic::address(&body.new_email)?;
        cx.ensure(new_email != user::normalize_email(&email), base::EMAIL_IS_THE_SAME)?;
        let identifier = logic::change_identifier(session.user_id(), &new_email);
        let code = logic::judge(cx, &self.options, &identifier, &body.otp).await?;
        if user::find_by_email(cx, &new_email).await?.is_some() {
            // Whoever has the code may know.
            return Err(logic::refuse(cx, &code, errors::EMAIL_IN_USE).await);
        }
        let as_found = Filter::eq("id", session.user_id()).and(Filter::eq("email", email.as_str()));
        let set = Row::new().with("email", new_email.as_str()).with("emailVerified", true);
        let live = session::check_live(Batch::new(), &session);
        let batch = code.spend(live, cx).update(USER, as_found, set, Expect::Rows(1));
        match commit::try_commit(cx, batch).await? {
            Ok(_) => {}
            // The check: the session has ended meanwhile.
            Err(conflict) if conflict.statement == 0 => return Err(base::UNAUTHORIZED.into()),
            Err(conflict) if conflict.is_unique(&USER, "email") => return Err(errors::EMAIL_IN_USE.into()),
            Err(_) => return Err(errors::INVALID_OTP.into()),
        }
        let old = session.user.clone();
        let user = session
            .user
            .clone()
            .with("email", new_email.as_str())
            .with("emailVerified", true)
            .with("updatedAt", cx.now());
        let user_id = user.id().to_owned();
        session::set_cookies(cx, Session { user, ..session }, Remember::AsBefore);
        event::emit(cx, event::EMAIL_CHANGED, Some(&user_id), Vec::new()).await;
        notice::email_changed(cx, &old, &new_email).await;
        event::emit(cx, event::EMAIL_VERIFIED, Some(&user_id), Vec::new()).await;
        Ok(Success::SUCCESS)
    }
}
