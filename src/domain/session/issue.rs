//! Making and ending sessions.

use http::header;

use super::{
    Session,
    cookies::{expire_carriers, mark},
    expires_at,
    load::{Length, unexpired_of},
    set_cookies, withdraw_cookies,
};
use crate::{
    domain::{Cx, PromisedSession, SignIn, commit, event, id, sign_in},
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

/// Applies `batch` and signs `user` in with a session made in the same stroke, then sets its cookies. If the batch inserts the
/// user, the session's user is the row as inserted. What plugins [hold](super::super::SignIn::instead) gets no session: the batch
/// is applied, and their answer ends the request.
///
/// The batch fails, and with it the sign-in, when a statement's expectation no longer holds: put a
/// [`check`](Batch::check) of what the decision rests on into it.
///
/// # Errors
/// What a hook refused with, the answer to a sign-in that is held, or a store that fails. A conflict is an ordinary answer.
pub async fn try_issue(
    cx: &mut Cx,
    user: Row,
    remember: Remember,
    batch: Batch,
) -> Result<Result<Session, Conflict>, Exit> {
    let SignIn { user, also, cookies, instead } = sign_in::judge(cx, user).await?;
    let Some(answer) = instead else {
        let issued = make(cx, new_row(cx, user.id(), remember), user, remember, [batch, also]).await?;
        if issued.is_ok() {
            cookies.into_iter().for_each(|cookie| cx.reply.push_cookie(cookie));
        }
        return Ok(issued);
    };
    let user_id = user.id().to_owned();
    if let Err(conflict) = commit::try_commit(cx, batch.joined(also)).await? {
        return Ok(Err(conflict));
    }
    expire_carriers(cx);
    mark(cx, remember);
    cookies.into_iter().for_each(|cookie| cx.reply.push_cookie(cookie));
    event::emit(cx, event::SIGN_IN_HELD, Some(&user_id), Vec::new()).await;
    Err(answer)
}

/// As [`try_issue`] where a session is no more than a convenience: a sign-in that plugins hold is none, and the batch is applied
/// without it.
///
/// # Errors
/// As [`try_issue`], save the answer to a sign-in that is held.
pub async fn try_issue_at_once(
    cx: &mut Cx,
    user: Row,
    remember: Remember,
    batch: Batch,
) -> Result<Result<Option<Session>, Conflict>, Exit> {
    let SignIn { user, also, cookies, instead } = sign_in::judge(cx, user).await?;
    if instead.is_some() {
        return Ok(commit::try_commit(cx, batch).await?.map(|_| None));
    }
    let issued = make(cx, new_row(cx, user.id(), remember), user, remember, [batch, also]).await?;
    if issued.is_ok() {
        cookies.into_iter().for_each(|cookie| cx.reply.push_cookie(cookie));
    }
    Ok(issued.map(Some))
}

/// As [`try_issue`] for somebody who is signed in, or who has given every proof there is: no plugin is asked.
///
/// # Errors
/// What a write hook refused with, or a store that fails. A conflict is an ordinary answer.
pub async fn try_issue_proven(
    cx: &mut Cx,
    user: Row,
    remember: Remember,
    batch: Batch,
) -> Result<Result<Session, Conflict>, Exit> {
    make(cx, new_row(cx, user.id(), remember), user, remember, [batch, Batch::new()]).await
}

/// Applies `batch` and puts a new session in the place of `old`, as the reference does when what `user` is asked for at sign-in
/// changes. What the application and plugins have added to the old one goes on. The batch fails when the old one has ended: its
/// first statement says so.
///
/// # Errors
/// As [`try_issue_proven`].
pub async fn try_replace(
    cx: &mut Cx,
    old: &Session,
    user: Row,
    batch: Batch,
) -> Result<Result<Session, Conflict>, Exit> {
    let mut row = new_row(cx, user.id(), Remember::AsBefore);
    let app = cx.app_arc();
    for field in app.added_fields(&SESSION).iter().filter(|field| field.default.is_none()) {
        row.set(field.name.clone(), old.row.get(&field.name).clone());
    }
    for name in ["ipAddress", "userAgent"] {
        row.set(name, old.row.get(name).clone());
    }
    // In secondary storage the session may end between the check and this.
    let ended = Batch::new().delete(SESSION, Filter::eq("token", old.token()), Expect::Rows(1));
    let before = check_live(Batch::new(), old).joined(batch);
    let within = before.statements.len();
    let issued = make_with_rows(cx, row, user, Remember::AsBefore, [before, ended], Some(old.token())).await?;
    Ok(issued.map(|(session, _)| session).map_err(|conflict| {
        let statement = if conflict.statement > within { 0 } else { conflict.statement };
        Conflict { statement, ..conflict }
    }))
}

/// As [`try_issue_proven`], and answers what the statements of `batch` have found or made.
///
/// # Errors
/// As [`try_issue_proven`].
pub async fn try_issue_with_rows(
    cx: &mut Cx,
    user: Row,
    remember: Remember,
    batch: Batch,
) -> Result<Result<(Session, Vec<Rows>), Conflict>, Exit> {
    make_with_rows(cx, new_row(cx, user.id(), remember), user, remember, [batch, Batch::new()], None).await
}

/// Makes the session `row` of `user` between the two batches, and sets its cookies.
async fn make(
    cx: &mut Cx,
    row: Row,
    user: Row,
    remember: Remember,
    around: [Batch; 2],
) -> Result<Result<Session, Conflict>, Exit> {
    Ok(make_with_rows(cx, row, user, remember, around, None).await?.map(|(session, _)| session))
}

/// As [`make`], with the rows of all statements. The session that the batches put it in the place of is `leaving`.
async fn make_with_rows(
    cx: &mut Cx,
    row: Row,
    user: Row,
    remember: Remember,
    [before, after]: [Batch; 2],
    leaving: Option<&str>,
) -> Result<Result<(Session, Vec<Rows>), Conflict>, Exit> {
    let inserts_user = |statement: &Statement| matches!(statement, Statement::Insert { table, .. } if *table == USER);
    let user_at = before.statements.iter().position(inserts_user);
    let session_at = before.statements.len();
    let batch = limit_sessions(cx, user.id(), before.insert(SESSION, row), leaving).await?;
    let mut rows = match commit::try_commit_session(cx, batch.joined(after), &user).await? {
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

/// As [`try_issue_proven`], for a client that is told the token and keeps it by itself: no cookie is set.
///
/// # Errors
/// As [`try_issue_proven`].
pub async fn try_issue_told(cx: &mut Cx, user: Row, batch: Batch) -> Result<Result<Session, Conflict>, Exit> {
    let issued = try_issue_proven(cx, user, Remember::Yes, batch).await?;
    withdraw_cookies(cx);
    Ok(issued)
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

/// Adds to `batch` that the user's oldest sessions end when they have more than the installation allows, without the one that is
/// `leaving` anyway.
async fn limit_sessions(cx: &mut Cx, user_id: &str, batch: Batch, leaving: Option<&str>) -> Result<Batch, Exit> {
    let Some(max) = cx.app().options.session.max_sessions else { return Ok(batch) };
    let known = unexpired_of(cx, user_id, Length::All).await?;
    let keep = max.saturating_sub(1) as usize;
    let staying = known.iter().rev().map(|row| row.text("token")).filter(|token| leaving != Some(token));
    let surplus: Vec<_> = staying.skip(keep).map(str::to_owned).collect();
    if surplus.is_empty() {
        return Ok(batch);
    }
    let oldest = Filter::eq("userId", user_id).and(Filter::any_of("token", surplus));
    Ok(batch.delete(SESSION, oldest, Expect::Any))
}

/// Adds to `batch` that all sessions of `user_id` end, those that are [promised](PromisedSession) included.
#[must_use]
pub fn delete_all_of(cx: &Cx, batch: Batch, user_id: &str) -> Batch {
    end(cx, batch, user_id, Filter::eq("userId", user_id))
}

/// As [`delete_all_of`], save `session` itself.
#[must_use]
pub fn delete_others_of(cx: &Cx, batch: Batch, session: &Session) -> Batch {
    let others = Filter::eq("userId", session.user_id()).and(Filter::compare("token", Op::Ne, session.token()));
    end(cx, batch, session.user_id(), others)
}

/// Adds to `batch` that the `sessions` of `user_id` end, and that nothing becomes one any more that was to.
///
/// A statement waits for whoever changes the same rows at the same time: the first for sessions that are promising something, the next for
/// what is becoming a session, and the last ends what has become one.
fn end(cx: &Cx, batch: Batch, user_id: &str, sessions: Filter) -> Batch {
    let batch = batch.delete(SESSION, sessions.clone(), Expect::Any);
    let promises: Vec<_> = cx.app().plugins.iter().flat_map(|plugin| plugin.promised_sessions()).collect();
    if promises.is_empty() {
        return batch;
    }
    let batch = promises.into_iter().fold(batch, |batch, PromisedSession { table, user_id: field, when }| {
        batch.delete(table, Filter::eq(field, user_id).and(when), Expect::Any)
    });
    batch.delete(SESSION, sessions, Expect::Any)
}

/// Adds to `batch` that `session` was not ended meanwhile.
#[must_use]
pub fn check_live(batch: Batch, session: &Session) -> Batch {
    batch.check(SESSION, Filter::eq("token", session.token()), Expect::Rows(1))
}
