//! What a database lacks of a schema.

use super::{
    Dialect,
    migrate::{add_column, backfill, create_index, create_table, field_index, index_columns},
    types::{fits, id_fits, id_kind},
};
use crate::schema::{Field, FieldType, IdKind, Schema, Table};

/// What a database has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// Its tables.
    pub tables: Vec<LiveTable>,
}

/// A table that a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveTable {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<LiveColumn>,
    /// Its indexes, those of unique columns included.
    pub indexes: Vec<LiveIndex>,
    /// Whether it has rows.
    pub populated: bool,
}

/// A column that a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveColumn {
    /// Its name.
    pub name: String,
    /// Its type as declared.
    pub data_type: String,
    /// Whether it may be absent.
    pub nullable: bool,
    /// Whether an insert may leave it out.
    pub has_default: bool,
}

/// An index that a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveIndex {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// Whether no two rows may agree in them.
    pub unique: bool,
    /// Whether it covers every row.
    pub complete: bool,
}

/// How a database becomes what a schema says. Nothing is ever dropped or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What to run, in order.
    pub statements: Vec<String>,
    /// What differs but works.
    pub warnings: Vec<String>,
    /// What a person has to settle first; with any of these nothing may be run.
    pub obstacles: Vec<String>,
}

impl Plan {
    /// True when the database is as the schema says.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.obstacles.is_empty()
    }
}

/// What to run so that a database that has `live` gets what `schema` says. The same as the reference's `getMigrations`: new
/// columns first, then new tables, then indexes.
#[must_use]
pub fn plan(dialect: Dialect, schema: &Schema, live: &Live) -> Plan {
    let mut plan = Plan::default();
    let mut created = Vec::new();
    let mut indexes = Vec::new();
    for table in schema.tables() {
        match live.tables.iter().find(|known| known.name == *table.physical) {
            Some(known) => compare(dialect, schema, table, known, &mut plan, &mut indexes),
            None => {
                created.push(create_table(dialect, schema, table));
                let indexed = table.fields.iter().filter(|field| field.index && !field.unique);
                indexes.extend(indexed.map(|field| field_index(dialect, table, field)));
            }
        }
    }
    plan.statements.append(&mut created);
    for table in schema.tables() {
        let known = live.tables.iter().find(|known| known.name == *table.physical);
        table_indexes(dialect, table, known, &mut plan, &mut indexes);
    }
    plan.statements.append(&mut indexes);
    plan
}

fn compare(
    dialect: Dialect,
    schema: &Schema,
    table: &Table,
    known: &LiveTable,
    plan: &mut Plan,
    indexes: &mut Vec<String>,
) {
    if let Some(column) = known.columns.iter().find(|column| column.name == "id") {
        plan.obstacles.extend(id_obstacle(dialect, table.ids, known, column));
        if table.ids == IdKind::Serial && !column.has_default && id_kind(&column.data_type) == Some(IdKind::Serial) {
            plan.obstacles
                .push(format!("column {}.id is not numbered by the database: make it an identity", known.name));
        }
    }
    for field in &table.fields {
        match known.columns.iter().find(|column| column.name == *field.column) {
            Some(column) => {
                warn(dialect, field, known, column, plan);
                // A migration that stopped between a table and its indexes is taken up there.
                let leads = |index: &LiveIndex| index.columns.first() == Some(&column.name);
                let wanted = dialect == Dialect::MySql && field.index && !field.unique;
                if wanted && !known.indexes.iter().any(leads) {
                    indexes.push(field_index(dialect, table, field));
                }
            }
            None => {
                if field.required && known.populated && backfill(dialect, field).is_none() {
                    plan.obstacles.push(format!(
                        "column {}.{} is required and has no default, but the table has rows: add it as nullable, fill it, \
                         then make it NOT NULL",
                        table.physical, field.column
                    ));
                }
                plan.statements.push(add_column(dialect, schema, table, field));
                if (field.index || field.unique) && dialect != Dialect::MySql {
                    indexes.push(field_index(dialect, table, field));
                }
            }
        }
    }
    for column in &known.columns {
        let ours = column.name == "id" || table.fields.iter().any(|field| *field.column == *column.name);
        if !ours && !column.nullable && !column.has_default {
            plan.obstacles.push(format!(
                "column {}.{} is required but never written, so every insert fails: drop it, make it nullable, or give it \
                 a default",
                table.physical, column.name
            ));
        }
    }
}

/// That the column holds other ids than those that the options ask for, so that nothing would be found or stored.
fn id_obstacle(dialect: Dialect, wanted: IdKind, table: &LiveTable, column: &LiveColumn) -> Option<String> {
    let found = id_kind(&column.data_type).filter(|found| !id_fits(dialect, wanted, *found))?;
    let (what, option) = match found {
        IdKind::Serial => ("numbers", "serial"),
        IdKind::Uuid => ("UUIDs", "uuid"),
        IdKind::Text => ("texts", "random"),
    };
    Some(format!(
        "column {}.{} has the type {}, so ids are {what} there: set advanced.database.generate_id to \"{option}\"",
        table.name, column.name, column.data_type
    ))
}

fn warn(dialect: Dialect, field: &Field, table: &LiveTable, column: &LiveColumn, plan: &mut Plan) {
    let place = format!("column {}.{}", table.name, column.name);
    let points = field.references.as_ref().is_some_and(|reference| reference.field == *"id");
    let ids = match field.kind {
        FieldType::Id(ids) => Some(ids),
        FieldType::Text if points => Some(IdKind::Text),
        _ => None,
    };
    if let Some(obstacle) = ids.and_then(|ids| id_obstacle(dialect, ids, table, column)) {
        plan.obstacles.push(obstacle);
    } else if !fits(dialect, field.kind, &column.data_type) {
        plan.warnings.push(format!("{place} has the type {}, which is not one for {:?}", column.data_type, field.kind));
    }
    if field.required && column.nullable {
        plan.warnings.push(format!("{place} is required but may be absent in the database"));
    }
    let alone = |index: &&LiveIndex| index.columns == [column.name.clone()];
    if field.unique && !table.indexes.iter().filter(alone).any(|index| index.unique && index.complete) {
        plan.warnings
            .push(format!("{place} is not unique in the database, so two requests at once can store the same value"));
    }
}

fn table_indexes(
    dialect: Dialect,
    table: &Table,
    known: Option<&LiveTable>,
    plan: &mut Plan,
    indexes: &mut Vec<String>,
) {
    for index in &table.indexes {
        let (name, columns) = index_columns(table, index);
        let same_name = |live: &&LiveIndex| live.name.eq_ignore_ascii_case(&name);
        match known.and_then(|known| known.indexes.iter().find(same_name)) {
            Some(live) if live.columns == columns && live.unique == index.unique && live.complete => {}
            Some(_) => plan
                .obstacles
                .push(format!("index {name} of {} is there, but over other columns or rows", table.physical)),
            None => {
                let columns: Vec<_> = columns.iter().map(String::as_str).collect();
                indexes.push(create_index(dialect, table, &columns, index.unique));
            }
        }
    }
}
