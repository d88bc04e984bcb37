//! Columns that the application added, as options.

use kernia::{
    schema::{ACCOUNT, Field, FieldType, Name, Table},
    store::sql::{Dialect, LiveColumn},
};

use super::{names, recognize::Recognized};

/// An additional field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addition {
    pub(super) table: Name,
    /// The name in code.
    pub(super) name: String,
    pub(super) column: String,
    /// Whether the name in the database does not follow from that in code.
    pub(super) own_name: bool,
    /// In the options' words.
    pub(super) kind: &'static str,
    /// Whether the same column may hold booleans.
    pub(super) perhaps_boolean: bool,
    pub(super) required: bool,
    pub(super) returned: bool,
    pub(super) default: Option<&'static str>,
}

/// What 1.7.0 and 1.7.1 wanted to know of every account, and what they wrote for those with a password.
const ISSUER: &str = "issuer";
const OWN_ISSUER: &str = "local:credential";

/// The additional fields, and the columns whose types have no field.
pub(super) fn additions(dialect: Dialect, found: &Recognized) -> (Vec<Addition>, Vec<String>) {
    let (mut additions, mut unknown) = (Vec::new(), Vec::new());
    for (table, column) in &found.additional {
        match addition(dialect, found, table, column) {
            Some(addition) => additions.push(addition),
            None => unknown.push(format!("{table}.{} ({})", column.name, column.data_type)),
        }
    }
    (additions, unknown)
}

fn addition(dialect: Dialect, found: &Recognized, table: &Name, column: &LiveColumn) -> Option<Addition> {
    let kind = kind(dialect, &column.data_type)?;
    let name = camel(&column.name);
    let field = Field::required(name.clone(), FieldType::Text);
    let follows = names::named(&[Table::new(table.clone(), [field])], found.naming, false);
    let is_issuer = *table == ACCOUNT && names::folded(&column.name) == ISSUER;
    Some(Addition {
        own_name: follows[0].fields[0].column != *column.name,
        perhaps_boolean: dialect == Dialect::Sqlite && kind == "number",
        required: !column.nullable && !column.has_default,
        returned: !is_issuer && !sounds_secret(&column.name),
        default: (is_issuer && !column.nullable).then_some(OWN_ISSUER),
        table: table.clone(),
        column: column.name.clone(),
        name,
        kind,
    })
}

fn kind(dialect: Dialect, data_type: &str) -> Option<&'static str> {
    let full = data_type.to_ascii_lowercase();
    let word = full.split(['(', ' ']).next().unwrap_or_default();
    Some(match word {
        _ if full.ends_with("[]") => return None,
        "tinyint" if dialect == Dialect::MySql => "boolean",
        "boolean" | "bool" => "boolean",
        "json" | "jsonb" => "json",
        "date" | "datetime" | "timestamp" | "timestamptz" => "date",
        "int" | "integer" | "int2" | "int4" | "int8" | "bigint" | "smallint" | "mediumint" | "real" | "double"
        | "float" | "float4" | "float8" | "numeric" | "decimal" => "number",
        "text" | "varchar" | "character" | "char" | "uuid" | "citext" | "enum" | "longtext" | "mediumtext"
        | "tinytext" => "string",
        _ => return None,
    })
}

/// `last_seen` as `lastSeen`; other names stay.
fn camel(column: &str) -> String {
    let mut name = String::with_capacity(column.len());
    let mut parts = column.split('_').filter(|part| !part.is_empty());
    name.push_str(parts.next().unwrap_or(column));
    for part in parts {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// Whether clients had better not be told what is in a column until somebody has looked.
fn sounds_secret(column: &str) -> bool {
    let column = names::folded(column);
    ["secret", "token", "password", "hash", "key", "salt", "pin", "otp"].iter().any(|word| column.contains(word))
}
