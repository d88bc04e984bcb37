//! Choosing a new password without the old one, by a token that went to the user's mailbox.

use super::{Cx, account, commit, event, session, user, verification};
use crate::{
    engine::Exit,
    schema::{USER, VERIFICATION},
    store::{Batch, Conflict, Expect, Filter, Row},
};

/// A reset token that was found good.
#[derive(Debug)]
pub struct Ticket {
    /// Whose password it replaces; `None` when they are gone.
    pub user: Option<Row>,
    /// The account whose password is replaced; `None` when the user has no password yet.
    pub credential: Option<Row>,
    token: Row,
    /// What says to which address it went. Tokens of the reference have none.
    sent_to: Option<Row>,
}

impl Ticket {
    /// Adds to `batch` that the token is spent. The batch fails when somebody else has spent it, or when the user has another address than
    /// the one that it went to.
    #[must_use]
    pub fn spend(&self, cx: &Cx, batch: Batch) -> Batch {
        let batch = verification::spend(batch, &self.token, cx);
        let Some(sent_to) = &self.sent_to else { return batch };
        let same = Filter::eq("id", self.token.text("value")).and(Filter::eq("email", sent_to.text("value")));
        verification::spend(batch, sent_to, cx).check(USER, same, Expect::Rows(1))
    }
}

/// The identifier under which a reset token is kept, as in the reference.
fn identifier(token: &str) -> String {
    format!("reset-password:{token}")
}

/// The identifier under which it is kept to which address a reset token went.
fn address_identifier(token: &str) -> String {
    format!("reset-password-address:{token}")
}

/// The batch that lets `token` replace the password of `user`. Without a user it is as much work, so that the time does not tell whether
/// there is one, and nothing stays.
#[must_use]
pub fn offer(cx: &Cx, token: &str, user: Option<&Row>) -> Batch {
    let lifetime = cx.app().options.email_and_password.reset_password_token_expires_in;
    let whose = user.map(Row::id).unwrap_or_default();
    let address = user.map(|user| user.text("email")).unwrap_or_default();
    let rows = [(identifier(token), whose), (address_identifier(token), address)];
    rows.into_iter().fold(Batch::new(), |batch, (identifier, value)| {
        let row = verification::new(cx, &identifier, value, lifetime);
        if user.is_some() { batch.insert(VERIFICATION, row) } else { verification::pretend(batch, row) }
    })
}

/// The live reset token `token`. Beyond the reference, a token is void once the password was changed after it was made, and once the user
/// has another address than the one that it went to: whoever reads there is not the user any more.
///
/// # Errors
/// When the store cannot answer.
pub async fn find(cx: &mut Cx, token: &str) -> Result<Option<Ticket>, Exit> {
    let Some(found) = verification::find_token(cx, token, identifier).await? else { return Ok(None) };
    let sent_to = verification::find_token(cx, token, address_identifier).await?;
    let mut user = user::find_with_accounts(cx, Filter::eq("id", found.text("value"))).await?;
    let accounts = user.as_mut().map(|user| user.detach(user::ACCOUNTS)).unwrap_or_default();
    let credential = account::pick_credential(&accounts, found.text("value")).cloned();
    let changed_at = credential.as_ref().and_then(|credential| credential.date("updatedAt"));
    let superseded = changed_at.zip(found.date("createdAt")).is_some_and(|(changed_at, made_at)| changed_at > made_at);
    let moved = sent_to.as_ref().zip(user.as_ref()).is_some_and(|(to, user)| to.text("value") != user.text("email"));
    Ok((!superseded && !moved).then_some(Ticket { user, credential, token: found, sent_to }))
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
