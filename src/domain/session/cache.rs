//! The session kept in a cookie: written after each look at the store, believed for a while.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::Session;
use crate::{
    domain::{Cx, account_cookie, cookies, fields, view::View},
    schema::{SESSION, Table, USER},
    store::Row,
    wire::cookie::{expire_chunks, read_chunked, replace_chunks},
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

/// The version of sessions that no other version was configured for.
const FIRST_VERSION: &str = "1";

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
pub(super) fn read(cx: &Cx, token: &str) -> Cached {
    let Some(raw) = raw(cx) else { return Cached::Absent };
    match decode(cx, &raw).filter(|session| session.token() == token) {
        Some(session) => Cached::Usable(Box::new(session)),
        None => Cached::Unusable,
    }
}

fn decode(cx: &Cx, raw: &str) -> Option<Session> {
    let app = cx.app();
    let options = &app.options.session.cookie_cache;
    let decoded = app.session_cache.decode(cx.now(), raw)?;
    let payload: Payload = serde_json::from_str(&decoded.payload_json).ok()?;
    if !payload.updated_at.is_finite()
        || payload.version.as_deref().unwrap_or(FIRST_VERSION) != options.version.as_deref().unwrap_or(FIRST_VERSION)
    {
        return None;
    }
    let row = row(app.schema.table(&SESSION)?, &payload.session)?;
    let user = row_of_user(app.schema.table(&USER)?, &payload.user)?;
    if row.text("userId") != user.id() {
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
    let encoded = app.session_cache.encode(cx.entropy(), cx.now(), attributes.max_age, &payload);
    let replaced = replace_chunks(&cookies::of_request(cx), &spec.name, &encoded, &attributes);
    replaced.into_iter().for_each(|cookie| cx.reply.push_cookie(cookie));
    account_cookie::renew(cx, session.user_id());
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
        version: cx.app().options.session.cookie_cache.version.as_deref().unwrap_or(FIRST_VERSION),
    };
    serde_json::to_string(&output).ok()
}

/// Expires the cookie and its chunks.
pub(super) fn discard(cx: &mut Cx) {
    let app = cx.app_arc();
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
