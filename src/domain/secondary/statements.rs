//! What of a batch concerns secondary storage, and what a filter names.

use crate::{
    domain::Places,
    schema::{SESSION, USER, VERIFICATION},
    store::{Batch, Filter, Op, Statement, Value},
};

/// Whether `batch` touches anything of which secondary storage has the rows or copies.
pub(super) fn concerns(places: Places, batch: &Batch) -> bool {
    batch.statements.iter().any(|statement| {
        let table = statement.table();
        (*table == VERIFICATION && places.verifications.in_secondary())
            || (places.sessions.in_secondary() && (*table == SESSION || (*table == USER && changes(statement))))
    })
}

/// Whether `statement` changes rows that are there.
pub(super) fn changes(statement: &Statement) -> bool {
    !matches!(statement, Statement::Insert { .. } | Statement::Check { .. })
}

/// Whether `statement` removes rows.
pub(super) fn removes(statement: &Statement) -> bool {
    matches!(statement, Statement::Delete { .. } | Statement::Consume { .. } | Statement::Sweep { .. })
}

/// The filter of a statement that has one.
pub(super) fn filter(statement: &Statement) -> Option<&Filter> {
    match statement {
        Statement::Update { filter, .. }
        | Statement::Increment { filter, .. }
        | Statement::Delete { filter, .. }
        | Statement::Consume { filter, .. }
        | Statement::Check { filter, .. }
        | Statement::Sweep { filter, .. } => Some(filter),
        _ => None,
    }
}

/// The texts to one of which `filter` holds `field`: it accepts no row that has another.
pub(super) fn named(filter: &Filter, field: &str) -> Option<Vec<String>> {
    match filter {
        Filter::Compare { field: by, op: Op::Eq, value: Value::Text(text), .. } if *by == *field => {
            Some(vec![text.clone()])
        }
        Filter::In { field: by, values, negated: false } if *by == *field => {
            Some(values.iter().filter_map(Value::as_text).map(str::to_owned).collect())
        }
        Filter::And(parts) => parts.iter().find_map(|part| named(part, field)),
        _ => None,
    }
}

/// The text of `field`, if `filter` asks for that and for nothing else.
pub(super) fn only(filter: &Filter, field: &str) -> Option<String> {
    match filter {
        Filter::Compare { field: by, op: Op::Eq, value: Value::Text(text), .. } if *by == *field => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_what_it_holds_a_field_to() {
        let token = Filter::eq("token", "t");
        let both = token.clone().and(Filter::eq("userId", "u"));
        assert_eq!(named(&both, "token"), Some(vec!["t".to_owned()]));
        assert_eq!(named(&both, "userId"), Some(vec!["u".to_owned()]));
        assert_eq!(named(&Filter::any_of("token", ["a", "b"]), "token"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(only(&token, "token").as_deref(), Some("t"));
        assert_eq!(only(&both, "token"), None);
    }

    #[test]
    fn an_alternative_names_nothing() {
        let either = Filter::Or(vec![Filter::eq("token", "t"), Filter::eq("userId", "u")]);
        let other = Filter::compare("token", Op::Ne, "t");
        let none_of = Filter::In { field: "token".into(), values: vec!["t".into()], negated: true };
        for filter in [either, other, none_of, Filter::All] {
            assert_eq!(named(&filter, "token"), None, "{filter:?}");
        }
    }
}
