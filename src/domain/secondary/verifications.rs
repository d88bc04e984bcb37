//! One-time values in secondary storage.

use super::{
    matches::accepted,
    sessions::{done, get, replace, value},
    value::{claim_key, decode_verification, encode_verification, ttl_secs, verification_key},
};
use crate::{
    domain::Cx,
    engine::{Exit, Fault},
    schema::VERIFICATION,
    store::{CacheOp, CacheReply, Filter, Row},
    wire::date::Timestamp,
};

/// The value under a stored identifier.
pub(in crate::domain) async fn find(cx: &mut Cx, stored_identifier: &str) -> Result<Option<Row>, Exit> {
    let text = get(cx, verification_key(stored_identifier)).await?;
    Ok(text.and_then(|text| readable(cx, stored_identifier, &text)))
}

/// Takes the value under a stored identifier: of several takers one gets it.
pub(super) async fn take(cx: &mut Cx, stored_identifier: &str) -> Result<Option<Row>, Exit> {
    let text = value(cx, CacheOp::Take { key: verification_key(stored_identifier) }).await?;
    Ok(text.and_then(|text| readable(cx, stored_identifier, &text)))
}

/// Changes the value under a stored identifier, if `filter` accepts it. False when it does not, or the value changed meanwhile.
pub(super) async fn rewrite(cx: &mut Cx, stored_identifier: &str, filter: &Filter, set: &Row) -> Result<bool, Exit> {
    let key = verification_key(stored_identifier);
    let Some(expected) = get(cx, key.clone()).await? else { return Ok(false) };
    let Some(mut row) = readable(cx, stored_identifier, &expected) else { return Ok(false) };
    if !accepted(cx, VERIFICATION, filter, &row)? {
        return Ok(false);
    }
    for (name, value) in set.fields() {
        row.set(name.clone(), value.clone());
    }
    let Some(ttl_secs) = row.date("expiresAt").and_then(|end| ttl_secs(end, cx.now())) else { return Ok(false) };
    let value = encode_verification(&row);
    replace(cx, &key, &expected, value, ttl_secs).await
}

/// Stores a value, in the place of another under its identifier.
pub(super) async fn put(cx: &mut Cx, row: &Row) -> Result<(), Exit> {
    let end = row.date("expiresAt").and_then(|end| ttl_secs(end, cx.now()));
    let Some(ttl_secs) = end else { return Ok(()) };
    let (key, value) = (verification_key(row.text("identifier")), encode_verification(row));
    done(cx, CacheOp::Set { key, value, ttl_secs }).await
}

/// Removes the value under a stored identifier.
pub(super) async fn remove(cx: &mut Cx, stored_identifier: &str) -> Result<(), Exit> {
    done(cx, CacheOp::Delete { key: verification_key(stored_identifier) }).await
}

/// Uses up a stored identifier until `expires_at`: of several callers one is told that it was the first.
pub(in crate::domain) async fn claim(
    cx: &mut Cx,
    stored_identifier: &str,
    expires_at: Timestamp,
) -> Result<bool, Exit> {
    let Some(ttl_secs) = ttl_secs(expires_at, cx.now()) else { return Ok(true) };
    match cx.cache(CacheOp::Increment { key: claim_key(stored_identifier), ttl_secs }).await? {
        CacheReply::Count(count) => Ok(count == 1),
        _ => Err(Fault::Bug("secondary storage answered an increment with something else".into()).into()),
    }
}

/// Lets a stored identifier that was claimed be claimed again.
pub(in crate::domain) async fn release(cx: &mut Cx, stored_identifier: &str) -> Result<(), Exit> {
    done(cx, CacheOp::Delete { key: claim_key(stored_identifier) }).await
}

fn readable(cx: &Cx, stored_identifier: &str, text: &str) -> Option<Row> {
    let row = decode_verification(cx.app(), stored_identifier, text);
    if row.is_none() {
        tracing::warn!(bytes = text.len(), "a value in secondary storage is no one-time value, and was taken for none");
    }
    row
}
