//! What `info` tells, in the form in which programs read it. Keys are only ever added; were one to change its meaning, `format`
//! would count up.

use kernia::{
    domain::{Installation, Plugin, options::Options},
    schema::{Field, FieldType, Table},
    store::sql::Plan,
};
use serde::Serialize;
use serde_json::Value;

use super::contributors::contributor;
use crate::schema::statements::{Made, made};

/// The version of this form.
pub(super) const FORMAT: u32 = 1;

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Report<'r> {
    pub(super) format: u32,
    /// Of Kernia.
    pub(super) version: &'static str,
    /// The path under which all routes live.
    pub(super) base_path: &'r str,
    pub(super) plugins: Vec<PluginReport>,
    pub(super) database: DatabaseReport,
    /// The kind; null when there is none.
    pub(super) secondary_storage: Option<&'r str>,
    /// The kind; null when there is none.
    pub(super) delivery: Option<&'r str>,
    pub(super) schema: SchemaReport,
    /// As resolved, in the words of the configuration file.
    pub(super) options: &'r Options,
}

#[derive(Debug, Serialize)]
pub(super) struct PluginReport {
    pub(super) id: &'static str,
    /// As resolved; null when it has none.
    pub(super) options: Value,
}

#[derive(Debug, Serialize)]
pub(super) struct DatabaseReport {
    /// Without a password.
    pub(super) url: String,
    /// `sqlite`, `postgresql`, `mysql` or `memory`.
    pub(super) adapter: String,
    /// Of the database; null when it was not asked.
    pub(super) version: Option<String>,
    /// Why it cannot be asked; null when it can.
    pub(super) error: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct SchemaReport {
    /// Whether the database has all that it needs; null when it was not asked.
    pub(super) matches: Option<bool>,
    /// What it lacks.
    pub(super) missing: Vec<Missing>,
    /// The statements that `migrate` would run.
    pub(super) statements: Vec<String>,
    /// What differs but works.
    pub(super) warnings: Vec<String>,
    /// What a person has to settle before anything can be made.
    pub(super) obstacles: Vec<String>,
    /// What the server needs.
    pub(super) tables: Vec<TableReport>,
}

/// What a database lacks, in the database's names.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Missing {
    Table { table: String },
    Column { table: String, column: String },
    Index { table: String, index: String, columns: Vec<String> },
}

#[derive(Debug, Serialize)]
pub(super) struct TableReport {
    /// In code.
    pub(super) name: String,
    /// In the database.
    pub(super) table: String,
    /// `core`, `application` or a plugin's id.
    pub(super) contributor: &'static str,
    /// Besides `id`.
    pub(super) fields: Vec<FieldReport>,
}

#[derive(Debug, Serialize)]
pub(super) struct FieldReport {
    /// In code.
    pub(super) name: String,
    /// In the database.
    pub(super) column: String,
    /// In the words of additional fields, and `bigint`.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) required: bool,
    pub(super) unique: bool,
    /// `core`, `application` or a plugin's id.
    pub(super) contributor: &'static str,
}

pub(super) fn plugin(plugin: &dyn Plugin) -> PluginReport {
    PluginReport { id: plugin.id(), options: plugin.options() }
}

/// What the server needs, and what a database that was asked lacks.
pub(super) fn schema(installation: &Installation, plan: Option<Plan>) -> SchemaReport {
    let tables = installation.schema.tables().iter().map(|known| table(installation, known)).collect();
    let matches = plan.as_ref().map(Plan::is_empty);
    let Plan { statements, warnings, obstacles } = plan.unwrap_or_default();
    let missing = statements.iter().flat_map(|statement| made(statement)).map(missing).collect();
    SchemaReport { matches, missing, statements, warnings, obstacles, tables }
}

fn missing(made: Made) -> Missing {
    match made {
        Made::Table(table) => Missing::Table { table: table.name },
        Made::Column(table, column) => Missing::Column { table, column: column.name },
        Made::Index(table, index) => Missing::Index { table, index: index.name, columns: index.columns },
    }
}

fn table(installation: &Installation, table: &Table) -> TableReport {
    let report = |field: &Field| FieldReport {
        name: field.name.to_string(),
        column: field.column.to_string(),
        kind: kind(field.kind),
        required: field.required,
        unique: field.unique,
        contributor: contributor(installation, &table.name, Some(&field.name)),
    };
    TableReport {
        name: table.name.to_string(),
        table: table.physical.to_string(),
        contributor: contributor(installation, &table.name, None),
        fields: table.fields.iter().map(report).collect(),
    }
}

fn kind(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Number => "number",
        FieldType::BigNumber => "bigint",
        FieldType::Boolean => "boolean",
        FieldType::Date => "date",
        FieldType::Json => "json",
        FieldType::TextList => "string[]",
        FieldType::NumberList => "number[]",
        _ => "string",
    }
}
