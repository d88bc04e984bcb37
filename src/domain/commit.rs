//! The one way into the database: write hooks, defaults, one batch.

use super::{Cx, Draft, WriteKind, errors};
use crate::{
    engine::Exit,
    store::{Batch, Row, Rows, Statement, Value},
};

/// Runs the write hooks on `batch`, completes its rows and applies it, all or nothing. Answers the rows of each statement;
/// statements that hooks added come last.
///
/// # Errors
/// What a hook refused with, or [`Fault::Storage`](crate::engine::Fault::Storage). Use [`try_commit`] to handle conflicts.
pub async fn commit(cx: &mut Cx, batch: Batch) -> Result<Vec<Rows>, Exit> {
    let batch = prepare(cx, batch).await?;
    Ok(cx.write(batch).await?)
}

/// As [`commit`], but a conflict with what is stored is an ordinary answer.
///
/// # Errors
/// As [`commit`], save conflicts.
pub async fn try_commit(cx: &mut Cx, batch: Batch) -> Result<Result<Vec<Rows>, crate::store::Conflict>, Exit> {
    let batch = prepare(cx, batch).await?;
    match cx.write(batch).await {
        Ok(rows) => Ok(Ok(rows)),
        Err(crate::store::StorageError::Conflict(conflict)) => Ok(Err(conflict)),
        Err(error) => Err(error.into()),
    }
}

async fn prepare(cx: &mut Cx, mut batch: Batch) -> Result<Batch, Exit> {
    let app = cx.app_arc();
    let now = cx.now();
    let mut added = Vec::new();
    for statement in &mut batch.statements {
        let kind = match statement {
            Statement::Insert { .. } => WriteKind::Create,
            Statement::Update { .. } => WriteKind::Update,
            _ => continue,
        };
        let name = statement.table().clone();
        let (Statement::Insert { row, .. } | Statement::Update { set: row, .. }) = statement else { continue };
        for hook in app.hooks.writes.iter().filter(|hook| hook.table == name && hook.on == kind) {
            let mut draft = Draft { row: std::mem::take(row), also: Vec::new() };
            let verdict = hook.run(cx, &mut draft).await;
            *row = draft.row;
            added.append(&mut draft.also);
            verdict?;
        }
        refuse_nul(row)?;
        if let Some(table) = app.schema.table(&name) {
            match kind {
                WriteKind::Create => table.complete(row, now),
                WriteKind::Update => table.touch(row, now),
            }
        }
    }
    batch.statements.append(&mut added);
    Ok(batch)
}

/// PostgreSQL cannot store NUL; every store refuses it alike.
fn refuse_nul(row: &Row) -> Result<(), Exit> {
    let nul = row.fields().find(|(_, value)| matches!(value, Value::Text(text) if text.contains('\0')));
    match nul {
        None => Ok(()),
        Some((name, _)) => {
            Err(errors::VALIDATION_ERROR.message(format!("[body.{name}] Invalid input: control characters are not allowed")).into())
        }
    }
}
