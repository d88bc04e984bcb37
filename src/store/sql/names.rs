//! From the names in a database to those in code.

use crate::{schema::Schema, store::ConflictKind};

/// The conflict of the unique constraint over `columns` of `table`, both as the database names them. The first column names
/// the field, the constraint where it has none.
#[must_use]
pub fn unique_conflict(schema: &Schema, table: &str, columns: &[String], constraint: &str) -> ConflictKind {
    let known = schema.tables().iter().find(|known| *known.physical == *table);
    let column = columns.first().map_or(constraint, String::as_str);
    let field = known.and_then(|known| known.fields.iter().find(|field| *field.column == *column));
    ConflictKind::Unique {
        table: known.map_or_else(|| table.to_owned().into(), |known| known.name.clone()),
        field: field.map_or_else(|| column.to_owned().into(), |field| field.name.clone()),
    }
}

/// The conflict of a reference that `table` makes, as the database names it.
#[must_use]
pub fn reference_conflict(schema: &Schema, table: &str) -> ConflictKind {
    let known = schema.tables().iter().find(|known| *known.physical == *table);
    ConflictKind::Reference { table: known.map_or_else(|| table.to_owned().into(), |known| known.name.clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Names, Naming, core_tables};

    #[test]
    fn names_are_those_in_code() {
        let mut schema = Schema::new(core_tables(true));
        schema.name(&Names { naming: Naming::Snake, plural: true, ..Names::default() }).unwrap();
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let found = unique_conflict(&schema, "rate_limits", &columns(&["last_request", "key"]), "some_index");
        assert_eq!(found, ConflictKind::Unique { table: "rateLimit".into(), field: "lastRequest".into() });
        let found = unique_conflict(&schema, "users", &columns(&["id"]), "users_pkey");
        assert_eq!(found, ConflictKind::Unique { table: "user".into(), field: "id".into() });
        let found = unique_conflict(&schema, "others", &[], "lower_idx");
        assert_eq!(found, ConflictKind::Unique { table: "others".into(), field: "lower_idx".into() });
        assert_eq!(reference_conflict(&schema, "sessions"), ConflictKind::Reference { table: "session".into() });
    }
}
