//! Choosing a new password without the old one, by a token that went to the user's mailbox.

use super::{Cx, account, commit, event, session, verification};
use crate::{
    engine::Exit,
    store::{Batch, Conflict, Row},
};

/// A reset token that was found good.
#[derive(Debug)]
pub struct Ticket {
    /// The token's row.
    pub verification: Row,
    /// The account whose password is replaced; `None` when the user has no password yet.
    pub credential: Option<Row>,
}

impl Ticket {
    /// Whose password it replaces.
    #[must_use]
    pub fn user_id(&self) -> &str {
        self.verification.text("value")
    }
}

/// The identifier under which a reset token is kept, as in the reference.
#[must_use]
pub fn identifier(token: &str) -> String {
    format!("reset-password:{token}")
}

/// The live reset token `token`. Beyond the reference, a token is void once the password was changed after it was made.
///
/// # Errors
/// When the store cannot answer.
pub async fn find(cx: &mut Cx, token: &str) -> Result<Option<Ticket>, Exit> {
    let Some(verification) = verification::find_token(cx, token, identifier).await? else { return Ok(None) };
    let credential = account::find_credential(cx, verification.text("value")).await?;
    let changed_at = credential.as_ref().and_then(|credential| credential.date("updatedAt"));
    let made_at = verification.date("createdAt");
    let superseded = changed_at.zip(made_at).is_some_and(|(changed_at, made_at)| changed_at > made_at);
    Ok((!superseded).then_some(Ticket { verification, credential }))
}

/// Gives `user_id` the password that `hash` was made of, and ends the user's sessions if the installation says so. `credential` is the
/// account that holds the present password, as it was read.
///
/// All in one batch on top of `spent`, which spends the token that allows this. A conflict means that the token is spent, the
/// password was changed, or the user is gone.
///
/// # Errors
/// What a write hook refused with, or a store that fails.
pub async fn apply(
    cx: &mut Cx,
    user_id: &str,
    credential: Option<&Row>,
    hash: String,
    spent: Batch,
) -> Result<Result<(), Conflict>, Exit> {
    let mut batch = match credential {
        Some(credential) => account::change_password(spent, credential, hash),
        None => account::add_password(cx, spent, user_id, hash),
    };
    let ends_sessions = cx.app().options.email_and_password.revoke_sessions_on_password_reset;
    if ends_sessions {
        batch = session::delete_all_of(cx, batch, user_id);
    }
    if let Err(conflict) = commit::try_commit(cx, batch).await? {
        return Ok(Err(conflict));
    }
    event::emit(cx, event::PASSWORD_RESET, Some(user_id), Vec::new()).await;
    if ends_sessions {
        event::emit(cx, event::SESSION_REVOKED, Some(user_id), vec![("reason", "password reset".to_owned())]).await;
    }
    Ok(Ok(()))
}
