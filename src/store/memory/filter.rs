//! Filters over records: which rows a filter accepts, and where to look for them.

use std::{borrow::Cow, cmp::Ordering};

use super::{
    index::{Record, Sequence},
    table::TableRows,
};
use crate::{
    schema::Table,
    store::{CaseMode, Filter, Op, Row, StorageError, Value, shape::Shape},
};

/// A filter checked against a shape, with positions for names.
#[derive(Debug)]
pub(super) enum Test<'q> {
    Everything,
    Nothing,
    Absent(usize),
    Present(usize),
    Compare { at: usize, op: Op, value: Cow<'q, Value> },
    Folded { at: usize, op: Op, text: String },
    In { at: usize, values: Vec<Cow<'q, Value>>, negated: bool },
    And(Vec<Self>),
    Or(Vec<Self>),
}

impl<'q> Test<'q> {
    pub(super) fn new(shape: &Shape, filter: &'q Filter) -> Result<Self, StorageError> {
        let all = |parts: &'q [Filter]| parts.iter().map(|part| Self::new(shape, part)).collect::<Result<Vec<_>, _>>();
        Ok(match filter {
            Filter::All => Self::Everything,
            Filter::And(parts) => Self::And(all(parts)?),
            Filter::Or(parts) => Self::Or(all(parts)?),
            Filter::In { field, values, negated } => {
                let at = shape.position(field)?;
                let mut comparands = Vec::with_capacity(values.len());
                for value in values.iter().filter(|value| !value.is_null()) {
                    comparands.extend(shape.comparand(at, Op::Eq, value)?);
                }
                Self::In { at, values: comparands, negated: *negated }
            }
            Filter::Compare { field, op, value, case } => {
                let at = shape.position(field)?;
                match (shape.comparand(at, *op, value)?, op) {
                    (None, _) => Self::Nothing,
                    (Some(value), Op::Ne) if value.is_null() => Self::Present(at),
                    (Some(value), _) if value.is_null() => Self::Absent(at),
                    (Some(value), _) => match (value.as_text(), case) {
                        (Some(text), CaseMode::Insensitive) => {
                            Self::Folded { at, op: *op, text: text.to_ascii_lowercase() }
                        }
                        _ => Self::Compare { at, op: *op, value },
                    },
                }
            }
        })
    }

    pub(super) fn accepts(&self, record: &Record) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Absent(at) => record[*at].is_null(),
            Self::Present(at) => !record[*at].is_null(),
            Self::Compare { at, op, value } => holds(&record[*at], *op, value),
            Self::Folded { at, op, text } => {
                record[*at].as_text().is_some_and(|found| text_holds(&found.to_ascii_lowercase(), *op, text))
            }
            Self::In { at, values, negated } => {
                let found = &record[*at];
                !found.is_null() && *negated != values.iter().any(|value| holds(found, Op::Eq, value))
            }
            Self::And(parts) => parts.iter().all(|part| part.accepts(record)),
            Self::Or(parts) => parts.iter().any(|part| part.accepts(record)),
        }
    }

    /// The rows among which all accepted ones are, in order of insertion, if indexes can tell.
    pub(super) fn candidates<'t>(&self, rows: &'t TableRows) -> Option<Cow<'t, [Sequence]>> {
        match self {
            Self::Nothing => Some(Cow::Borrowed(&[])),
            Self::Compare { at, op: Op::Eq, value } => rows.index(*at).map(|index| Cow::Borrowed(index.find(value))),
            Self::In { at, values, negated: false } => {
                let index = rows.index(*at)?;
                Some(Cow::Owned(union(values.iter().map(|value| Cow::Borrowed(index.find(value))))))
            }
            Self::And(parts) => parts.iter().filter_map(|part| part.candidates(rows)).min_by_key(|found| found.len()),
            Self::Or(parts) => {
                let found = parts.iter().map(|part| part.candidates(rows)).collect::<Option<Vec<_>>>()?;
                Some(Cow::Owned(union(found)))
            }
            _ => None,
        }
    }
}

/// Whether `filter` accepts `row` of `table`, as every store would say.
///
/// # Errors
/// [`StorageError::Failed`] when the table has no field that the filter names, or one of another kind.
pub fn accepts(table: &Table, filter: &Filter, row: &Row) -> Result<bool, StorageError> {
    let shape = Shape::of(table);
    let record: Record = shape.kept(row);
    Ok(Test::new(&shape, filter)?.accepts(&record))
}

/// The order of two values of one field; nulls come first.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.as_millis().cmp(&right.as_millis()),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Float(left), Value::Float(right)) => left.total_cmp(right),
        (Value::Int(left), Value::Float(right)) => int_to_float(*left, *right),
        (Value::Float(left), Value::Int(right)) => int_to_float(*right, *left).reverse(),
        _ => right.is_null().cmp(&left.is_null()),
    }
}

/// Compares exactly: a 64 bit number may not have a float of its own.
fn int_to_float(int: i64, float: f64) -> Ordering {
    const INT_END: f64 = 9_223_372_036_854_775_808.0;
    if float >= INT_END {
        return Ordering::Less;
    }
    if float < -INT_END {
        return Ordering::Greater;
    }
    int.cmp(&(float.trunc() as i64)).then_with(|| 0.0_f64.total_cmp(&(float.fract() + 0.0)))
}

fn holds(found: &Value, op: Op, value: &Value) -> bool {
    match (found, value) {
        (Value::Null, _) => false,
        (Value::Text(found), Value::Text(text)) => text_holds(found, op, text),
        (Value::Bool(_), Value::Bool(_))
        | (Value::Date(_), Value::Date(_))
        | (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => ordered(op, order(found, value)),
        // What cannot be compared is not the same.
        _ => op == Op::Ne,
    }
}

fn text_holds(found: &str, op: Op, text: &str) -> bool {
    match op {
        Op::Eq => found == text,
        Op::Contains => found.contains(text),
        Op::StartsWith => found.starts_with(text),
        Op::EndsWith => found.ends_with(text),
        _ => ordered(op, found.cmp(text)),
    }
}

fn ordered(op: Op, order: Ordering) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Lte => order.is_le(),
        Op::Gt => order.is_gt(),
        Op::Gte => order.is_ge(),
        Op::Contains | Op::StartsWith | Op::EndsWith => false,
    }
}

fn union<'t>(lists: impl IntoIterator<Item = Cow<'t, [Sequence]>>) -> Vec<Sequence> {
    let mut all: Vec<_> = lists.into_iter().flat_map(Cow::into_owned).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        let large = 9_007_199_254_740_993;
        assert_eq!(order(&Value::Int(large), &Value::Float(9_007_199_254_740_992.0)), Ordering::Greater);
        assert_eq!(order(&Value::Int(1), &Value::Float(1.5)), Ordering::Less);
        assert_eq!(order(&Value::Int(-1), &Value::Float(-1.5)), Ordering::Greater);
        assert_eq!(order(&Value::Float(1e300), &Value::Int(i64::MAX)), Ordering::Greater);
        assert_eq!(order(&Value::Float(-1e300), &Value::Int(i64::MIN)), Ordering::Less);
        assert_eq!(order(&Value::Int(0), &Value::Float(-0.5)), Ordering::Greater);
    }

    #[test]
    fn a_row_from_elsewhere_is_looked_at_as_it_would_be_kept() {
        use crate::schema::{Field, FieldType, IdKind};
        let mut table = Table::new("t", [Field::optional("of", FieldType::Id(IdKind::Serial))]);
        table.ids = IdKind::Serial;
        let row = |of: &str| Row::new().with("id", "3").with("of", of);
        let accepted = |filter, of| accepts(&table, &filter, &row(of)).unwrap();
        assert!(accepted(Filter::eq("of", "7"), "7") && accepted(Filter::eq("id", "3"), "7"));
        for other in ["8", "07", "x", ""] {
            assert!(!accepted(Filter::eq("of", "7"), other), "{other}");
            assert!(!accepted(Filter::eq("of", other), "7"), "{other}");
        }
        assert!(!holds(&"7".into(), Op::Eq, &7.into()) && holds(&"7".into(), Op::Ne, &7.into()));
    }

    #[test]
    fn absent_values_come_first() {
        assert_eq!(order(&Value::Null, &Value::Int(i64::MIN)), Ordering::Less);
        assert_eq!(order(&"".into(), &Value::Null), Ordering::Greater);
        assert_eq!(order(&Value::Null, &Value::Null), Ordering::Equal);
    }
}
