//! How a batch has to be run so that it is atomic among others.

use super::{Dialect, Translator, table::TableText};
use crate::store::{Batch, CaseMode, Expect, Filter, Op, Statement, StorageError};

/// How a batch has to be run. All of it in one transaction, unless it is a statement [alone](Demands::Alone).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demands {
    /// One statement, which either meets its expectation or changes nothing. It needs no transaction of its own.
    Alone,
    /// Only an error of the database can keep it from being kept, so that the commit can be sent without looking.
    Straight,
    /// It is kept if its expectations hold. What they count is locked, so others cannot change it meanwhile.
    Judged,
    /// As before, but it also rests on rows not being there, which locks cannot hold: it needs a serializable transaction.
    Serializable,
}

pub(super) fn demands(translator: &Translator, batch: &Batch) -> Result<Demands, StorageError> {
    if let [statement] = batch.statements.as_slice()
        && harmless_alone(translator, statement)?
    {
        return Ok(Demands::Alone);
    }
    let mut demands = Demands::Straight;
    for statement in &batch.statements {
        if rests_on_absence(translator, statement)? {
            return Ok(Demands::Serializable);
        }
        if needs_look(translator.dialect, statement) {
            demands = Demands::Judged;
        }
    }
    Ok(demands)
}

/// Whether the statement has changed nothing when its expectation fails, and is one statement in this dialect.
fn harmless_alone(translator: &Translator, statement: &Statement) -> Result<bool, StorageError> {
    if translator.dialect == Dialect::MySql && matches!(statement, Statement::Consume { .. }) {
        return Ok(false);
    }
    Ok(match (statement, statement.expect()) {
        (Statement::Insert { .. } | Statement::Check { .. } | Statement::Sweep { .. }, _) => true,
        (_, Expect::Any | Expect::AtLeast(0 | 1)) => true,
        (_, Expect::Rows(1)) => finds_one(translator, statement)?,
        _ => false,
    })
}

/// Whether the batch may have to be taken back though the database reported no error.
fn needs_look(dialect: Dialect, statement: &Statement) -> bool {
    match statement {
        Statement::Insert { .. } => false,
        Statement::Consume { .. } if dialect == Dialect::MySql => true,
        _ => statement.expect() != Expect::Any,
    }
}

/// Whether the expectation would fail if a row appeared that the statement did not see. Statements that change rows count
/// what they changed, and a row that appears later comes after them; a check promises that none appears.
fn rests_on_absence(translator: &Translator, statement: &Statement) -> Result<bool, StorageError> {
    Ok(match (statement, statement.expect()) {
        (_, Expect::Rows(0)) => true,
        (Statement::Check { .. }, Expect::Rows(1)) => !finds_one(translator, statement)?,
        (Statement::Check { .. }, Expect::Rows(_)) => true,
        _ => false,
    })
}

/// Whether at most one row can be found.
fn finds_one(translator: &Translator, statement: &Statement) -> Result<bool, StorageError> {
    let table = translator.table(statement.table())?;
    Ok(match statement {
        Statement::Update { filter, .. }
        | Statement::Increment { filter, .. }
        | Statement::Delete { filter, .. }
        | Statement::Consume { filter, .. }
        | Statement::Check { filter, .. } => pins(table, filter),
        Statement::Insert { .. } | Statement::Sweep { .. } => false,
    })
}

fn pins(table: &TableText, filter: &Filter) -> bool {
    match filter {
        Filter::Compare { field, op: Op::Eq, value, case: CaseMode::Sensitive } => {
            !value.is_null() && table.shape.position(field).is_ok_and(|at| table.unique[at])
        }
        Filter::And(parts) => parts.iter().any(|part| pins(table, part)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Row, contract};

    fn of(dialect: Dialect, batch: Batch) -> Demands {
        Translator::new(dialect, &contract::schema()).demands(&batch).unwrap()
    }

    fn one(id: &str) -> Filter {
        Filter::eq("personId", "p").and(Filter::eq("token", id))
    }

    #[test]
    fn a_statement_that_cannot_be_half_done_runs_alone() {
        let set = || Row::new().with("uses", 1);
        for (batch, demands) in [
            (Batch::new().insert("ticket", Row::new()), Demands::Alone),
            (Batch::new().update("ticket", Filter::All, set(), Expect::Any), Demands::Alone),
            (Batch::new().update("ticket", Filter::All, set(), Expect::AtLeast(1)), Demands::Alone),
            (Batch::new().update("ticket", one("t"), set(), Expect::Rows(1)), Demands::Alone),
            (Batch::new().update("ticket", Filter::eq("personId", "p"), set(), Expect::Rows(1)), Demands::Judged),
            (Batch::new().update("ticket", Filter::eq("token", "t"), set(), Expect::Rows(0)), Demands::Serializable),
            (Batch::new().delete("ticket", Filter::All, Expect::AtLeast(2)), Demands::Judged),
            (Batch::new().check("ticket", Filter::All, Expect::Rows(7)), Demands::Alone),
            (Batch::new().consume("ticket", one("t"), Expect::Rows(1)), Demands::Alone),
        ] {
            assert_eq!(of(Dialect::Postgres, batch.clone()), demands, "{batch:?}");
        }
        let consume = Batch::new().consume("ticket", one("t"), Expect::Rows(1));
        assert_eq!(of(Dialect::MySql, consume), Demands::Judged);
    }

    #[test]
    fn what_rests_on_absence_is_serializable() {
        let insert = || Batch::new().insert("ticket", Row::new());
        let either = Filter::Or(vec![one("t"), one("u")]);
        let folded = |value: &str| Filter::Compare {
            field: "token".into(),
            op: Op::Eq,
            value: value.into(),
            case: CaseMode::Insensitive,
        };
        let nobody = Filter::eq("nick", crate::store::Value::Null);
        for (batch, demands) in [
            (insert().insert("ticket", Row::new()), Demands::Straight),
            (insert().delete("ticket", Filter::All, Expect::Any), Demands::Straight),
            (insert().check("ticket", one("t"), Expect::Rows(1)), Demands::Judged),
            (insert().check("ticket", Filter::All, Expect::AtLeast(2)), Demands::Judged),
            (insert().consume("ticket", Filter::All, Expect::Rows(1)), Demands::Judged),
            (insert().check("ticket", one("t"), Expect::Rows(0)), Demands::Serializable),
            (insert().check("ticket", Filter::All, Expect::Rows(2)), Demands::Serializable),
            (insert().check("ticket", either, Expect::Rows(1)), Demands::Serializable),
            (insert().check("ticket", folded("T"), Expect::Rows(1)), Demands::Serializable),
            (insert().check("person", nobody, Expect::Rows(1)), Demands::Serializable),
        ] {
            assert_eq!(of(Dialect::Postgres, batch.clone()), demands, "{batch:?}");
        }
    }
}
