//! The one way to change what is stored: write hooks, defaults, one batch. Where the rows are is not the caller's concern.

use super::{Cx, Draft, WriteKind, errors, secondary, user_gate, written};
use crate::{
    engine::{ApiError, Exit, Fault},
    schema::USER,
    store::{Batch, Conflict, ConflictKind, Filter, Row, Rows, Statement, StorageError, Value},
};

/// Runs the write hooks on `batch`, completes its rows and applies it, all or nothing. Answers the rows of each statement;
/// statements that hooks added come last. What is said of a new row must be taken from the [`inserted`] one.
///
/// # Errors
/// What a hook refused with, or [`Fault::Storage`]. Use [`try_commit`] to handle conflicts.
pub async fn commit(cx: &mut Cx, batch: Batch) -> Result<Vec<Rows>, Exit> {
    try_commit(cx, batch).await?.map_err(|conflict| StorageError::Conflict(conflict).into())
}

/// The row that the statement at `at` has inserted, as it is stored: the database may have made its id. Each can be taken once.
///
/// # Errors
/// [`Fault::Bug`] when there is none.
pub fn inserted(rows: &mut [Rows], at: usize) -> Result<Row, Exit> {
    let row = rows.get_mut(at).map(std::mem::take).and_then(Rows::first);
    row.ok_or_else(|| Fault::Bug("the store did not answer an inserted row".into()).into())
}

/// As [`commit`], but a conflict with what is stored is an ordinary answer, unless a plugin says what it means.
///
/// # Errors
/// As [`commit`], save conflicts.
pub async fn try_commit(cx: &mut Cx, batch: Batch) -> Result<Result<Vec<Rows>, Conflict>, Exit> {
    apply(cx, batch, None).await
}

/// As [`try_commit`], for a batch that makes a session of `user`. If the batch makes the user too, theirs is the row as stored.
///
/// # Errors
/// As [`try_commit`].
pub(super) async fn try_commit_session(
    cx: &mut Cx,
    batch: Batch,
    user: &Row,
) -> Result<Result<Vec<Rows>, Conflict>, Exit> {
    apply(cx, batch, Some(user)).await
}

async fn apply(cx: &mut Cx, batch: Batch, user: Option<&Row>) -> Result<Result<Vec<Rows>, Conflict>, Exit> {
    let Prepared { batch, guarded } = prepare(cx, batch).await?;
    let witness = written::observe(cx, &batch).await?;
    match secondary::write(cx, batch, user).await? {
        Ok(rows) => {
            witness.tell(cx, &rows).await;
            Ok(Ok(rows))
        }
        Err(conflict) => match meaning(cx, &conflict, guarded) {
            Some(error) => Err(error.into()),
            None => Ok(Err(conflict)),
        },
    }
}

/// Does all that [`commit`] does but the writing.
///
/// # Errors
/// What a hook refused with.
pub async fn rehearse(cx: &mut Cx, batch: Batch) -> Result<(), Exit> {
    prepare(cx, batch).await.map(|_| ())
}

/// A batch that hooks have seen.
struct Prepared {
    batch: Batch,
    /// The statements that hooks have guarded or demand, and what is answered when one does not find its rows.
    guarded: Vec<(usize, ApiError)>,
}

/// What a plugin says that a conflict means: its guard did not hold, or the value of its unique field is taken.
fn meaning(cx: &Cx, conflict: &Conflict, guarded: Vec<(usize, ApiError)>) -> Option<ApiError> {
    if let ConflictKind::Expectation { .. } = conflict.kind {
        return guarded.into_iter().find(|(at, _)| *at == conflict.statement).map(|(_, error)| error);
    }
    let mut unique = cx.app().plugins.iter().flat_map(|plugin| plugin.unique_errors());
    unique.find(|rule| conflict.is_unique(&rule.table, &rule.field)).map(|rule| rule.error)
}

async fn prepare(cx: &mut Cx, mut batch: Batch) -> Result<Prepared, Exit> {
    let app = cx.app_arc();
    let now = cx.now();
    let mut added = Vec::new();
    let mut guarded = Vec::new();
    for (at, statement) in batch.statements.iter_mut().enumerate() {
        let name = statement.table().clone();
        let (kind, row, mut filter) = match statement {
            Statement::Insert { row, .. } => (WriteKind::Create, row, None),
            Statement::Update { set, filter, .. } => (WriteKind::Update, set, Some(filter)),
            _ => continue,
        };
        if kind == WriteKind::Create && name == USER {
            user_gate::pass_new(cx, row).await?;
        }
        for hook in app.hooks.writes.iter().filter(|hook| hook.table == name && hook.on == kind) {
            let mut draft = Draft::new(std::mem::take(row));
            let verdict = hook.run(cx, &mut draft).await;
            *row = draft.row;
            added.extend(draft.also.into_iter().map(|statement| (statement, None)));
            added.extend(draft.demanded.into_iter().map(|(statement, otherwise)| (statement, Some(otherwise))));
            verdict?;
            if let (Some(filter), Some(guard)) = (&mut filter, draft.guard) {
                **filter = std::mem::replace(*filter, Filter::All).and(guard.filter);
                guarded.push((at, guard.error));
            }
        }
        refuse_nul(row)?;
        if let Some(table) = app.schema.table(&name) {
            match kind {
                WriteKind::Create => table.complete(row, now, cx.entropy()),
                WriteKind::Update => table.touch(row, now, cx.entropy()),
                WriteKind::Delete => {}
            }
        }
    }
    for (statement, otherwise) in added {
        guarded.extend(otherwise.map(|error| (batch.statements.len(), error)));
        batch.push(statement);
    }
    Ok(Prepared { batch, guarded })
}

/// PostgreSQL cannot store NUL; every store refuses it alike.
fn refuse_nul(row: &Row) -> Result<(), Exit> {
    let nul = row.fields().find(|(_, value)| matches!(value, Value::Text(text) if text.contains('\0')));
    match nul {
        None => Ok(()),
        Some((name, _)) => Err(errors::VALIDATION_ERROR
            .message(format!("[body.{name}] Invalid input: control characters are not allowed"))
            .into()),
    }
}
