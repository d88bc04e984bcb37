//! `POST /change-password`

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Installation, account, commit, errors, event, password,
        record::User,
        session::{self, Remember, Session},
        view::View,
    },
    engine::{Endpoint, Exit},
    store::{Batch, Conflict, ConflictKind, StorageError},
    wire::shape::input,
};

/// Replaces the signed-in user's password by one that knows the old one.
pub struct ChangePassword;

input! {
    /// The old password and the new one.
    pub struct Body {
        /// The new password.
        new_password "newPassword": String,
        /// The old password.
        current_password "currentPassword": String,
        /// Ends all sessions; this browser gets a new one.
        revoke_other_sessions "revokeOtherSessions": Option<bool>,
    }
}

/// The user; `token` is that of the new session, if there is one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<U = User> {
    /// The token of the session that replaces the others, if they were ended.
    pub token: Option<String>,
    /// The user.
    pub user: U,
}

impl Endpoint<Installation> for ChangePassword {
    type Body = Body;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "changePassword";
    const PATH: &'static str = "/change-password";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View>, Exit> {
        let session = session::require_confirmed(cx).await?;
        password::check_new(cx, &body.new_password)?;
        password::check_not_too_long(cx, &body.current_password)?;
        let credential = account::find_credential(cx, session.user_id()).await?;
        let stored = password::stored(credential.as_ref()).map(str::to_owned);
        let (Some(credential), Some(stored)) = (credential, stored) else {
            return Err(errors::CREDENTIAL_ACCOUNT_NOT_FOUND.into());
        };
        if !password::verify_own(cx, session.user_id(), &stored, &body.current_password).await? {
            event::emit(cx, event::PASSWORD_REFUSED, Some(session.user_id()), Vec::new()).await;
            return Err(errors::INVALID_PASSWORD.into());
        }
        let hash = password::hash(cx, &body.new_password).await?;
        let batch = session::check_live(Batch::new(), &session);
        let batch = account::change_password(batch, &credential, hash);
        let token = if body.revoke_other_sessions == Some(true) {
            Some(change_and_revoke(cx, &session, batch).await?)
        } else {
            commit::try_commit(cx, batch).await?.map_err(refusal)?;
            None
        };
        event::emit(cx, event::PASSWORD_CHANGED, Some(session.user_id()), Vec::new()).await;
        Ok(Output { token, user: View::user(cx, session.user) })
    }
}

/// Applies `batch`, ends all sessions, and makes one for this browser. Answers its token.
async fn change_and_revoke(cx: &mut Cx, session: &Session, batch: Batch) -> Result<String, Exit> {
    let batch = session::delete_all_of(cx, batch, session.user_id());
    let issued = session::try_issue_proven(cx, session.user.clone(), Remember::AsBefore, batch).await?;
    let renewed = issued.map_err(refusal)?;
    let detail = vec![("reason", "password change".to_owned())];
    event::emit(cx, event::SESSION_REVOKED, Some(session.user_id()), detail).await;
    Ok(renewed.token().to_owned())
}

/// What it means that the batch, whose first statement checks the session, was decided on something that changed meanwhile.
fn refusal(conflict: Conflict) -> Exit {
    match conflict.kind {
        ConflictKind::Unique { .. } => StorageError::Conflict(conflict).into(),
        _ if conflict.statement == 0 => errors::UNAUTHORIZED.into(),
        ConflictKind::Expectation { .. } | ConflictKind::Reference { .. } => errors::INVALID_PASSWORD.into(),
    }
}
