//! Accounts: the ways in which a user signs in.

use super::{Cx, id, list};
use crate::{
    engine::Exit,
    schema::{ACCOUNT, USER},
    store::{Batch, Direction, Expect, Filter, Query, Row, With},
};

/// The provider of accounts that hold a password.
pub const CREDENTIAL: &str = "credential";

/// The account that holds the password of `user_id`, as a new row.
#[must_use]
pub fn new_credential(cx: &Cx, user_id: &str, password_hash: String) -> Row {
    Row::new()
        .with("accountId", user_id)
        .with("providerId", CREDENTIAL)
        .with("userId", user_id)
        .with("password", password_hash)
        .with("id", id::new(cx, &ACCOUNT))
}

/// Which account holds the password of `user_id`.
#[must_use]
pub fn credential_of(user_id: &str) -> Filter {
    Filter::eq("userId", user_id).and(Filter::eq("providerId", CREDENTIAL)).and(Filter::eq("accountId", user_id))
}

/// The account that holds the password of `user_id`.
///
/// # Errors
/// When the store cannot answer.
pub async fn find_credential(cx: &mut Cx, user_id: &str) -> Result<Option<Row>, Exit> {
    Ok(cx.read(Query::one(ACCOUNT, credential_of(user_id))).await?.first())
}

/// The account that holds a password among a user's accounts.
#[must_use]
pub fn pick_credential<'a>(accounts: &'a [Row], user_id: &str) -> Option<&'a Row> {
    accounts.iter().find(|account| account.text("providerId") == CREDENTIAL && account.text("accountId") == user_id)
}

/// Adds to `batch` that `credential` still holds the password that was read, so that nothing is decided by one that was
/// replaced meanwhile.
#[must_use]
pub fn check_password(batch: Batch, credential: &Row) -> Batch {
    batch.check(ACCOUNT, unchanged(credential), Expect::Rows(1))
}

/// Adds to `batch` that the password of `credential` is replaced. The batch fails when it is no longer the one that was read.
#[must_use]
pub fn change_password(batch: Batch, credential: &Row, password_hash: String) -> Batch {
    // Nothing in the tables keeps a user from having the account twice, and no copy may keep the old password.
    let copies = credential_of(credential.text("userId"));
    let set = Row::new().with("password", password_hash);
    check_password(batch, credential).update(ACCOUNT, copies, set, Expect::AtLeast(1))
}

/// Adds to `batch` that the same password is stored under another hash. The batch fails when it is no longer the one that
/// was read.
#[must_use]
pub fn rehash_password(batch: Batch, credential: &Row, password_hash: String) -> Batch {
    let mut set = Row::new().with("password", password_hash);
    // The password did not change, and its age says which reset tokens are void.
    if let Some(changed_at) = credential.date("updatedAt") {
        set.set("updatedAt", changed_at);
    }
    batch.update(ACCOUNT, unchanged(credential), set, Expect::Rows(1))
}

/// Adds to `batch` that `user_id`, who has no account that holds a password, gets one. The batch fails when there is one by
/// now, or when the user is gone.
#[must_use]
pub fn add_password(cx: &Cx, batch: Batch, user_id: &str, password_hash: String) -> Batch {
    // The user's row is there to be locked; that an account is absent locks nothing.
    batch
        .check(USER, Filter::eq("id", user_id), Expect::Rows(1))
        .check(ACCOUNT, credential_of(user_id), Expect::Rows(0))
        .insert(ACCOUNT, new_credential(cx, user_id, password_hash))
}

fn unchanged(credential: &Row) -> Filter {
    Filter::eq("id", credential.id()).and(Filter::eq("password", credential.get("password").clone()))
}

/// The name under which an account's user comes along.
pub const OWNER: &str = "user";

/// The accounts of this identity at this provider, each with its user under [`OWNER`]. More than one is an error in the data.
///
/// # Errors
/// When the store cannot answer.
pub async fn find_by_key(cx: &mut Cx, provider_id: &str, subject: &str) -> Result<Vec<Row>, Exit> {
    let owner = With { name: OWNER.into(), table: USER, local: "userId".into(), foreign: "id".into() };
    let query = Query::many(ACCOUNT, by_key(provider_id, subject)).limit(2).with(owner);
    Ok(cx.read(query).await?.rows)
}

fn by_key(provider_id: &str, subject: &str) -> Filter {
    Filter::eq("providerId", provider_id).and(Filter::eq("accountId", subject))
}

/// Adds to `batch` that the account `row`, which has no id yet, is made. The batch fails when the identity has one by now.
#[must_use]
pub fn link(cx: &Cx, batch: Batch, row: Row) -> Batch {
    let same = by_key(row.text("providerId"), row.text("accountId"));
    batch.check(ACCOUNT, same, Expect::Rows(0)).insert(ACCOUNT, row.with("id", id::new(cx, &ACCOUNT)))
}

/// Stored scopes together with newly granted ones, as they are stored.
#[must_use]
pub fn merged_scope(stored: &str, granted: &[String]) -> String {
    let mut all = scopes(stored);
    for scope in granted {
        if !all.contains(scope) {
            all.push(scope.clone());
        }
    }
    all.join(",")
}

/// The accounts of `user_id`, the oldest first, as many as a list may have.
///
/// # Errors
/// When the store cannot answer.
pub async fn all_of(cx: &mut Cx, user_id: &str) -> Result<Vec<Row>, Exit> {
    let own = Query::many(ACCOUNT, Filter::eq("userId", user_id));
    list::find_many(cx, own.order_by("createdAt", Direction::Ascending)).await
}

/// The scopes that an account's `scope` lists.
#[must_use]
pub fn scopes(stored: &str) -> Vec<String> {
    stored.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}
