//! Accounts: the ways in which a user signs in.

use super::{Cx, user};
use crate::{
    engine::Exit,
    schema::ACCOUNT,
    store::{Filter, Query, Row},
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
        .with("id", user::new_id(cx))
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

/// All accounts of `user_id`.
///
/// # Errors
/// When the store cannot answer.
pub async fn all_of(cx: &mut Cx, user_id: &str) -> Result<Vec<Row>, Exit> {
    Ok(cx.read(Query::many(ACCOUNT, Filter::eq("userId", user_id))).await?.rows)
}

/// The scopes that an account's `scope` lists.
#[must_use]
pub fn scopes(stored: &str) -> Vec<String> {
    stored.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}
