//! Violated constraints in the words of the schema.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::Report;
use crate::{
    schema::Schema,
    store::{
        ConflictKind,
        sql::{reference_conflict, unique_conflict},
    },
};

/// Asks for the columns of the unique constraint in the schema `$1` that is called `$2`, in order, one a row.
pub const CONSTRAINT_COLUMNS: &str = "
    SELECT a.attname::text
    FROM pg_class ic JOIN pg_namespace n ON n.oid = ic.relnamespace JOIN pg_index i ON i.indexrelid = ic.oid,
         unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attnum = k.number
    WHERE n.nspname = $1 AND ic.relname = $2 AND a.attrelid = i.indrelid AND k.place <= i.indnkeyatts
    ORDER BY k.place";

/// The columns of unique constraints that were violated. The server says a constraint's name only, so they are looked up once.
#[derive(Debug, Default)]
pub struct Constraints {
    columns: Mutex<HashMap<(String, String), Vec<String>>>,
}

impl Constraints {
    /// The conflict that `report` is about; `None` when the columns are to be looked up first.
    #[must_use]
    pub fn conflict(&self, schema: &Schema, report: &Report<'_>) -> Option<ConflictKind> {
        let table = report.table.unwrap_or_default();
        if report.code != "23505" {
            return Some(reference_conflict(schema, table));
        }
        let (place, constraint) = key(report);
        let columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        let known = columns.get(&(place.to_owned(), constraint.to_owned()))?;
        Some(unique_conflict(schema, table, known, constraint))
    }

    /// The conflict that `report` is about, now that the [columns](CONSTRAINT_COLUMNS) of the constraint are known.
    pub fn learn(&self, schema: &Schema, report: &Report<'_>, columns: Vec<String>) -> ConflictKind {
        let (place, constraint) = key(report);
        let conflict = unique_conflict(schema, report.table.unwrap_or_default(), &columns, constraint);
        let mut known = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((place.to_owned(), constraint.to_owned()), columns);
        conflict
    }
}

/// The names by which a constraint is looked up.
fn key<'e>(report: &Report<'e>) -> (&'e str, &'e str) {
    (report.schema.unwrap_or_default(), report.constraint.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::core_tables;

    #[test]
    fn a_constraint_is_looked_up_once() {
        let (schema, known) = (Schema::new(core_tables(true)), Constraints::default());
        let mut report = Report { code: "23505", table: Some("user"), schema: Some("public"), ..Report::default() };
        report.constraint = Some("user_email_key");
        assert_eq!(known.conflict(&schema, &report), None);
        let taken = ConflictKind::Unique { table: "user".into(), field: "email".into() };
        assert_eq!(known.learn(&schema, &report, vec!["email".to_owned()]), taken);
        assert_eq!(known.conflict(&schema, &report), Some(taken));
        assert_eq!(known.conflict(&schema, &Report { schema: Some("other"), ..report }), None);
        let orphan = Report { code: "23503", table: Some("session"), ..Report::default() };
        assert_eq!(known.conflict(&schema, &orphan), Some(ConflictKind::Reference { table: "session".into() }));
    }
}
