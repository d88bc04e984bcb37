//! Applying a batch to the database and to secondary storage, in the order that `mod.rs` explains.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    matches::{accepted, named_by_index, tokens_of_users},
    plan::{Plan, Who, record_end},
    sessions, statements, verifications,
};
use crate::{
    domain::{Cx, Place, session::Session},
    engine::{Exit, Fault},
    schema::VERIFICATION,
    store::{Batch, Conflict, ConflictKind, Filter, Row, Rows, StorageError},
};

/// Applies `batch`. `user` is whose session it makes, unless it makes the user too.
pub(in crate::domain) async fn write(
    cx: &mut Cx,
    batch: Batch,
    user: Option<&Row>,
) -> Result<Result<Vec<Rows>, Conflict>, Exit> {
    if !statements::concerns(cx.app().places, &batch) {
        return in_database(cx, batch).await;
    }
    let mut plan = match Plan::make(cx, batch).await? {
        Ok(plan) => plan,
        Err(conflict) => return Ok(Err(conflict)),
    };
    if !plan.issued.is_empty() && user.is_none() && plan.makes_user.is_none() {
        return Err(Fault::Bug("a session is made for nobody".into()).into());
    }
    if let Err(conflict) = take(cx, &mut plan).await? {
        return Ok(Err(conflict));
    }
    if let Err(conflict) = end_found(cx, &mut plan).await? {
        return Ok(Err(conflict));
    }
    let (pending, known): (Vec<_>, Vec<_>) =
        plan.issued.iter().map(|(_, row)| row).partition(|row| plan.is_pending(row.text("userId")));
    for (_, row) in &plan.issued {
        sessions::reserve(cx, row).await?;
    }
    for row in known {
        sessions::name(cx, row).await?;
    }
    let unnamed = !pending.is_empty();
    let changes_database = !plan.database.is_empty();
    if changes_database {
        match in_database(cx, std::mem::take(&mut plan.database)).await {
            Ok(Ok(rows)) => plan.answer(rows),
            Ok(Err(conflict)) => {
                release(cx, &plan).await;
                return Ok(Err(plan.conflict(conflict)));
            }
            Err(exit) => {
                release(cx, &plan).await;
                return Err(exit);
            }
        }
        // Whoever has no id yet has nothing that could be revoked; now that they have one, the index can name the session.
        if unnamed {
            for (_, row) in &plan.issued {
                sessions::name(cx, row).await?;
            }
        }
        end_newcomers(cx, &plan).await?;
    }
    fill(cx, &plan, user).await?;
    if let Err(conflict) = update(cx, &plan).await?
        && !changes_database
    {
        return Ok(Err(conflict));
    }
    for row in &plan.values {
        verifications::put(cx, row).await?;
    }
    for identifier in &plan.dropped {
        verifications::remove(cx, identifier).await?;
    }
    for user_id in &plan.changed_users {
        let tokens = sessions::tokens_of(cx, user_id).await?;
        sessions::refresh_user(cx, user_id, tokens).await?;
    }
    Ok(Ok(plan.answers))
}

async fn in_database(cx: &mut Cx, batch: Batch) -> Result<Result<Vec<Rows>, Conflict>, Exit> {
    match cx.write(batch).await {
        Ok(rows) => Ok(Ok(rows)),
        Err(StorageError::Conflict(conflict)) => Ok(Err(conflict)),
        Err(error) => Err(error.into()),
    }
}

/// Takes the one-time values that are spent, and changes those that change. A conflict says that somebody was quicker.
async fn take(cx: &mut Cx, plan: &mut Plan) -> Result<Result<(), Conflict>, Exit> {
    for spending in &plan.spent {
        let mut rows = Vec::new();
        for identifier in &spending.identifiers {
            if let Some(row) = verifications::take(cx, identifier).await?
                && accepted(cx, VERIFICATION, &spending.filter, &row)?
            {
                rows.push(row);
            }
        }
        if !spending.expect.holds(rows.len() as u64) {
            return Ok(Err(expectation(spending.at, rows.len() as u64)));
        }
        plan.answers[spending.at] = Rows::found(rows);
    }
    for change in &plan.rewritten {
        let mut changed = 0;
        for identifier in &change.identifiers {
            changed += u64::from(verifications::rewrite(cx, identifier, &change.filter, &change.set).await?);
        }
        if !change.expect.holds(changed) {
            return Ok(Err(expectation(change.at, changed)));
        }
        plan.answers[change.at] = Rows::counted(changed);
    }
    Ok(Ok(()))
}

/// Ends the sessions that were found, first those that must be there. A conflict says that one of these has ended meanwhile.
async fn end_found(cx: &mut Cx, plan: &mut Plan) -> Result<Result<(), Conflict>, Exit> {
    // Several statements may end the same session.
    let mut done = BTreeSet::new();
    for ending in &plan.ends {
        let mut ended = Vec::new();
        for (at, token) in &plan.checked {
            if ending.found.iter().any(|(found, _)| found == token) && done.insert(token) {
                match sessions::end(cx, token.clone()).await? {
                    Some(session) => ended.push(session.row),
                    None => return Ok(Err(expectation(*at, 0))),
                }
            }
        }
        if let Who::Whole(user_id) = &ending.who {
            sessions::revoke_before_now(cx, user_id).await?;
        }
        ended.extend(end(cx, &ending.found).await?);
        let count = ended.len() as u64;
        plan.answers[ending.at] = if ending.answered { Rows::found(ended) } else { Rows::counted(count) };
    }
    Ok(Ok(()))
}

/// Ends the sessions that have come since, on the strength of what the database has changed now.
async fn end_newcomers(cx: &mut Cx, plan: &Plan) -> Result<(), Exit> {
    for ending in &plan.ends {
        let mut found = match &ending.who {
            Who::Named => continue,
            Who::OfUsers(filter) => tokens_of_users(cx, filter).await?,
            Who::Whole(user_id) => named_by_index(cx, user_id).await?,
        };
        found.retain(|(token, _)| !plan.issued.iter().any(|(_, row)| row.text("token") == token));
        end(cx, &found).await?;
    }
    Ok(())
}

/// Ends sessions and takes them out of their users' indexes. Answers those that it was this that ended.
async fn end(cx: &mut Cx, found: &[(String, String)]) -> Result<Vec<Row>, Exit> {
    let mut ended = Vec::new();
    let mut by_user: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (token, user_id) in found {
        ended.extend(sessions::end(cx, token.clone()).await?.map(|session| session.row));
        by_user.entry(user_id).or_default().push(token.clone());
    }
    for (user_id, tokens) in by_user {
        sessions::unname(cx, user_id, tokens).await?;
    }
    Ok(ended)
}

/// Gives up the places of sessions that are not made after all. What is left of them when that fails ends by itself.
async fn release(cx: &mut Cx, plan: &Plan) {
    let places: Vec<_> =
        plan.issued.iter().map(|(_, row)| (row.text("token").to_owned(), row.text("userId").to_owned())).collect();
    if end(cx, &places).await.is_err() {
        tracing::warn!("the place of a session that was not made could not be given up");
    }
}

/// Puts the new sessions in their places.
async fn fill(cx: &mut Cx, plan: &Plan, user: Option<&Row>) -> Result<(), Exit> {
    let made = plan.makes_user.and_then(|at| plan.answers[at].rows.first());
    for (at, planned) in &plan.issued {
        let row = plan.answers[*at].rows.first().unwrap_or(planned).clone();
        let made = made.filter(|made| made.id() == row.text("userId"));
        let Some(user) = made.or(user) else { continue };
        let session = Session { row, user: user.clone() };
        if !sessions::fill(cx, &session).await? {
            // It was revoked before it began, and the database may not know.
            if cx.app().places.sessions == Place::Recorded {
                let record = record_end(cx, Filter::eq("token", session.token()));
                cx.write(Batch::new().then(record)).await?;
            }
        } else if made.is_none() {
            // The user was read before the session was made, and may have changed meanwhile.
            sessions::refresh_user(cx, session.user_id(), vec![session.token().to_owned()]).await?;
        }
    }
    Ok(())
}

/// Changes sessions. A conflict says that one has ended meanwhile.
async fn update(cx: &mut Cx, plan: &Plan) -> Result<Result<(), Conflict>, Exit> {
    let mut lost = None;
    for (at, token, set) in &plan.updates {
        if !sessions::update(cx, token, set).await? {
            lost = Some(expectation(*at, 0));
        }
    }
    Ok(lost.map_or(Ok(()), Err))
}

fn expectation(statement: usize, found: u64) -> Conflict {
    Conflict { statement, kind: ConflictKind::Expectation { found } }
}
