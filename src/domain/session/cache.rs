//! The session kept in a cookie: written after each look at the store, believed for a while.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{CachePayload, Session};
use crate::{
    domain::{Cx, account_cookie, cookies, fields, view::View},
    engine::Exit,
    schema::{SESSION, Table, USER},
    store::Row,
    wire::{
        cookie::{CookieAttributes, expire_chunks, read_chunked, replace_chunks},
        session_cache::TOKEN_FALLBACK_SECS,
    },
};

/// What the cookie holds; `updatedAt` and `version` are beside the rows.
#[derive(Deserialize)]
struct Payload {
    session: Map<String, Json>,
    user: Map<String, Json>,
    #[serde(rename = "updatedAt")]
    updated_at: f64,
    version: Option<String>,
}

/// What the cookie says.
pub(super) enum Cached {
    /// There is no such cookie.
    Absent,
    /// There is one, and it is not to be believed.
    Unusable,
    /// It is believed.
    Usable(Box<Session>),
}

/// The raw cookie, put together from its chunks; `None` when there is none.
fn raw(cx: &Cx) -> Option<String> {
    read_chunked(&cookies::of_request(cx), &cx.app().cookies.session_data.name).map(Cow::into_owned)
}

/// Reads the cookie of the session whose token is `token`.
///
/// # Errors
/// When a plugin's keys sign it, and cannot be read.
pub(super) async fn read(cx: &mut Cx, token: &str) -> Result<Cached, Exit> {
    let Some(raw) = raw(cx) else { return Ok(Cached::Absent) };
    let app = cx.app_arc();
    let decoded = match &app.cache_signer {
        Some(signer) => signer.read(cx, &raw).await?,
        None => app.session_cache.decode(cx.now(), &raw),
    };
    let session = decoded.and_then(|decoded| session_in(cx, &decoded.payload_json));
    Ok(match session.filter(|session| session.token() == token) {
        Some(session) => Cached::Usable(Box::new(session)),
        None => Cached::Unusable,
    })
}

fn session_in(cx: &Cx, payload_json: &str) -> Option<Session> {
    let app = cx.app();
    let options = &app.options.session.cookie_cache;
    let payload: Payload = serde_json::from_str(payload_json).ok()?;
    if !payload.updated_at.is_finite() {
        return None;
    }
    let row = row(app.schema.table(&SESSION)?, &payload.session)?;
    let user = row_of_user(app.schema.table(&USER)?, &payload.user)?;
    if row.text("userId") != user.id() || options.discards(payload.version.as_deref(), &row, &user) {
        return None;
    }
    let session = Session { row, user };
    super::is_live(&session, &app.options.session, cx.now()).then_some(session)
}

fn row(table: &Table, cached: &Map<String, Json>) -> Option<Row> {
    let row = fields::row_from_json(table, cached);
    let complete = !row.id().is_empty() && !row.text("token").is_empty() && row.date("expiresAt").is_some();
    (complete && !row.text("userId").is_empty()).then_some(row)
}

fn row_of_user(table: &Table, cached: &Map<String, Json>) -> Option<Row> {
    let row = fields::row_from_json(table, cached);
    (!row.id().is_empty() && !row.text("email").is_empty()).then_some(row)
}

/// Writes the cookie, if caching is on. Chunks of an older, longer value are expired.
pub(super) fn store(cx: &mut Cx, session: &Session, forget: bool) {
    let app = cx.app_arc();
    let options = &app.options.session.cookie_cache;
    if !options.enabled {
        return;
    }
    let Some(payload) = payload(cx, session) else { return };
    let spec = &app.cookies.session_data;
    let mut attributes = spec.attributes.clone();
    if forget {
        attributes.max_age = None;
    }
    if app.cache_signer.is_some() {
        let payload = CachePayload {
            json: payload,
            lifetime_secs: attributes.max_age.filter(|secs| *secs != 0).unwrap_or(TOKEN_FALLBACK_SECS),
            token: session.token().to_owned(),
            user_id: session.user_id().to_owned(),
        };
        cx.local.unsigned_cache = Some(Box::new((payload, attributes)));
    } else {
        let encoded = app.session_cache.encode(cx.entropy(), cx.now(), attributes.max_age, &payload);
        set(cx, &encoded, &attributes);
    }
    account_cookie::renew(cx, session.user_id());
}

fn set(cx: &mut Cx, value: &str, attributes: &CookieAttributes) {
    let app = cx.app_arc();
    let replaced = replace_chunks(&cookies::of_request(cx), &app.cookies.session_data.name, value, attributes);
    replaced.into_iter().for_each(|cookie| cx.reply.push_cookie(cookie));
}

/// Signs what this request has put into the cookie, where a plugin's keys do that: once, however often it was written.
///
/// # Errors
/// When nothing can be signed now.
pub async fn sign_due(cx: &mut Cx) -> Result<(), Exit> {
    let Some(due) = cx.local.unsigned_cache.take() else { return Ok(()) };
    let (payload, attributes) = *due;
    let app = cx.app_arc();
    let Some(signer) = &app.cache_signer else { return Ok(()) };
    let value = signer.sign(cx, payload).await?;
    set(cx, &value, &attributes);
    Ok(())
}

fn payload(cx: &Cx, session: &Session) -> Option<String> {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Output<'a> {
        session: View,
        user: View,
        updated_at: i64,
        version: &'a str,
    }
    let output = Output {
        session: View::session(cx, session.row.clone()),
        user: View::user(cx, session.user.clone()),
        updated_at: cx.now().as_millis(),
        version: &cx.app().options.session.cookie_cache.version_for(&session.row, &session.user),
    };
    serde_json::to_string(&output).ok()
}

/// Expires the cookie and its chunks.
pub(super) fn discard(cx: &mut Cx) {
    let app = cx.app_arc();
    cx.local.unsigned_cache = None;
    let spec = &app.cookies.session_data;
    cookies::expire(cx, spec);
    discard_sent(cx);
}

/// Expires every part of the cookie that the client has sent.
pub(super) fn discard_sent(cx: &mut Cx) {
    let app = cx.app_arc();
    let spec = &app.cookies.session_data;
    let sent = expire_chunks(&cookies::of_request(cx), &spec.name, &spec.attributes);
    sent.into_iter().for_each(|cookie| cx.reply.push_cookie(cookie));
}
