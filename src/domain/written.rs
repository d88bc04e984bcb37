//! What write hooks are shown beyond the rows of the batch itself: those that are removed, and those that were changed.

use super::{Cx, Draft, WriteKind, list};
use crate::{
    engine::Exit,
    store::{Batch, Filter, Name, Query, Row, Rows, Statement, Value},
};

/// Which rows the statements of a batch touch, as far as somebody wants to know.
#[derive(Debug, Default)]
pub(super) struct Witness(Vec<Seen>);

#[derive(Debug)]
struct Seen {
    at: usize,
    table: Name,
    on: WriteKind,
    /// The rows as they were; empty for an insert.
    rows: Vec<Row>,
}

/// Looks at what `batch` touches, and asks the hooks of rows that it removes.
///
/// # Errors
/// What a hook refused with, or a store that fails.
pub(super) async fn observe(cx: &mut Cx, batch: &Batch) -> Result<Witness, Exit> {
    let app = cx.app_arc();
    if app.hooks.written.is_empty() && !app.hooks.writes.iter().any(|hook| hook.on == WriteKind::Delete) {
        return Ok(Witness::default());
    }
    let mut seen = Vec::new();
    for (at, statement) in batch.statements.iter().enumerate() {
        let (on, filter) = match statement {
            Statement::Insert { .. } => (WriteKind::Create, None),
            Statement::Update { filter, .. } | Statement::Increment { filter, .. } => (WriteKind::Update, Some(filter)),
            Statement::Delete { filter, .. } | Statement::Consume { filter, .. } => (WriteKind::Delete, Some(filter)),
            _ => continue,
        };
        let table = statement.table();
        let concerns = |hook: (&Name, WriteKind)| *hook.0 == *table && hook.1 == on;
        let before: Vec<_> = match on {
            WriteKind::Delete => app.hooks.writes.iter().filter(|hook| concerns((&hook.table, hook.on))).collect(),
            _ => Vec::new(),
        };
        if before.is_empty() && !app.hooks.written.iter().any(|hook| concerns((&hook.table, hook.on))) {
            continue;
        }
        let rows = match filter {
            Some(filter) if app.database_schema.table(table).is_some() => {
                list::find_many(cx, Query::many(table.clone(), filter.clone())).await?
            }
            _ => Vec::new(),
        };
        for hook in before {
            for row in &rows {
                hook.run(cx, &mut Draft::new(row.clone())).await?;
            }
        }
        seen.push(Seen { at, table: table.clone(), on, rows });
    }
    Ok(Witness(seen))
}

impl Witness {
    /// Tells the hooks what was done. The change is done and stays so: a hook that fails is told of in the log.
    pub(super) async fn tell(self, cx: &mut Cx, answers: &[Rows]) {
        for Seen { at, table, on, rows } in self.0 {
            let rows = match on {
                WriteKind::Create => answers.get(at).map(|answer| answer.rows.clone()).unwrap_or_default(),
                WriteKind::Delete => rows,
                WriteKind::Update => {
                    let ids: Vec<Value> = rows.iter().map(|row| row.id().into()).collect();
                    let now = Query::many(table.clone(), Filter::any_of("id", ids));
                    match list::find_many(cx, now).await {
                        Ok(rows) => rows,
                        Err(exit) => {
                            tracing::error!(table = %table, error = ?exit, "changed rows could not be shown to hooks");
                            continue;
                        }
                    }
                }
            };
            let app = cx.app_arc();
            for hook in app.hooks.written.iter().filter(|hook| hook.table == table && hook.on == on) {
                for row in &rows {
                    if let Err(exit) = hook.run(cx, row).await {
                        tracing::error!(table = %table, error = ?exit, "a hook failed after a change");
                    }
                }
            }
        }
    }
}
