//! Server only: `setPassword`

use http::Method;

use crate::{
    domain::{Cx, Installation, account, commit, done::Done, errors, event, password, session},
    engine::{Endpoint, Exit, Exposure},
    store::Batch,
    wire::shape::input,
};

/// Gives the signed-in user a first password.
pub struct SetPassword;

input! {
    /// The password.
    pub struct Body {
        /// The password.
        new_password "newPassword": String,
    }
}

impl Endpoint<Installation> for SetPassword {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const EXPOSURE: Exposure = Exposure::ServerOnly;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "setPassword";
    const PATH: &'static str = "/set-password";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let session = session::require_confirmed(cx).await?;
        let user_id = session.user_id();
        password::check_new(cx, &body.new_password)?;
        let credential = account::find_credential(cx, user_id).await?;
        cx.ensure(password::stored(credential.as_ref()).is_none(), errors::PASSWORD_ALREADY_SET)?;
        let hash = password::hash(cx, &body.new_password).await?;
        let live = session::check_live(Batch::new(), &session);
        let batch = match &credential {
            Some(credential) => account::change_password(live, credential, hash),
            None => account::add_password(cx, live, user_id, hash),
        };
        if let Err(conflict) = commit::try_commit(cx, batch).await? {
            // The first statement checks the session.
            let ended = conflict.statement == 0;
            return Err(if ended { errors::UNAUTHORIZED } else { errors::PASSWORD_ALREADY_SET }.into());
        }
        event::emit(cx, event::PASSWORD_SET, Some(user_id), Vec::new()).await;
        Ok(Done::DONE)
    }
}
