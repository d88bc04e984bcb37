//! Users.

use super::{Cx, id, session};
use crate::{
    engine::Exit,
    schema::{ACCOUNT, USER},
    store::{Batch, Expect, Filter, Query, Row, With},
};

/// The name under which a user's accounts come along.
pub const ACCOUNTS: &str = "accounts";

/// The form in which addresses are stored and looked up.
#[must_use]
pub fn normalize_email(email: &str) -> String {
    email.to_lowercase()
}

/// A new user with this address and these fields, for inserting. What else a user has gets its default.
#[must_use]
pub fn new(cx: &Cx, email: &str, fields: Row) -> Row {
    let now = cx.now();
    let row = fields.with("email", normalize_email(email)).with("createdAt", now).with("updatedAt", now);
    row.with("id", id::new(cx, &USER))
}

/// The user with this address.
///
/// # Errors
/// When the store cannot answer.
pub async fn find_by_email(cx: &mut Cx, email: &str) -> Result<Option<Row>, Exit> {
    let query = Query::one(USER, Filter::eq("email", normalize_email(email)));
    Ok(cx.read(query).await?.first())
}

/// The user that `filter` names, and their accounts under [`ACCOUNTS`].
///
/// # Errors
/// When the store cannot answer.
pub async fn find_with_accounts(cx: &mut Cx, filter: Filter) -> Result<Option<Row>, Exit> {
    let accounts = With { name: ACCOUNTS.into(), table: ACCOUNT, local: "id".into(), foreign: "userId".into() };
    Ok(cx.read(Query::one(USER, filter).with(accounts)).await?.first())
}

/// The user with this id.
///
/// # Errors
/// When the store cannot answer.
pub async fn find_by_id(cx: &mut Cx, id: &str) -> Result<Option<Row>, Exit> {
    Ok(cx.read(Query::one(USER, Filter::eq("id", id))).await?.first())
}

/// The batch that changes a user, who must still be there.
#[must_use]
pub fn update(id: &str, set: Row) -> Batch {
    Batch::new().update(USER, Filter::eq("id", id), set, Expect::Rows(1))
}

/// The batch that removes a user and everything of theirs.
#[must_use]
pub fn delete(cx: &Cx, id: &str) -> Batch {
    session::delete_all_of(cx, Batch::new(), id).delete(ACCOUNT, Filter::eq("userId", id), Expect::Any).delete(
        USER,
        Filter::eq("id", id),
        Expect::Rows(1),
    )
}
