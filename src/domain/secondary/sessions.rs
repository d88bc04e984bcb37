//! Sessions in secondary storage.

use super::value::{
    RESERVED, decode_index, decode_revoked_before, decode_session, encode_session, index_key, is_token,
    revoked_before_key, ttl_secs,
};
use crate::{
    domain::{Cx, options::SessionOptions, session::Session, user},
    engine::{Exit, Fault},
    store::{CacheOp, CacheReply, Row},
    wire::date::Timestamp,
};

/// How long the place of a session that is being made is kept, in seconds. Longer than a request may take.
const RESERVED_SECS: u64 = 60;

/// The shortest time for which it is remembered that sessions were revoked, in seconds: those that end with the browser last
/// this long whatever the options say.
const REVOKED_SECS: i64 = 86_400;

/// How often a change of a value is tried that others change too.
const TRIES: usize = 8;

/// What is kept under a token.
#[derive(Debug)]
pub(in crate::domain) enum Kept {
    /// Nothing.
    Nothing,
    /// Something that is no live session: foreign, damaged, or revoked.
    Unusable,
    /// The place of a session that is being made.
    Reserved,
    /// A session.
    Session(Box<Session>),
}

/// Looks under a session's token.
pub(in crate::domain) async fn look(cx: &mut Cx, token: &str) -> Result<Kept, Exit> {
    let Some(text) = text(cx, token).await? else { return Ok(Kept::Nothing) };
    if text == RESERVED {
        return Ok(Kept::Reserved);
    }
    let Some(session) = readable(cx, token, &text) else { return Ok(Kept::Unusable) };
    let revoked = is_revoked(revoked_before(cx, session.user_id()).await?, &session);
    Ok(if revoked { Kept::Unusable } else { Kept::Session(Box::new(session)) })
}

/// The sessions of `user_id`, also those of which nothing but the token is there: their places are kept.
pub(super) async fn named(cx: &mut Cx, user_id: &str) -> Result<Vec<(String, Option<Session>)>, Exit> {
    let tokens = tokens_of(cx, user_id).await?;
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let before = revoked_before(cx, user_id).await?;
    let mut found = Vec::with_capacity(tokens.len());
    for token in tokens {
        if let Some(text) = text(cx, &token).await? {
            let session = readable(cx, &token, &text);
            let own = session.filter(|session| session.user_id() == user_id && !is_revoked(before, session));
            found.push((token, own));
        }
    }
    Ok(found)
}

/// The sessions of `user_id`.
pub(in crate::domain) async fn all_of(cx: &mut Cx, user_id: &str) -> Result<Vec<Session>, Exit> {
    Ok(named(cx, user_id).await?.into_iter().filter_map(|(_, session)| session).collect())
}

/// The tokens that the index of `user_id` names.
pub(super) async fn tokens_of(cx: &mut Cx, user_id: &str) -> Result<Vec<String>, Exit> {
    let index = get(cx, index_key(user_id)).await?;
    Ok(index.map(|text| decode_index(&text, cx.now())).unwrap_or_default())
}

/// Ends every session of `user_id` made before this request, at one stroke.
pub(super) async fn revoke_before_now(cx: &mut Cx, user_id: &str) -> Result<(), Exit> {
    let now = cx.now();
    if revoked_before(cx, user_id).await?.is_some_and(|before| before >= now) {
        return Ok(());
    }
    let ttl_secs = longest_life(&cx.app().options.session);
    let value = now.as_millis().to_string();
    done(cx, CacheOp::Set { key: revoked_before_key(user_id), value, ttl_secs }).await
}

/// Ends the session under `token`. It is still named in its user's index then. Answers it if it was one, and this is who ended it.
pub(super) async fn end(cx: &mut Cx, token: String) -> Result<Option<Session>, Exit> {
    let taken = value(cx, CacheOp::Take { key: token.clone() }).await?;
    Ok(taken.and_then(|text| decode_session(cx.app(), &token, &text)))
}

/// Takes `tokens` out of the index of `user_id`.
pub(super) async fn unname(cx: &mut Cx, user_id: &str, tokens: Vec<String>) -> Result<(), Exit> {
    let now = cx.now();
    done(cx, CacheOp::IndexDrop { key: index_key(user_id), tokens, now }).await
}

/// Keeps the place of a new session.
pub(super) async fn reserve(cx: &mut Cx, row: &Row) -> Result<(), Exit> {
    let (key, value) = (row.text("token").to_owned(), RESERVED.to_owned());
    done(cx, CacheOp::Set { key, value, ttl_secs: RESERVED_SECS }).await
}

/// Puts a new session where its place was kept. False when the place is gone: the session was revoked before it began.
pub(super) async fn fill(cx: &mut Cx, session: &Session) -> Result<bool, Exit> {
    let Some(ttl_secs) = ttl_secs(session.expires_at(), cx.now()) else { return Ok(false) };
    replace(cx, session.token(), RESERVED, encode_session(session), ttl_secs).await
}

/// Sets fields of the session under `token`. A renewed session gets its user anew from the database, so that a copy that went
/// stale does not stay so. False when there is no such session, or no longer.
pub(super) async fn update(cx: &mut Cx, token: &str, set: &Row) -> Result<bool, Exit> {
    for _ in 0..TRIES {
        let Some(text) = text(cx, token).await? else { return Ok(false) };
        let Some(mut session) = readable(cx, token, &text) else { return Ok(false) };
        for (name, value) in set.fields() {
            session.row.set(name.clone(), value.clone());
        }
        if set.find("expiresAt").is_some() {
            let Some(user) = user::find_by_id(cx, session.user_id()).await? else { return Ok(false) };
            session.user = user;
            // Later in the index than in truth does no harm; the other way round it would live unnamed.
            name(cx, &session.row).await?;
        }
        let Some(ttl_secs) = ttl_secs(session.expires_at(), cx.now()) else { return Ok(false) };
        if replace(cx, token, &text, encode_session(&session), ttl_secs).await? {
            return Ok(true);
        }
    }
    Err(contended())
}

/// Brings the copies of `user_id` in the sessions of `tokens` to what the database has. A user who is gone has no copies to
/// bring anywhere.
pub(super) async fn refresh_user(cx: &mut Cx, user_id: &str, mut tokens: Vec<String>) -> Result<(), Exit> {
    for _ in 0..TRIES {
        // First the copies, then the original: a copy that is newer than the original read here does not fit any more when it is
        // to be replaced.
        let mut copies = Vec::new();
        for token in tokens {
            if let Some(text) = text(cx, &token).await?
                && let Some(session) = decode_session(cx.app(), &token, &text)
                && session.user_id() == user_id
            {
                copies.push((text, session));
            }
        }
        if copies.is_empty() {
            return Ok(());
        }
        let Some(user) = user::find_by_id(cx, user_id).await? else { return Ok(()) };
        tokens = Vec::new();
        for (text, mut session) in copies {
            session.user = user.clone();
            let fresh = encode_session(&session);
            let Some(ttl_secs) = ttl_secs(session.expires_at(), cx.now()).filter(|_| fresh != text) else { continue };
            if !replace(cx, session.token(), &text, fresh, ttl_secs).await? {
                tokens.push(session.token().to_owned());
            }
        }
        if tokens.is_empty() {
            return Ok(());
        }
    }
    Err(contended())
}

/// Names a session in its user's index.
pub(super) async fn name(cx: &mut Cx, row: &Row) -> Result<(), Exit> {
    let (token, now) = (row.text("token").to_owned(), cx.now());
    let expires_at = row.date("expiresAt").unwrap_or(Timestamp::UNIX_EPOCH);
    done(cx, CacheOp::IndexPut { key: index_key(row.text("userId")), token, expires_at, now }).await
}

async fn text(cx: &mut Cx, token: &str) -> Result<Option<String>, Exit> {
    if is_token(token) { get(cx, token.to_owned()).await } else { Ok(None) }
}

fn readable(cx: &Cx, token: &str, text: &str) -> Option<Session> {
    let session = decode_session(cx.app(), token, text);
    if session.is_none() && text != RESERVED {
        tracing::warn!(bytes = text.len(), "a value in secondary storage is no session, and was taken for none");
    }
    session
}

async fn revoked_before(cx: &mut Cx, user_id: &str) -> Result<Option<Timestamp>, Exit> {
    let text = get(cx, revoked_before_key(user_id)).await?;
    Ok(text.and_then(|text| decode_revoked_before(&text)))
}

fn is_revoked(before: Option<Timestamp>, session: &Session) -> bool {
    before.is_some_and(|before| session.created_at() < before)
}

fn longest_life(options: &SessionOptions) -> u64 {
    options.expires_in.max(REVOKED_SECS).unsigned_abs()
}

/// Puts `value` in the place of `expected`. False when something else is there by now.
pub(super) async fn replace(
    cx: &mut Cx,
    key: &str,
    expected: &str,
    value: String,
    ttl_secs: u64,
) -> Result<bool, Exit> {
    let op = CacheOp::Replace { key: key.to_owned(), expected: expected.to_owned(), value, ttl_secs };
    match cx.cache(op).await? {
        CacheReply::Replaced(replaced) => Ok(replaced),
        _ => Err(unexpected()),
    }
}

pub(super) async fn get(cx: &mut Cx, key: String) -> Result<Option<String>, Exit> {
    value(cx, CacheOp::Get { key }).await
}

pub(super) async fn value(cx: &mut Cx, op: CacheOp) -> Result<Option<String>, Exit> {
    match cx.cache(op).await? {
        CacheReply::Value(value) => Ok(value),
        _ => Err(unexpected()),
    }
}

pub(super) async fn done(cx: &mut Cx, op: CacheOp) -> Result<(), Exit> {
    match cx.cache(op).await? {
        CacheReply::Done => Ok(()),
        _ => Err(unexpected()),
    }
}

fn unexpected() -> Exit {
    Fault::Bug("secondary storage answered something else than was asked".into()).into()
}

fn contended() -> Exit {
    crate::store::StorageError::Unavailable("a session is changed by too many at once".to_owned()).into()
}
