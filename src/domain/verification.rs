//! One-time values: a row that says what its holder may do, once, until it expires.

use super::{Cx, options::IdentifierStorage, user};
use crate::{
    crypto::digest::sha256_base64url,
    engine::Exit,
    schema::VERIFICATION,
    store::{Batch, Direction, Expect, Filter, Op, Query, Row, Value},
};

/// A new one-time value, for inserting.
#[must_use]
pub fn new(cx: &Cx, identifier: &str, value: &str, expires_in_secs: i64) -> Row {
    Row::new()
        .with("identifier", stored_identifier(cx, identifier))
        .with("value", value)
        .with("expiresAt", cx.now().plus_secs(expires_in_secs))
        .with("id", user::new_id(cx))
}

/// The newest live value under `identifier`.
///
/// # Errors
/// When the store cannot answer.
pub async fn find(cx: &mut Cx, identifier: &str) -> Result<Option<Row>, Exit> {
    let query = Query::one(VERIFICATION, held_by(cx, identifier)).order_by("createdAt", Direction::Descending);
    let row = cx.read(query).await?.first();
    Ok(row.filter(|row| row.date("expiresAt").is_some_and(|expiry| expiry >= cx.now())))
}

/// The newest live value under the identifier of `token`, which somebody may have made up.
///
/// # Errors
/// When the store cannot answer.
pub async fn find_token(cx: &mut Cx, token: &str, identifier: fn(&str) -> String) -> Result<Option<Row>, Exit> {
    // Tokens have no other characters, and not every store can look up every character.
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    find(cx, &identifier(token)).await
}

/// Adds to `batch` that the value just found is spent: the batch fails when somebody else has spent it, and every value
/// under its identifier goes.
#[must_use]
pub fn spend(batch: Batch, found: &Row, cx: &Cx) -> Batch {
    let live = Filter::eq("id", found.id()).and(Filter::compare("expiresAt", Op::Gte, cx.now()));
    let stale = Filter::eq("identifier", found.text("identifier"));
    batch.consume(VERIFICATION, live, Expect::Rows(1)).delete(VERIFICATION, stale, Expect::Any)
}

fn held_by(cx: &Cx, identifier: &str) -> Filter {
    let stored = stored_identifier(cx, identifier);
    if stored == identifier {
        return Filter::eq("identifier", stored);
    }
    // Values made before hashing was turned on are still good.
    Filter::any_of("identifier", [Value::from(stored), Value::from(identifier)])
}

fn stored_identifier(cx: &Cx, identifier: &str) -> String {
    match cx.app().options.verification.store_identifier {
        IdentifierStorage::Plain => identifier.to_owned(),
        IdentifierStorage::Hashed => sha256_base64url(identifier.as_bytes()),
    }
}
