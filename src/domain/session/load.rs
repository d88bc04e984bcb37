//! Finding the session of a request.

use super::{Freshness, Remember, Renewal, Session, cache, expire_cookies, freshness, is_live, renewal, set_cookies};
use crate::{
    domain::{
        Cx, Place, commit, cookies, errors, list,
        request::SessionMemo,
        secondary::{self, Kept},
    },
    engine::Exit,
    schema::{SESSION, USER},
    store::{Batch, Consistency, Direction, Expect, Filter, Op, Query, Row, With},
};

/// Where a session may be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The cookie cache if it is believable, else the store.
    Any,
    /// The store only: for whatever a revoked session must not do.
    Store,
}

/// What was asked of a look-up beyond the session itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Where it may be read from.
    pub source: Source,
    /// Whether the look-up may push the session's end out.
    pub refresh: Refresh,
}

/// What a look-up may do to the session's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Push it out when it is time.
    WhenDue,
    /// Say that it is time, and leave it.
    Report,
    /// Nothing, and leave the cookies alone too.
    Never,
}

/// A session that was found, and whether it should be refreshed by a request that may write.
#[derive(Debug)]
pub struct Found {
    /// The session.
    pub session: Session,
    /// Whether its end should be pushed out and this request did not; not known of a session believed from its cookie.
    pub needs_refresh: Option<bool>,
}

/// The signed-in session, if there is one. Looked up once for a request, renewed when it is time.
///
/// # Errors
/// When the store cannot answer.
pub async fn current(cx: &mut Cx, source: Source) -> Result<Option<Session>, Exit> {
    match &cx.local.session {
        SessionMemo::Absent => return Ok(None),
        SessionMemo::Present { session, confirmed } if *confirmed || source == Source::Any => {
            return Ok(Some((**session).clone()));
        }
        SessionMemo::Present { .. } | SessionMemo::Unknown => {}
    }
    let deferred = cx.app().options.session.defer_session_refresh;
    let refresh = if deferred { Refresh::Report } else { Refresh::WhenDue };
    Ok(load(cx, Look { source, refresh }).await?.map(|found| found.session))
}

/// The session that this request has found or made so far; nothing is looked up.
#[must_use]
pub fn known(cx: &Cx) -> Option<&Session> {
    match &cx.local.session {
        SessionMemo::Present { session, .. } => Some(session),
        SessionMemo::Absent | SessionMemo::Unknown => cx.local.new_session.as_ref(),
    }
}

/// The signed-in session.
///
/// # Errors
/// `UNAUTHORIZED` when there is none.
pub async fn require(cx: &mut Cx) -> Result<Session, Exit> {
    current(cx, Source::Any).await?.ok_or_else(|| errors::UNAUTHORIZED.into())
}

/// The signed-in session as the store has it now: for whatever a revoked session must not do.
///
/// # Errors
/// `UNAUTHORIZED` when there is none.
pub async fn require_confirmed(cx: &mut Cx) -> Result<Session, Exit> {
    current(cx, Source::Store).await?.ok_or_else(|| errors::UNAUTHORIZED.into())
}

/// The signed-in session, made lately and not revoked: unlike the reference, which believes the cookie here too, the store is asked.
///
/// # Errors
/// `UNAUTHORIZED` when there is none, `SESSION_NOT_FRESH` when it is too old.
pub async fn require_fresh(cx: &mut Cx) -> Result<Session, Exit> {
    let session = require(cx).await?;
    if !matches!(cx.local.session, SessionMemo::Present { confirmed: true, .. }) {
        let stored = from_store(cx, session.token()).await?;
        if !stored.is_some_and(|stored| is_live(&stored, &cx.app().options.session, cx.now())) {
            expire_cookies(cx);
            return Err(errors::UNAUTHORIZED.into());
        }
    }
    match freshness(&session, &cx.app().options.session, cx.now()) {
        Freshness::Fresh => Ok(session),
        Freshness::Stale => Err(errors::SESSION_NOT_FRESH.into()),
    }
}

/// Looks the session up, as the reference's `GET /get-session` does, cookies included.
///
/// # Errors
/// When the store cannot answer; `FAILED_TO_GET_SESSION` when it vanished while it was renewed.
pub async fn load(cx: &mut Cx, look: Look) -> Result<Option<Found>, Exit> {
    let found = look_up(cx, look).await;
    cx.local.session = match &found {
        Ok(Some((found, confirmed))) => {
            SessionMemo::Present { session: Box::new(found.session.clone()), confirmed: *confirmed }
        }
        Ok(None) | Err(_) => SessionMemo::Absent,
    };
    Ok(found?.map(|(found, _)| found))
}

async fn look_up(cx: &mut Cx, look: Look) -> Result<Option<(Found, bool)>, Exit> {
    let app = cx.app_arc();
    let caching = app.options.session.cookie_cache.enabled;
    let token = cookies::read_signed(cx, &app.cookies.session_token);
    if !caching {
        // Left behind by an earlier configuration.
        cache::discard_sent(cx);
    }
    let Some(token) = token else { return Ok(None) };
    if caching && look.source == Source::Any {
        match cache::read(cx, &token).await? {
            cache::Cached::Usable(session) => {
                return Ok(Some((Found { session: *session, needs_refresh: None }, false)));
            }
            cache::Cached::Unusable => cookies::expire(cx, &app.cookies.session_data),
            cache::Cached::Absent => {}
        }
    }
    // Secondary storage is asked first, and what it has lost must not come back from a replica.
    let stale_reads = app.options.session.stale_reads && !app.places.sessions.in_secondary();
    if stale_reads && look.source == Source::Any {
        // What a replica has not seen yet may be there all the same.
        let session = read(cx, &token, Consistency::Stale).await?;
        if let Some(session) = session.filter(|session| is_live(session, &app.options.session, cx.now())) {
            return keep(cx, session, look.refresh).await.map(|found| Some((found, false)));
        }
    }
    match from_store(cx, &token).await? {
        Some(session) if is_live(&session, &app.options.session, cx.now()) => {
            keep(cx, session, look.refresh).await.map(|found| Some((found, true)))
        }
        ended => {
            if let Some(ended) = ended.filter(|_| look.refresh != Refresh::Report) {
                remove(cx, &ended).await?;
            }
            expire_cookies(cx);
            Ok(None)
        }
    }
}

/// The session with this token as the store has it, live or not, with its user.
///
/// # Errors
/// When the store cannot answer.
pub async fn from_store(cx: &mut Cx, token: &str) -> Result<Option<Session>, Exit> {
    read(cx, token, Consistency::Latest).await
}

async fn read(cx: &mut Cx, token: &str, consistency: Consistency) -> Result<Option<Session>, Exit> {
    let place = cx.app().places.sessions;
    if place.in_secondary() {
        match secondary::look(cx, token).await? {
            Kept::Session(session) => return Ok(Some(*session)),
            Kept::Unusable | Kept::Reserved => return Ok(None),
            Kept::Nothing if place != Place::Both => return Ok(None),
            Kept::Nothing => {}
        }
    }
    const WHOSE: &str = "user";
    let user = With { name: WHOSE.into(), table: USER, local: "userId".into(), foreign: "id".into() };
    let query = Query { consistency, ..Query::one(SESSION, Filter::eq("token", token)).with(user) };
    let Some(mut row) = cx.read(query).await?.first() else { return Ok(None) };
    let user = row.detach(WHOSE).into_iter().next();
    Ok(user.map(|user| Session { row, user }))
}

/// The live sessions of `user_id`, oldest first, as many as a list may have.
///
/// # Errors
/// When the store cannot answer.
pub async fn live_of(cx: &mut Cx, user_id: &str) -> Result<Vec<Row>, Exit> {
    let rows = unexpired_of(cx, user_id, Length::AsConfigured).await?;
    let sessions = rows.into_iter().map(|row| Session { row, user: Row::new() });
    let (options, now) = (&cx.app().options.session, cx.now());
    Ok(sessions.filter(|session| is_live(session, options, now)).map(|session| session.row).collect())
}

/// How many rows a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// All there are.
    All,
    /// As many as the installation's lists have. Secondary storage is always read as a whole.
    AsConfigured,
}

/// The sessions of `user_id` whose end has not come, oldest first.
pub(super) async fn unexpired_of(cx: &mut Cx, user_id: &str, length: Length) -> Result<Vec<Row>, Exit> {
    let now = cx.now();
    if !cx.app().places.sessions.database_decides() {
        let mut sessions = secondary::all_of(cx, user_id).await?;
        sessions.retain(|session| session.expires_at() > now);
        sessions.sort_by_key(Session::created_at);
        return Ok(sessions.into_iter().map(|session| session.row).collect());
    }
    let unexpired = Filter::eq("userId", user_id).and(Filter::compare("expiresAt", Op::Gt, now));
    let query = Query::many(SESSION, unexpired).order_by("createdAt", Direction::Ascending);
    match length {
        Length::All => Ok(cx.read(query).await?.rows),
        Length::AsConfigured => list::find_many(cx, query).await,
    }
}

/// Renews the session's end or its cached copy, as is due.
async fn keep(cx: &mut Cx, session: Session, refresh: Refresh) -> Result<Found, Exit> {
    let app = cx.app_arc();
    let options = &app.options.session;
    let forget = cookies::read_signed(cx, &app.cookies.dont_remember).is_some();
    if forget || refresh == Refresh::Never {
        return Ok(Found { session, needs_refresh: Some(false) });
    }
    let due = if options.disable_session_refresh { Renewal::NotDue } else { renewal(&session, options, cx.now()) };
    match (due, refresh) {
        (Renewal::Due(until), Refresh::WhenDue) => {
            let session = renew(cx, session, until).await?;
            set_cookies(cx, session.clone(), Remember::Yes);
            Ok(Found { session, needs_refresh: Some(false) })
        }
        (due, _) => {
            cache::store(cx, &session, false);
            Ok(Found { session, needs_refresh: Some(due != Renewal::NotDue) })
        }
    }
}

async fn renew(cx: &mut Cx, mut session: Session, until: crate::wire::date::Timestamp) -> Result<Session, Exit> {
    let set = Row::new().with("expiresAt", until).with("updatedAt", cx.now());
    let batch = Batch::new().update(SESSION, Filter::eq("token", session.token()), set, Expect::Rows(1));
    if commit::try_commit(cx, batch).await?.is_err() {
        return Err(vanished(cx));
    }
    if cx.app().places.sessions.in_secondary() {
        // Its user was read anew.
        return from_store(cx, session.token()).await?.ok_or_else(|| vanished(cx));
    }
    session.row.set("expiresAt", until);
    session.row.set("updatedAt", cx.now());
    Ok(session)
}

fn vanished(cx: &mut Cx) -> Exit {
    expire_cookies(cx);
    errors::FAILED_TO_GET_SESSION.into()
}

async fn remove(cx: &mut Cx, session: &Session) -> Result<(), Exit> {
    let batch = Batch::new().delete(SESSION, Filter::eq("token", session.token()), Expect::Any);
    commit::commit(cx, batch).await.map(drop)
}
