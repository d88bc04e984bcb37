//! Filters as conditions.

use super::{Dialect, Param, table::TableText, text::Writer, value::encode};
use crate::{
    schema::{FieldType, IdKind},
    store::{CaseMode, Filter, Op, StorageError, Value},
    wire::id::is_uuid,
};

/// A table under a name by which conditions refer to it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'t> {
    pub(super) table: &'t TableText,
    /// With its dot; empty for the table itself.
    pub(super) alias: &'t str,
}

impl Scope<'_> {
    pub(super) fn column(self, at: usize) -> String {
        format!("{}{}", self.alias, self.table.columns[at])
    }

    /// The column as a sort key: text sorts by bytes.
    pub(super) fn sort_key(self, dialect: Dialect, at: usize) -> String {
        let column = self.column(at);
        if self.is_text(dialect, at) { dialect.by_bytes(&column) } else { column }
    }

    /// Whether the column has a type of text.
    fn is_text(self, dialect: Dialect, at: usize) -> bool {
        match self.table.shape.kind(at) {
            FieldType::Text => true,
            FieldType::Id(IdKind::Uuid) => dialect != Dialect::Postgres,
            _ => false,
        }
    }

    /// Whether the column has a type of UUIDs, which refuses any other text.
    fn is_uuid(self, dialect: Dialect, at: usize) -> bool {
        dialect == Dialect::Postgres && self.table.shape.kind(at) == FieldType::Id(IdKind::Uuid)
    }
}

/// Writes ` WHERE` and the condition, unless every row is accepted.
pub(super) fn write_where(out: &mut Writer, scope: Scope<'_>, filter: &Filter) -> Result<(), StorageError> {
    if matches!(filter, Filter::All) {
        return Ok(());
    }
    out.push(" WHERE ");
    write_filter(out, scope, filter)
}

fn write_filter(out: &mut Writer, scope: Scope<'_>, filter: &Filter) -> Result<(), StorageError> {
    match filter {
        Filter::All => out.push("1 = 1"),
        Filter::And(parts) => return write_parts(out, scope, parts, " AND ", "1 = 1"),
        Filter::Or(parts) => return write_parts(out, scope, parts, " OR ", "1 = 0"),
        Filter::In { field, values, negated } => {
            let at = scope.table.shape.position(field)?;
            let mut comparands = Vec::with_capacity(values.len());
            for value in values.iter().filter(|value| !value.is_null()) {
                comparands.extend(scope.table.shape.comparand(at, Op::Eq, value)?);
            }
            if scope.is_uuid(out.dialect, at) {
                comparands.retain(|value| value.as_text().is_some_and(is_uuid));
            }
            let params: Vec<_> = comparands.iter().map(|value| encode(out.dialect, value)).collect();
            write_list(out, scope, at, &params, *negated);
        }
        Filter::Compare { field, op, value, case } => {
            let at = scope.table.shape.position(field)?;
            let column = scope.column(at);
            let comparand = scope.table.shape.comparand(at, *op, value)?;
            match (comparand.as_deref(), op) {
                (None, _) => out.push("1 = 0"),
                (Some(Value::Null), Op::Ne) => out.push(&format!("{column} IS NOT NULL")),
                (Some(Value::Null), _) => out.push(&format!("{column} IS NULL")),
                (Some(Value::Text(text)), _) if scope.is_uuid(out.dialect, at) => write_uuid(out, &column, *op, text),
                (Some(Value::Text(text)), _) => write_text(out, &column, *op, text, *case),
                (Some(value), _) => {
                    out.push(&column);
                    out.push(operator(*op));
                    out.bind_compared(encode(out.dialect, value));
                }
            }
        }
    }
    Ok(())
}

fn write_parts(
    out: &mut Writer,
    scope: Scope<'_>,
    parts: &[Filter],
    between: &str,
    empty: &str,
) -> Result<(), StorageError> {
    if parts.is_empty() {
        out.push(empty);
        return Ok(());
    }
    out.push("(");
    out.separated(between, parts, |out, part| write_filter(out, scope, part))?;
    out.push(")");
    Ok(())
}

/// Writes `column IN (…)`, filled up to a power of two with its last value, so that few different texts arise.
pub(super) fn write_list(out: &mut Writer, scope: Scope<'_>, at: usize, params: &[Param], negated: bool) {
    let column = scope.column(at);
    let Some(last) = params.last().cloned() else {
        out.push(&if negated { format!("{column} IS NOT NULL") } else { "1 = 0".to_owned() });
        return;
    };
    let length = params.len().next_power_of_two();
    let exact = if scope.is_text(out.dialect, at) { out.dialect.exact(&column) } else { column.clone() };
    let params = || params.iter().cloned().chain(std::iter::repeat(last.clone())).take(length);
    // An index on the column cannot answer for its bytes, but it can find the candidates.
    if exact != column && !negated {
        write_values(out, &column, " IN (", params());
        out.push(" AND ");
    }
    write_values(out, &exact, if negated { " NOT IN (" } else { " IN (" }, params());
}

fn write_values(out: &mut Writer, column: &str, opening: &str, params: impl Iterator<Item = Param>) {
    out.push(column);
    out.push(opening);
    for (position, param) in params.enumerate() {
        if position > 0 {
            out.push(", ");
        }
        out.bind_compared(param);
    }
    out.push(")");
}

/// Writes a comparison in a column of UUIDs: other text is equal to none of them, and neither more nor less.
fn write_uuid(out: &mut Writer, column: &str, op: Op, text: &str) {
    match op {
        _ if is_uuid(text) => {
            out.push(column);
            out.push(operator(op));
            out.bind(Param::Text(text.to_owned()));
        }
        Op::Ne => out.push(&format!("{column} IS NOT NULL")),
        _ => out.push("1 = 0"),
    }
}

/// Writes a comparison of text. No `LIKE`: what looks like a wildcard is an ordinary letter, and case is the database's
/// default nowhere.
fn write_text(out: &mut Writer, column: &str, op: Op, text: &str, case: CaseMode) {
    let dialect = out.dialect;
    let length = dialect.length(&Dialect::fold(text, case));
    let param = Param::Text(Dialect::fold(text, case));
    let column = match (case, op) {
        (CaseMode::Insensitive, _) => dialect.folded(column),
        (CaseMode::Sensitive, Op::Eq) if dialect == Dialect::MySql => {
            // An index on the column cannot answer for its bytes, but it can find the candidates.
            out.push(column);
            out.push(" = ");
            out.bind(param.clone());
            out.push(" AND ");
            dialect.exact(column)
        }
        (CaseMode::Sensitive, Op::Lt | Op::Lte | Op::Gt | Op::Gte) => dialect.by_bytes(column),
        (CaseMode::Sensitive, _) => dialect.exact(column),
    };
    match op {
        Op::Contains => {
            let (opening, swapped) = match dialect {
                Dialect::Sqlite => ("instr(", false),
                Dialect::Postgres => ("strpos(", false),
                Dialect::MySql => ("locate(", true),
            };
            out.push(opening);
            if swapped {
                out.bind(param);
                out.push(&format!(", {column}"));
            } else {
                out.push(&format!("{column}, "));
                out.bind(param);
            }
            out.push(") > 0");
        }
        Op::StartsWith | Op::EndsWith if text.is_empty() => out.push(&format!("{column} IS NOT NULL")),
        Op::StartsWith | Op::EndsWith => {
            let (opening, length) = match (dialect, op) {
                (Dialect::Sqlite, Op::StartsWith) => ("substr(", length),
                (Dialect::Sqlite, _) => ("substr(", -length),
                (_, Op::StartsWith) => ("left(", length),
                _ => ("right(", length),
            };
            out.push(&format!("{opening}{column}, "));
            if (dialect, op) == (Dialect::Sqlite, Op::StartsWith) {
                out.push("1, ");
            }
            out.bind(Param::Int(length));
            out.push(") = ");
            out.bind(param);
        }
        _ => {
            out.push(&column);
            out.push(operator(op));
            out.bind(param);
        }
    }
}

/// The operator of an ordinary comparison; patterns are written by [`write_text`] and never get here.
fn operator(op: Op) -> &'static str {
    match op {
        Op::Ne => " <> ",
        Op::Lt => " < ",
        Op::Lte => " <= ",
        Op::Gt => " > ",
        Op::Gte => " >= ",
        Op::Eq | Op::Contains | Op::StartsWith | Op::EndsWith => " = ",
    }
}
