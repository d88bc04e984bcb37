//! Deleting oneself: at once, or with a token that came by mail.

use http::StatusCode;

use super::{
    Cx, commit, errors, event,
    session::{self, Session},
    user, verification,
};
use crate::{
    engine::Exit,
    store::{Batch, Conflict, Row},
    wire::id::{Alphabet, random_string},
};

/// Characters of a token, of `0-9a-z` each.
const TOKEN_LENGTH: usize = 32;

/// A new token.
#[must_use]
pub fn new_token(cx: &Cx) -> String {
    random_string(cx.entropy(), Alphabet::LowerAlnum, TOKEN_LENGTH)
}

/// The one-time value that lets the holder of `token` delete `user_id`, for inserting.
#[must_use]
pub fn permission(cx: &Cx, token: &str, user_id: &str) -> Row {
    let lifetime = cx.app().options.user.delete_user.delete_token_expires_in;
    verification::new(cx, &identifier(token), user_id, lifetime)
}

/// Spends `token` and removes the user of `session`, all or nothing, then expires the session's cookies.
///
/// # Errors
/// `INVALID_TOKEN` under 404 when the token is unknown, expired, spent by somebody quicker, or another user's; one of another
/// user stays good.
pub async fn with_token(cx: &mut Cx, session: &Session, token: &str) -> Result<(), Exit> {
    let invalid = || errors::INVALID_TOKEN.status(StatusCode::NOT_FOUND);
    let Some(found) =
        verification::find_token(cx, token, identifier).await?.filter(|found| found.text("value") == session.user_id())
    else {
        return Err(invalid().into());
    };
    let spent = verification::spend(Batch::new(), &found, cx);
    try_delete(cx, session, spent).await?.map_err(|_| invalid().into())
}

/// Applies `batch` and removes the user of `session` in the same stroke, then expires the session's cookies. The batch fails
/// when the session has ended meanwhile.
///
/// # Errors
/// A store that fails. A conflict is an ordinary answer.
pub async fn try_delete(cx: &mut Cx, session: &Session, batch: Batch) -> Result<Result<(), Conflict>, Exit> {
    let batch = session::check_live(batch, session);
    let batch = user::delete(cx, session.user_id()).statements.into_iter().fold(batch, Batch::then);
    if let Err(conflict) = commit::try_commit(cx, batch).await? {
        return Ok(Err(conflict));
    }
    session::expire_cookies(cx);
    event::emit(cx, event::USER_DELETED, Some(session.user_id()), Vec::new()).await;
    Ok(Ok(()))
}

fn identifier(token: &str) -> String {
    format!("delete-account-{token}")
}
