//! What `info` tells a person.

use kernia::domain::options::Options;
use serde_json::Value;

use super::{
    contributors::{APPLICATION, CORE},
    report::{Missing, Report, SchemaReport},
};
use crate::terminal::{Paint, count};

/// The report for a person to read.
pub(super) fn text(report: &Report<'_>, paint: Paint) -> String {
    let mut text = format!("{}\n\n", paint.bold(format!("Kernia {}", report.version)));
    let mut line = |name: &str, value: &str| text.push_str(&format!("{name:<18}{value}\n"));
    let ids: Vec<_> = report.plugins.iter().map(|plugin| plugin.id).collect();
    let database = &report.database;
    let version = database.version.as_ref().map(|version| format!(" ({} {version})", database.adapter));
    line("base path", report.base_path);
    line("database", &format!("{}{}", database.url, version.unwrap_or_default()));
    line("secondary storage", report.secondary_storage.unwrap_or("none"));
    line("delivery", report.delivery.unwrap_or("none"));
    line("plugins", &if ids.is_empty() { "none".to_owned() } else { ids.join(", ") });
    text.push_str(&format!("{:<18}{}\n", "schema", verdict(&report.schema, paint)));
    details(&mut text, &report.schema, paint);
    tables(&mut text, &report.schema, paint);
    options(&mut text, report, paint);
    text
}

fn verdict(schema: &SchemaReport, paint: Paint) -> String {
    match schema.matches {
        Some(true) => paint.good("the database has all that it needs"),
        Some(false) if !schema.obstacles.is_empty() => paint.warning("a person has to settle something first"),
        Some(false) => {
            let changes = count(schema.statements.len(), "change");
            paint.warning(format!("the database needs {changes}, which `migrate` makes"))
        }
        None => "not looked at".to_owned(),
    }
}

fn details(text: &mut String, schema: &SchemaReport, paint: Paint) {
    for missing in &schema.missing {
        let what = match missing {
            Missing::Table { table } => format!("table {table}"),
            Missing::Column { table, column } => format!("column {table}.{column}"),
            Missing::Index { table, columns, .. } => format!("index of {table} over {}", columns.join(", ")),
        };
        text.push_str(&format!("  missing: {what}\n"));
    }
    for warning in &schema.warnings {
        text.push_str(&format!("  {} {warning}\n", paint.warning("warning:")));
    }
    for obstacle in &schema.obstacles {
        text.push_str(&format!("  {} {obstacle}\n", paint.warning("to settle:")));
    }
}

/// The tables, and the fields that the core does not bring.
fn tables(text: &mut String, schema: &SchemaReport, paint: Paint) {
    text.push_str(&format!("\n{}\n", paint.bold("Tables")));
    for table in &schema.tables {
        let stored = if table.name == table.table { String::new() } else { format!(" as {}", table.table) };
        let name = format!("{}{stored}", table.name);
        text.push_str(&format!("  {name:<32}{}\n", paint.dim(by(table.contributor))));
        for field in table.fields.iter().filter(|field| field.contributor != CORE || field.name != field.column) {
            let stored = if field.name == field.column { String::new() } else { format!(" as {}", field.column) };
            let name = format!("{}{stored}", field.name);
            text.push_str(&format!("    {name:<30}{}\n", paint.dim(by(field.contributor))));
        }
    }
}

fn by(contributor: &str) -> String {
    match contributor {
        CORE => "core".to_owned(),
        APPLICATION => "additional field".to_owned(),
        plugin => format!("plugin {plugin}"),
    }
}

/// The options that are not as they come.
fn options(text: &mut String, report: &Report<'_>, paint: Paint) {
    let value = |options: &Options| serde_json::to_value(options).unwrap_or_default();
    let mut lines = Vec::new();
    changed("", &value(report.options), &value(&Options::default()), &mut lines);
    for plugin in &report.plugins {
        changed(&format!("plugins.{}", plugin.id), &plugin.options, &Value::Null, &mut lines);
    }
    text.push_str(&format!("\n{}\n", paint.bold("Options, where they differ from what they are by themselves")));
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
}

fn changed(path: &str, value: &Value, usual: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                changed(&path, value, usual.get(key).unwrap_or(&Value::Null), lines);
            }
        }
        value if value != usual => lines.push(format!("{path} = {value}")),
        _ => {}
    }
}
