//! What of secondary storage a statement is about.

use super::{
    sessions::{self, Kept},
    statements, verifications,
};
use crate::{
    domain::{Cx, session::Session},
    engine::{Exit, Fault},
    schema::{SESSION, VERIFICATION},
    store::{Expect, Filter, Name, Row, Statement, memory::accepts},
};

/// What is found of a session that a filter accepts.
pub(super) struct Match {
    pub(super) token: String,
    pub(super) user_id: String,
    /// `None` when only its place is kept.
    pub(super) session: Option<Session>,
}

/// The sessions, and places of sessions, that `statement` is about.
pub(super) async fn matches(cx: &mut Cx, statement: &Statement) -> Result<Vec<Match>, Exit> {
    let filter = statements::filter(statement).ok_or_else(|| unfit(statement, "a filter"))?;
    if let Some(tokens) = statements::named(filter, "token") {
        let mut found = Vec::new();
        for token in tokens {
            match sessions::look(cx, &token).await? {
                Kept::Session(session) if accepted(cx, SESSION, filter, &session.row)? => {
                    found.push(Match { token, user_id: session.user_id().to_owned(), session: Some(*session) });
                }
                // The database may have it already, and a list may show it.
                Kept::Reserved => {
                    if let Some(user_id) = named_in_index(cx, filter, &token).await? {
                        found.push(Match { token, user_id, session: None });
                    }
                }
                _ => {}
            }
        }
        return Ok(found);
    }
    let users = statements::named(filter, "userId").ok_or_else(|| unfit(statement, "a token or a user"))?;
    let mut found = Vec::new();
    for user_id in users {
        for (token, session) in sessions::named(cx, &user_id).await? {
            let known = || Row::new().with("token", &token).with("userId", &user_id);
            let row = session.as_ref().map_or_else(known, |session| session.row.clone());
            if accepted(cx, SESSION, filter, &row)? {
                found.push(Match { token, user_id: user_id.clone(), session });
            }
        }
    }
    Ok(found)
}

/// Which of the users that `filter` asks for has a session by this token, if one has.
async fn named_in_index(cx: &mut Cx, filter: &Filter, token: &String) -> Result<Option<String>, Exit> {
    for user_id in statements::named(filter, "userId").unwrap_or_default() {
        if sessions::tokens_of(cx, &user_id).await?.contains(token) {
            return Ok(Some(user_id));
        }
    }
    Ok(None)
}

/// The tokens of the sessions of users that `filter` accepts, and whose they are.
pub(super) async fn tokens_of_users(cx: &mut Cx, filter: &Filter) -> Result<Vec<(String, String)>, Exit> {
    let statement = Statement::Delete { table: SESSION, filter: filter.clone(), expect: Expect::Any };
    Ok(matches(cx, &statement).await?.into_iter().map(|found| (found.token, found.user_id)).collect())
}

/// All tokens that the index of `user_id` names, and whose they are.
pub(super) async fn named_by_index(cx: &mut Cx, user_id: &str) -> Result<Vec<(String, String)>, Exit> {
    let tokens = sessions::tokens_of(cx, user_id).await?;
    Ok(tokens.into_iter().map(|token| (token, user_id.to_owned())).collect())
}

/// The one-time values under `identifiers` that `filter` accepts.
pub(super) async fn held(cx: &mut Cx, identifiers: &[String], filter: &Filter) -> Result<Vec<Row>, Exit> {
    let mut found = Vec::new();
    for identifier in identifiers {
        if let Some(row) = verifications::find(cx, identifier).await?
            && accepted(cx, VERIFICATION, filter, &row)?
        {
            found.push(row);
        }
    }
    Ok(found)
}

/// Whether `filter` accepts a row that is not in the database.
pub(super) fn accepted(cx: &Cx, table: Name, filter: &Filter, row: &Row) -> Result<bool, Exit> {
    let table = cx.app().schema.table(&table).ok_or_else(|| Fault::Bug(format!("there is no table {table}").into()))?;
    Ok(accepts(table, filter, row)?)
}

/// That secondary storage cannot do what `statement` says: a bug.
pub(super) fn unfit(statement: &Statement, wanted: &str) -> Exit {
    let table = statement.table();
    Fault::Bug(format!("a statement about {table} in secondary storage needs {wanted}").into()).into()
}
