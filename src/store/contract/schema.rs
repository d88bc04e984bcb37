//! The tables of the contract: every kind of field, of constraint and of reference.

use std::collections::BTreeMap;

use crate::schema::{Field, FieldType, IdKind, Index, Names, Naming, OnDelete, Schema, Table, TableNames};

/// The contract's tables in every form: with ids of each kind, under their own names and under others.
#[must_use]
pub fn schemas() -> [Schema; 4] {
    let with = |mut schema: Schema, ids| {
        schema.set_ids(ids, &[]);
        schema
    };
    [schema(), renamed_schema(), with(schema(), IdKind::Uuid), with(renamed_schema(), IdKind::Serial)]
}

/// The contract's tables under their own names.
#[must_use]
pub fn schema() -> Schema {
    let mut badge = Table::new(
        "badge",
        [
            Field::required("series", FieldType::Text),
            Field::required("number", FieldType::Number),
            Field::required("ownerEmail", FieldType::Text).indexed().references_with(
                "person",
                "email",
                OnDelete::Restrict,
            ),
        ],
    );
    badge.indexes.push(Index { fields: vec!["series".into(), "number".into()], unique: true });
    Schema::new(vec![person(), ticket(), note(), badge])
}

/// The same tables under other names: snake case, plurals, and own names that a careless store would trip over (reserved words,
/// quotes).
///
/// # Panics
/// Never: the named tables and fields are there.
#[must_use]
pub fn renamed_schema() -> Schema {
    let columns = [("name", "na\"me"), ("nick", "select"), ("active", "we`ird col")];
    let person = TableNames {
        // With the `s` of all tables, a reserved word.
        table: Some("value".to_owned()),
        columns: BTreeMap::from(columns.map(|(field, column)| (field.to_owned(), column.to_owned()))),
    };
    let own = BTreeMap::from([("person".to_owned(), person)]);
    let mut schema = schema();
    schema.name(&Names { naming: Naming::Snake, plural: true, own }).expect("the names are free");
    schema
}

fn person() -> Table {
    Table::new(
        "person",
        [
            Field::required("name", FieldType::Text).sortable(),
            Field::required("email", FieldType::Text).unique().sortable(),
            Field::optional("nick", FieldType::Text).unique(),
            Field::optional("age", FieldType::Number),
            Field::optional("score", FieldType::BigNumber),
            Field::required("active", FieldType::Boolean).default_value(false),
            Field::optional("born", FieldType::Date),
            Field::optional("profile", FieldType::Json),
            Field::optional("tags", FieldType::TextList),
            Field::optional("marks", FieldType::NumberList),
            Field::required("createdAt", FieldType::Date).default_now(),
        ],
    )
}

fn ticket() -> Table {
    Table::new(
        "ticket",
        [
            Field::required("token", FieldType::Text).unique(),
            Field::required("expiresAt", FieldType::Date).indexed(),
            Field::optional("uses", FieldType::Number),
            Field::required("personId", FieldType::Text).references("person", "id").indexed(),
        ],
    )
}

fn note() -> Table {
    Table::new(
        "note",
        [
            Field::required("body", FieldType::Text),
            Field::optional("personId", FieldType::Text).references_with("person", "id", OnDelete::SetNull),
        ],
    )
}
