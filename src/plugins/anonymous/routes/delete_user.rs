//! `POST /delete-anonymous-user`

use std::sync::Arc;

use http::Method;

use super::super::{errors, logic, options::AnonymousOptions};
use crate::{
    domain::{Cx, Installation, done::Success, errors as base, session, user_deletion},
    engine::{Endpoint, Exit},
    store::Batch,
};

/// Removes the signed-in user, who is anonymous.
pub struct DeleteAnonymousUser {
    pub(super) options: Arc<AnonymousOptions>,
}

impl Endpoint<Installation> for DeleteAnonymousUser {
    type Body = ();
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "deleteAnonymousUser";
    const PATH: &'static str = "/delete-anonymous-user";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Success, Exit> {
        let session = session::require_confirmed(cx).await?;
        cx.ensure(!self.options.disable_delete_anonymous_user, errors::DELETE_ANONYMOUS_USER_DISABLED)?;
        cx.ensure(logic::is_anonymous(&session.user), errors::USER_IS_NOT_ANONYMOUS)?;
        let deleted = user_deletion::try_delete(cx, &session, Batch::new()).await?;
        deleted.map_err(|_| base::UNAUTHORIZED)?;
        Ok(Success::SUCCESS)
    }
}
