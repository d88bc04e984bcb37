//! `POST /reset-password`

use http::Method;

use crate::{
    domain::{Cx, Installation, done::Done, errors, password, password_reset, user, verification},
    engine::{Endpoint, Exit},
    store::Batch,
    wire::shape::input,
};

/// Replaces a forgotten password.
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
        let user = user::find_by_id(cx, ticket.user_id()).await?.ok_or(errors::USER_NOT_FOUND)?;
        let hash = password::hash(cx, &body.new_password).await?;
        let spent = verification::spend(Batch::new(), &ticket.verification, cx);
        let applied = password_reset::apply(cx, user.id(), ticket.credential.as_ref(), hash, spent).await?;
        applied.map_err(|_| errors::INVALID_TOKEN)?;
        Ok(Done::DONE)
    }
}
