//! Column types, as the reference's migrations choose them (`db/get-migration`, `getType`).

use super::Dialect;
use crate::schema::{Field, FieldType, Index, Table};

/// The type of `id`.
pub(super) fn id_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite | Dialect::Postgres => "text",
        Dialect::MySql => "varchar(36)",
    }
}

/// The type of the column of `field`.
pub(super) fn column_type(dialect: Dialect, table: &Table, field: &Field) -> String {
    if field.references.as_ref().is_some_and(|reference| reference.field == "id") {
        return id_type(dialect).to_owned();
    }
    let (sqlite, postgres, mysql) = match field.kind {
        FieldType::Text => {
            if dialect == Dialect::MySql {
                return mysql_text(table, field);
            }
            ("text", "text", "text")
        }
        FieldType::Number => ("integer", "integer", "integer"),
        FieldType::BigNumber => ("bigint", "bigint", "bigint"),
        FieldType::Boolean => ("integer", "boolean", "boolean"),
        FieldType::Date => ("date", "timestamptz", "timestamp(3)"),
        FieldType::Json | FieldType::TextList | FieldType::NumberList => ("text", "jsonb", "json"),
    };
    match dialect {
        Dialect::Sqlite => sqlite,
        Dialect::Postgres => postgres,
        Dialect::MySql => mysql,
    }
    .to_owned()
}

/// Whether a column of the live type `found` can hold what `kind` does: by the reference's table (`matchType`), and by other
/// names and sizes of the same types. Lists are taken as text in SQLite, which is how the reference creates them.
pub(super) fn fits(dialect: Dialect, kind: FieldType, found: &str) -> bool {
    let found = found.to_ascii_lowercase();
    let found = found.split('(').next().unwrap_or_default().trim();
    let known: &[&str] = match (dialect, kind) {
        (Dialect::Sqlite, FieldType::Text | FieldType::Json | FieldType::TextList | FieldType::NumberList) => &["text"],
        (Dialect::Sqlite, FieldType::Number | FieldType::BigNumber) => &["integer", "real", "bigint"],
        (Dialect::Sqlite, FieldType::Boolean) => &["integer", "boolean"],
        (Dialect::Sqlite, FieldType::Date) => &["date", "integer"],
        (Dialect::Postgres, FieldType::Text) => &["character varying", "varchar", "bpchar", "text", "citext", "uuid"],
        (Dialect::Postgres, FieldType::Number | FieldType::BigNumber) => &[
            "int2",
            "int4",
            "int8",
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "float4",
            "float8",
            "real",
            "double precision",
        ],
        (Dialect::Postgres, FieldType::Boolean) => &["bool", "boolean"],
        (Dialect::Postgres, FieldType::Date) => &["timestamptz", "timestamp", "date"],
        (Dialect::Postgres, FieldType::Json | FieldType::TextList | FieldType::NumberList) => &["json", "jsonb"],
        (Dialect::MySql, FieldType::Text) => &["char", "varchar", "text", "mediumtext", "longtext", "uuid"],
        (Dialect::MySql, FieldType::Number | FieldType::BigNumber) => {
            &["integer", "int", "bigint", "smallint", "decimal", "float", "double"]
        }
        (Dialect::MySql, FieldType::Boolean) => &["boolean", "tinyint"],
        (Dialect::MySql, FieldType::Date) => &["timestamp", "datetime", "date"],
        // MariaDB keeps JSON as text.
        (Dialect::MySql, FieldType::Json | FieldType::TextList | FieldType::NumberList) => &["json", "longtext"],
    };
    known.contains(&found)
}

/// MySQL cannot index text without a bound.
fn mysql_text(table: &Table, field: &Field) -> String {
    if let Some(length) = indexed_length(table, field) {
        return format!("varchar({length})");
    }
    let bound = if field.unique {
        "varchar(255)"
    } else if field.references.is_some() {
        "varchar(36)"
    } else if field.sortable || field.index {
        "varchar(255)"
    } else {
        "text"
    };
    bound.to_owned()
}

/// The length that lets every index over several fields stay within 3072 bytes, at four bytes a character.
fn indexed_length(table: &Table, field: &Field) -> Option<usize> {
    let containing = table.indexes.iter().filter(|index| index.fields.contains(&field.name));
    containing.map(|index| text_length(table, index)).min()
}

fn text_length(table: &Table, index: &Index) -> usize {
    let texts = index.fields.iter().filter(|name| table.kind(name) == Some(FieldType::Text)).count();
    let others = (index.fields.len() - texts) * 16;
    (3072_usize.saturating_sub(others).max(1) / 4 / texts.max(1)).min(191)
}
