//! `POST /send-verification-email`

use http::Method;

use crate::{
    domain::{
        Cx, Installation,
        done::Done,
        errors, id,
        session::{self, Source},
        user, verification_link,
    },
    engine::{Endpoint, Exit},
    schema::USER,
    wire::shape::{EmailText, input},
};

/// Sends the link that proves an address, once more.
///
/// The answer is the same whether or not there was anybody to write to.
pub struct SendVerificationEmail;

input! {
    /// Which address.
    pub struct Body {
        /// The address. Whoever is signed in can only name their own.
        email: EmailText,
        /// Where the link leads.
        callback_url "callbackURL": Option<String>,
    }
}

impl Endpoint<Installation> for SendVerificationEmail {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "sendVerificationEmail";
    const PATH: &'static str = "/send-verification-email";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        cx.ensure(verification_link::is_sent(cx.app()), errors::VERIFICATION_EMAIL_NOT_ENABLED)?;
        let callback = body.callback_url.as_deref();
        match session::current(cx, Source::Any).await? {
            Some(session) => {
                let own = user::normalize_email(session.user.text("email"));
                cx.ensure(own == user::normalize_email(&body.email), errors::EMAIL_MISMATCH)?;
                cx.ensure(!session.user.flag("emailVerified"), errors::EMAIL_ALREADY_VERIFIED)?;
                verification_link::send(cx, &session.user, callback).await;
            }
            None => match user::find_by_email(cx, &body.email).await? {
                Some(user) if !user.flag("emailVerified") => verification_link::send(cx, &user, callback).await,
                // As much work as for an address that is written to, so that the time tells nothing.
                known => {
                    let id = known.as_ref().map_or_else(|| id::unstored(cx, &USER), |user| user.id().to_owned());
                    verification_link::pretend(cx, &body.email, &id).await;
                }
            },
        }
        Ok(Done::DONE)
    }
}
