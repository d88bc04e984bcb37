//! Creating what is missing, in the words of the reference's migrations.

use super::{
    Dialect,
    types::{column_type, id_column},
};
use crate::{
    schema::{DefaultValue, Field, FieldType, Index, OnDelete, Reference, Schema, Table},
    store::{Value, index_name::index_name},
};

/// `create table` with all columns and their constraints. Further indexes are statements of their own.
pub(super) fn create_table(dialect: Dialect, schema: &Schema, table: &Table) -> String {
    let mut parts = vec![format!("{} {}", dialect.quote("id"), id_column(dialect, table.ids))];
    let mut keys = Vec::new();
    for field in &table.fields {
        let mut part = format!("{} {}", dialect.quote(&field.column), column_type(dialect, table, field));
        if let Some(now) = current_time(dialect, field) {
            part.push_str(&format!(" default {now}"));
        }
        if field.required {
            part.push_str(" not null");
        }
        if field.unique {
            part.push_str(" unique");
        }
        if let Some(target) = references(dialect, schema, field) {
            // MySQL reads a reference inside a column and forgets it.
            if dialect == Dialect::MySql {
                keys.push(format!("foreign key ({}){target}", dialect.quote(&field.column)));
            } else {
                part.push_str(&target);
            }
        }
        parts.push(part);
    }
    parts.append(&mut keys);
    format!("create table {} ({})", dialect.quote(&table.physical), parts.join(", "))
}

/// `alter table … add column`, with a default for the rows that are there.
pub(super) fn add_column(dialect: Dialect, schema: &Schema, table: &Table, field: &Field) -> String {
    let column = dialect.quote(&field.column);
    let mut text = format!(
        "alter table {} add column {column} {}",
        dialect.quote(&table.physical),
        column_type(dialect, table, field)
    );
    if let Some(default) = backfill(dialect, field) {
        text.push_str(&format!(" default {default}"));
    }
    if field.required {
        text.push_str(" not null");
    }
    if let Some(target) = references(dialect, schema, field) {
        if dialect == Dialect::MySql {
            text.push_str(&format!(", add foreign key ({column})"));
        }
        text.push_str(&target);
    }
    // What is not one statement may be left half done there.
    if dialect == Dialect::MySql && (field.unique || field.index) {
        let kind = if field.unique { "unique index" } else { "index" };
        let name = dialect.quote(&index_name(&table.physical, &[field.column.as_str()], field.unique));
        text.push_str(&format!(", add {kind} {name} ({column})"));
    }
    text
}

/// What rows that are there get in a new column, as SQL; `None` when nothing is known.
pub(super) fn backfill(dialect: Dialect, field: &Field) -> Option<String> {
    if let Some(now) = current_time(dialect, field) {
        return Some(now.to_owned());
    }
    // Rows that are there would all get the same value.
    if field.unique && !field.required {
        return None;
    }
    match &field.default {
        Some(DefaultValue::Value(Value::Text(text))) => Some(format!("'{}'", text.replace('\'', "''"))),
        Some(DefaultValue::Value(Value::Int(number))) => Some(number.to_string()),
        Some(DefaultValue::Value(Value::Bool(flag))) if dialect == Dialect::Sqlite => Some(u8::from(*flag).to_string()),
        Some(DefaultValue::Value(Value::Bool(flag))) => Some(flag.to_string()),
        _ => None,
    }
}

/// The name and the statement of the index over one field.
pub(super) fn field_index(dialect: Dialect, table: &Table, field: &Field) -> String {
    create_index(dialect, table, &[field.column.as_str()], field.unique)
}

/// The name of an index over several fields, and its columns.
pub(super) fn index_columns(table: &Table, index: &Index) -> (String, Vec<String>) {
    let column = |name: &str| table.field(name).map_or_else(|| name.to_owned(), |field| field.column.to_string());
    let columns: Vec<_> = index.fields.iter().map(|name| column(name)).collect();
    let names: Vec<_> = columns.iter().map(String::as_str).collect();
    (index_name(&table.physical, &names, index.unique), columns)
}

/// `create index` over these columns.
pub(super) fn create_index(dialect: Dialect, table: &Table, columns: &[&str], unique: bool) -> String {
    let kind = if unique { "create unique index" } else { "create index" };
    let name = dialect.quote(&index_name(&table.physical, columns, unique));
    let quoted: Vec<_> = columns.iter().map(|column| dialect.quote(column)).collect();
    format!("{kind} {name} on {} ({})", dialect.quote(&table.physical), quoted.join(", "))
}

/// The moment of insertion, for databases whose migrations say so: as in the reference, wherever a moment is made.
fn current_time(dialect: Dialect, field: &Field) -> Option<&'static str> {
    let made = matches!(field.default, Some(DefaultValue::Now | DefaultValue::Made(_)));
    match dialect {
        Dialect::Postgres if made && field.kind == FieldType::Date => Some("CURRENT_TIMESTAMP"),
        Dialect::MySql if made && field.kind == FieldType::Date => Some("CURRENT_TIMESTAMP(3)"),
        _ => None,
    }
}

/// ` references … on delete …`; nothing where the other table is kept elsewhere.
fn references(dialect: Dialect, schema: &Schema, field: &Field) -> Option<String> {
    let Reference { table, field: target, on_delete } = field.references.as_ref()?;
    let table = schema.table(table)?;
    let column = table.field(target).map_or("id", |target| &target.column);
    let action = match on_delete {
        OnDelete::Cascade => "cascade",
        OnDelete::SetNull => "set null",
        OnDelete::Restrict => "restrict",
    };
    Some(format!(" references {} ({}) on delete {action}", dialect.quote(&table.physical), dialect.quote(column)))
}
