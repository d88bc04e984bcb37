//! Keys and values, as the reference writes them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value as Json};

use crate::{
    domain::{Installation, fields, session::Session},
    schema::{SESSION, USER, VERIFICATION},
    store::Row,
    wire::date::Timestamp,
};

/// The value that keeps the place of a session that is being made. It is no session to anybody who reads it.
pub(super) const RESERVED: &str = "null";

/// Bytes of a value that is looked at. What is larger was not written by a server of this kind.
const MAX_VALUE_BYTES: usize = 1024 * 1024;

/// Bytes of a token that is looked up.
const MAX_TOKEN_BYTES: usize = 256;

pub(super) fn index_key(user_id: &str) -> String {
    format!("active-sessions-{user_id}")
}

pub(super) fn revoked_before_key(user_id: &str) -> String {
    format!("revoked-sessions-before-{user_id}")
}

pub(super) fn verification_key(stored_identifier: &str) -> String {
    format!("verification:{stored_identifier}")
}

pub(super) fn claim_key(stored_identifier: &str) -> String {
    format!("claimed:{stored_identifier}")
}

/// Whether `token` can be a key at all.
pub(super) fn is_token(token: &str) -> bool {
    !token.is_empty() && token.len() <= MAX_TOKEN_BYTES
}

/// For how many seconds from `now` a value is kept that ends at `end`: to its end and up to a second more, for it is whoever reads
/// it that says whether it lives. `None` when it has ended.
pub(super) fn ttl_secs(end: Timestamp, now: Timestamp) -> Option<u64> {
    u64::try_from(end.millis_since(now)).ok().map(|millis| millis / 1000 + 1)
}

/// A row as a JSON object of all its fields.
struct Fields<'r>(&'r Row);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0.fields() {
            map.serialize_entry(name.as_str(), value)?;
        }
        map.end()
    }
}

/// The text of a session and its user.
pub(super) fn encode_session(session: &Session) -> String {
    #[derive(Serialize)]
    struct Output<'r> {
        session: Fields<'r>,
        user: Fields<'r>,
    }
    let output = Output { session: Fields(&session.row), user: Fields(&session.user) };
    serde_json::to_string(&output).unwrap_or_default()
}

/// The session that `text` describes, if it is the one under `token` and its user is its own.
pub(super) fn decode_session(app: &Installation, token: &str, text: &str) -> Option<Session> {
    #[derive(Deserialize)]
    struct Input {
        session: Map<String, Json>,
        user: Map<String, Json>,
    }
    let input: Input = read(text)?;
    let row = fields::row_from_json(app.schema.table(&SESSION)?, &input.session);
    let user = fields::row_from_json(app.schema.table(&USER)?, &input.user);
    let session = Session { row, user };
    let fits = session.token() == token
        && !session.user_id().is_empty()
        && session.row.text("userId") == session.user_id()
        && session.row.date("expiresAt").is_some();
    fits.then_some(session)
}

/// The text of a one-time value.
pub(super) fn encode_verification(row: &Row) -> String {
    serde_json::to_string(&Fields(row)).unwrap_or_default()
}

/// The one-time value that `text` describes, if it is one of `stored_identifier`. The reference's have no id.
pub(super) fn decode_verification(app: &Installation, stored_identifier: &str, text: &str) -> Option<Row> {
    let row = fields::row_from_json(app.schema.table(&VERIFICATION)?, &read(text)?);
    let fits = row.text("identifier") == stored_identifier && row.date("expiresAt").is_some();
    fits.then_some(row)
}

/// The tokens of an index that live at `now`, each once. An index that cannot be read is as good as none.
pub(super) fn decode_index(text: &str, now: Timestamp) -> Vec<String> {
    #[derive(Deserialize)]
    struct Member {
        token: String,
        #[serde(rename = "expiresAt")]
        expires_at: f64,
    }
    let members: Vec<Member> = read(text).unwrap_or_default();
    #[allow(clippy::cast_precision_loss)]
    let live = members.into_iter().filter(|member| member.expires_at > now.as_millis() as f64);
    let tokens: BTreeSet<_> = live.map(|member| member.token).filter(|token| is_token(token)).collect();
    tokens.into_iter().collect()
}

/// The moment before which all sessions have ended.
pub(super) fn decode_revoked_before(text: &str) -> Option<Timestamp> {
    text.parse().ok().map(Timestamp::from_millis)
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Option<T> {
    if text.len() > MAX_VALUE_BYTES { None } else { serde_json::from_str(text).ok() }
}
