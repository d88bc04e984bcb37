//! `POST /two-factor/disable`

use std::sync::Arc;

use http::Method;

use super::{
    super::{
        options::TwoFactorOptions,
        schema::{ENABLED, TWO_FACTOR},
    },
    Confirmation, confirm,
};
use crate::{
    domain::{Cx, Installation, done::Done, errors, event, session},
    engine::{Endpoint, Exit},
    schema::USER,
    store::{Expect, Filter, Row},
};

/// Has the user asked for no second factor any more. Beyond the reference, no device is trusted any more either, so that none is when
/// a second factor is set up again.
pub struct DisableTwoFactor {
    pub(super) options: Arc<TwoFactorOptions>,
}

impl Endpoint<Installation> for DisableTwoFactor {
    type Body = Confirmation;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "disableTwoFactor";
    const PATH: &'static str = "/two-factor/disable";

    async fn call(&self, cx: &mut Cx, body: Confirmation, (): ()) -> Result<Done, Exit> {
        let options = &*self.options;
        let session = session::require_confirmed(cx).await?;
        let batch = confirm(cx, &session, body.password.as_deref(), options.allow_passwordless).await?;
        let user_id = session.user_id();
        let batch = batch
            .update(USER, Filter::eq("id", user_id), Row::new().with(ENABLED, false), Expect::Rows(1))
            .delete(TWO_FACTOR, Filter::eq("userId", user_id), Expect::Any);
        let batch = options.trust_none(cx, batch, user_id);
        let user = session.user.clone().with(ENABLED, false).with("updatedAt", cx.now());
        if let Err(conflict) = session::try_replace(cx, &session, user, batch).await? {
            let ended = conflict.statement == 0;
            return Err(if ended { errors::UNAUTHORIZED } else { errors::INVALID_PASSWORD }.into());
        }
        options.expire_trust(cx);
        event::emit(cx, event::TWO_FACTOR_DISABLED, Some(user_id), Vec::new()).await;
        Ok(Done::DONE)
    }
}
