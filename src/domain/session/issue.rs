//! Making and ending sessions.

use http::header;

use super::{
    Session, expires_at,
    load::{Length, unexpired_of},
    set_cookies,
};
use crate::{
    domain::{Cx, commit, event, id},
    engine::Exit,
    schema::{SESSION, USER},
    store::{Batch, Conflict, Expect, Filter, Op, Row, Rows, Statement},
    wire::id::generate_id,
};

/// Whether a session outlives the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remember {
    /// It does.
    Yes,
    /// It ends with the browser, or after a day.
    No,
    /// As the browser's marker cookie says.
    AsBefore,
}

impl Remember {
    /// From the `rememberMe` of a request: only an explicit `false` forgets.
    #[must_use]
    pub fn from_input(remember_me: Option<bool>) -> Self {
        if remember_me == Some(false) { Self::No } else { Self::Yes }
    }
}

/// Applies `batch` and makes a session for `user` in the same stroke, then sets its cookies. If the batch inserts the user,
/// the session's user is the row as inserted.
///
/// The batch fails, and with it the sign-in, when a statement's expectation no longer holds: put a
/// [`check`](Batch::check) of what the decision rests on into it.
///
/// # Errors
/// What a write hook refused with, or a store that fails. A conflict is an ordinary answer.
pub async fn try_issue(
    cx: &mut Cx,
    user: Row,
    remember: Remember,
    batch: Batch,
) -> Result<Result<Session, Conflict>, Exit> {
    Ok(try_issue_with_rows(cx, user, remember, batch).await?.map(|(session, _)| session))
}

/// As [`try_issue`], and answers what the statements of `batch` have found or made.
///
/// # Errors
/// As [`try_issue`].
pub async fn try_issue_with_rows(
    cx: &mut Cx,
    user: Row,
    remember: Remember,
    batch: Batch,
) -> Result<Result<(Session, Vec<Rows>), Conflict>, Exit> {
    let row = new_row(cx, user.id(), remember);
    let inserts_user = |statement: &Statement| matches!(statement, Statement::Insert { table, .. } if *table == USER);
    let user_at = batch.statements.iter().position(inserts_user);
    let session_at = batch.statements.len();
    let batch = limit_sessions(cx, user.id(), batch.insert(SESSION, row)).await?;
    let mut rows = match commit::try_commit_session(cx, batch, &user).await? {
        Ok(rows) => rows,
        Err(conflict) => return Ok(Err(conflict)),
    };
    let row = commit::inserted(&mut rows, session_at)?;
    let user = match user_at {
        Some(at) => commit::inserted(&mut rows, at)?,
        None => user,
    };
    let session = Session { row, user };
    set_cookies(cx, session.clone(), remember);
    event::emit(cx, event::SIGNED_IN, Some(session.user_id()), vec![("session", session.row.id().to_owned())]).await;
    Ok(Ok((session, rows)))
}

fn new_row(cx: &Cx, user_id: &str, remember: Remember) -> Row {
    let now = cx.now();
    let mut row = Row::new()
        .with("expiresAt", expires_at(&cx.app().options.session, now, remember != Remember::No))
        .with("token", generate_id(cx.entropy()))
        .with("createdAt", now)
        .with("updatedAt", now)
        .with("ipAddress", cx.local.client_ip.as_deref().unwrap_or_default())
        .with("userAgent", cx.request.header(header::USER_AGENT).unwrap_or_default())
        .with("userId", user_id);
    row.set("id", id::new(cx, &SESSION));
    row
}

/// Adds to `batch` that the user's oldest sessions end when they have more than the installation allows.
async fn limit_sessions(cx: &mut Cx, user_id: &str, batch: Batch) -> Result<Batch, Exit> {
    let Some(max) = cx.app().options.session.max_sessions else { return Ok(batch) };
    let known = unexpired_of(cx, user_id, Length::All).await?;
    let keep = max.saturating_sub(1) as usize;
    let surplus: Vec<_> = known.iter().rev().skip(keep).map(|row| row.text("token").to_owned()).collect();
    if surplus.is_empty() {
        return Ok(batch);
    }
    Ok(batch.delete(SESSION, Filter::any_of("token", surplus), Expect::Any))
}

/// Adds to `batch` that all sessions of `user_id` end.
#[must_use]
pub fn delete_all_of(batch: Batch, user_id: &str) -> Batch {
    batch.delete(SESSION, Filter::eq("userId", user_id), Expect::Any)
}

/// Adds to `batch` that all sessions of `session`'s user end, save `session` itself.
#[must_use]
pub fn delete_others_of(batch: Batch, session: &Session) -> Batch {
    let others = Filter::eq("userId", session.user_id()).and(Filter::compare("token", Op::Ne, session.token()));
    batch.delete(SESSION, others, Expect::Any)
}

/// Adds to `batch` that `session` was not ended meanwhile.
#[must_use]
pub fn check_live(batch: Batch, session: &Session) -> Batch {
    batch.check(SESSION, Filter::eq("token", session.token()), Expect::Rows(1))
}
