//! One-time values: a row that says what its holder may do, once, until it expires.

use super::{Cx, Place, commit, id, secondary};
use crate::{
    engine::Exit,
    schema::VERIFICATION,
    store::{Batch, Direction, Expect, Filter, Op, Query, Row},
    wire::date::Timestamp,
};

/// A new one-time value, for inserting.
#[must_use]
pub fn new(cx: &Cx, identifier: &str, value: &str, expires_in_secs: i64) -> Row {
    Row::new()
        .with("identifier", stored_identifier(cx, identifier))
        .with("value", value)
        .with("expiresAt", cx.now().plus_secs(expires_in_secs))
        .with("id", id::new(cx, &VERIFICATION))
}

/// The newest live value under `identifier`.
///
/// # Errors
/// When the store cannot answer.
pub async fn find(cx: &mut Cx, identifier: &str) -> Result<Option<Row>, Exit> {
    let found = newest(cx, identifier).await?;
    Ok(found.filter(|row| is_live(cx, row)))
}

/// The newest value under `identifier`, live or not.
pub(super) async fn newest(cx: &mut Cx, identifier: &str) -> Result<Option<Row>, Exit> {
    // No store has it, and PostgreSQL cannot even look it up.
    if identifier.contains('\0') {
        return Ok(None);
    }
    let forms = stored_forms(cx, identifier);
    match cx.app().places.verifications {
        Place::Secondary => in_secondary(cx, &forms).await,
        _ => {
            let held = Filter::Or(forms.into_iter().map(|form| Filter::eq("identifier", form)).collect());
            let query = Query::one(VERIFICATION, held).order_by("createdAt", Direction::Descending);
            Ok(cx.read(query).await?.first())
        }
    }
}

/// Whether the time of a value has not come yet.
pub(super) fn is_live(cx: &Cx, row: &Row) -> bool {
    row.date("expiresAt").is_some_and(|expiry| expiry >= cx.now())
}

async fn in_secondary(cx: &mut Cx, forms: &[String]) -> Result<Option<Row>, Exit> {
    for form in forms {
        if let Some(row) = secondary::find_verification(cx, form).await? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The newest live value under the identifier of `token`, which somebody may have made up.
///
/// # Errors
/// When the store cannot answer.
pub async fn find_token(cx: &mut Cx, token: &str, identifier: fn(&str) -> String) -> Result<Option<Row>, Exit> {
    // Tokens have no other characters, those of an application's own making included, and not every store can look up every
    // character.
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    find(cx, &identifier(token)).await
}

/// Adds to `batch` that the value just found is spent: the batch fails when somebody else has spent it, and every value
/// under its identifier goes.
#[must_use]
pub fn spend(batch: Batch, found: &Row, cx: &Cx) -> Batch {
    let same = Filter::eq("identifier", found.text("identifier"));
    batch.consume(VERIFICATION, live(found, cx), Expect::Rows(1)).delete(VERIFICATION, same, Expect::Any)
}

/// Adds to `batch` that no value under `identifier` is left.
#[must_use]
pub fn forget(cx: &Cx, batch: Batch, identifier: &str) -> Batch {
    batch.delete(VERIFICATION, Filter::any_of("identifier", stored_forms(cx, identifier)), Expect::Any)
}

/// Adds to `batch` that `row`, which is new, is the only value under its identifier.
#[must_use]
pub fn replace(batch: Batch, row: Row) -> Batch {
    let earlier = Filter::eq("identifier", row.text("identifier"));
    batch.delete(VERIFICATION, earlier, Expect::Any).insert(VERIFICATION, row)
}

/// As [`spend`], but the batch also fails when the value was [rewritten](rewrite) meanwhile.
#[must_use]
pub(super) fn spend_unchanged(batch: Batch, found: &Row, cx: &Cx) -> Batch {
    let same = Filter::eq("identifier", found.text("identifier"));
    batch.consume(VERIFICATION, unchanged(found, cx), Expect::Rows(1)).delete(VERIFICATION, same, Expect::Any)
}

/// Adds to `batch` that the value just found says `value` from now on, and is good until `expires_at`. The batch fails when it was
/// spent or rewritten meanwhile.
#[must_use]
pub fn rewrite(batch: Batch, found: &Row, cx: &Cx, value: String, expires_at: Timestamp) -> Batch {
    let set = Row::new().with("value", value).with("expiresAt", expires_at);
    batch.update(VERIFICATION, unchanged(found, cx), set, Expect::Rows(1))
}

/// The value just found, if it still says the same.
fn unchanged(found: &Row, cx: &Cx) -> Filter {
    live(found, cx).and(Filter::eq("value", found.text("value")))
}

/// The value just found, while it lives.
fn live(found: &Row, cx: &Cx) -> Filter {
    // The reference's values in secondary storage have no id.
    let one = match found.id() {
        "" => Filter::eq("value", found.text("value")),
        id => Filter::eq("id", id),
    };
    let same = Filter::eq("identifier", found.text("identifier"));
    one.and(same).and(Filter::compare("expiresAt", Op::Gte, cx.now()))
}

/// Adds to `batch` that the value is made and goes again: the work of making it, and nothing to be spent.
#[must_use]
pub fn pretend(batch: Batch, row: Row) -> Batch {
    let made = Filter::eq("identifier", row.text("identifier"));
    batch.insert(VERIFICATION, row).delete(VERIFICATION, made, Expect::Any)
}

/// Adds to `batch` that `identifier` is used up until `expires_at`: of several batches that claim it, one is applied. `None` when it
/// is known to be used up. With secondary storage it is so from now on for other requests, whatever
/// becomes of the batch.
///
/// # Errors
/// When the store cannot answer.
pub async fn claim(cx: &mut Cx, batch: Batch, identifier: &str, expires_at: Timestamp) -> Result<Option<Batch>, Exit> {
    let row = new(cx, identifier, "", 0).with("expiresAt", expires_at);
    let stored = row.text("identifier");
    if cx.app().places.verifications == Place::Secondary {
        let stored = stored.to_owned();
        if cx.local.claims.contains(&stored) {
            return Ok(Some(batch));
        }
        let first = secondary::claim(cx, &stored, expires_at).await?;
        cx.local.claims.extend(first.then_some(stored));
        return Ok(first.then_some(batch));
    }
    if find(cx, identifier).await?.is_some() {
        return Ok(None);
    }
    let live = Filter::eq("identifier", stored).and(Filter::compare("expiresAt", Op::Gte, cx.now()));
    Ok(Some(batch.check(VERIFICATION, live, Expect::Rows(0)).insert(VERIFICATION, row)))
}

/// Lets `identifier`, which this request has [claimed](claim), be claimed again.
///
/// # Errors
/// When the store cannot answer.
pub async fn release(cx: &mut Cx, identifier: &str) -> Result<(), Exit> {
    if cx.app().places.verifications == Place::Secondary {
        let stored = stored_identifier(cx, identifier);
        cx.local.claims.retain(|claimed| *claimed != stored);
        return secondary::release(cx, &stored).await;
    }
    let batch = forget(cx, Batch::new(), identifier);
    commit::commit(cx, batch).await.map(|_| ())
}

/// The forms under which values of `identifier` may be stored, that of new ones first: values made before hashing was turned on
/// are still good.
fn stored_forms(cx: &Cx, identifier: &str) -> Vec<String> {
    let mut forms = vec![stored_identifier(cx, identifier)];
    if forms[0] != identifier {
        forms.push(identifier.to_owned());
    }
    forms
}

fn stored_identifier(cx: &Cx, identifier: &str) -> String {
    cx.app().options.verification.store_identifier.of(identifier).stored(identifier)
}
