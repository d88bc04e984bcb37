//! `POST /reset-password`

use http::Method;

use crate::{
    domain::{Cx, Installation, done::Done, errors, event, mailbox, password, password_reset},
    engine::{Endpoint, Exit},
    store::Batch,
    wire::shape::input,
};

/// Replaces a forgotten password.
///
/// Beyond the reference, where the address was never proven, everything goes by which somebody else could have signed in before. The
/// address does not count as proven by this: the message may have gone to the one before it.
pub struct ResetPassword;

input! {
    /// The new password.
    pub struct Body {
        /// The new password.
        new_password "newPassword": String,
        /// The token from the reset message.
        token: Option<String>,
    }
}

input! {
    /// Another place for the token.
    pub struct Query {
        /// The token from the reset message.
        token: Option<String>,
    }
}

impl Endpoint<Installation> for ResetPassword {
    type Body = Body;
    type Output = Done;
    type Query = Option<Query>;

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "resetPassword";
    const PATH: &'static str = "/reset-password";

    async fn call(&self, cx: &mut Cx, body: Body, query: Option<Query>) -> Result<Done, Exit> {
        let in_query = query.and_then(|query| query.token);
        let given = [body.token, in_query].into_iter().flatten().find(|token| !token.is_empty());
        let token = given.ok_or(errors::INVALID_TOKEN)?;
        password::check_new(cx, &body.new_password)?;
        let ticket = password_reset::find(cx, &token).await?.ok_or(errors::INVALID_TOKEN)?;
        let user = ticket.user.as_ref().ok_or(errors::USER_NOT_FOUND)?;
        let hash = password::hash(cx, &body.new_password).await?;
        let mut spent = ticket.spend(cx, Batch::new());
        let credential = ticket.credential.as_ref();
        let unproven = !user.flag("emailVerified");
        if unproven {
            spent = mailbox::close_other_ways_in(cx, spent, user.id());
        }
        let applied = password_reset::apply(cx, user.id(), credential, hash, spent).await?;
        applied.map_err(|_| errors::INVALID_TOKEN)?;
        if unproven && !cx.app().options.email_and_password.revoke_sessions_on_password_reset {
            let reason = vec![("reason", "address unproven".to_owned())];
            event::emit(cx, event::SESSION_REVOKED, Some(user.id()), reason).await;
        }
        Ok(Done::DONE)
    }
}
