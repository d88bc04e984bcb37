//! What `kernia adopt` found, for a person to read.

use crate::terminal::Paint;
use kernia::{
    schema::{ACCOUNT, Naming, RATE_LIMIT, SESSION, USER},
    store::sql::Plan,
};

use super::{
    additional::Addition,
    recognize::{FoundPlugin, Ids, Recognized},
    rows::Rows,
};

/// What was found.
pub(super) struct Report<'r> {
    pub(super) url: &'r str,
    pub(super) found: &'r Recognized,
    pub(super) additions: &'r [Addition],
    /// Columns whose types have no field.
    pub(super) unknown: &'r [String],
    pub(super) ids: Ids,
    pub(super) rows: &'r Rows,
    /// What the database lacks of what the file asks for.
    pub(super) plan: &'r Plan,
}

/// The report as text.
pub(super) fn text(report: &Report<'_>, paint: Paint) -> String {
    let Report { url, found, additions, unknown, ids, rows, plan } = report;
    let mut text = format!("{}\n\n", paint.bold(format!("A Better Auth database at {url}")));
    let mut line = |name: &str, value: &str| text.push_str(&format!("  {name:<20}{value}\n"));
    line("names", &naming(found));
    line(
        "ids",
        match ids {
            Ids::Text => "text",
            Ids::Uuid => "UUIDs",
            Ids::Serial => "numbers that the database counts",
        },
    );
    let ids_of = |served: bool| {
        let plugins = found.plugins.iter().filter(|plugin| plugin.served == served);
        plugins.map(described).collect::<Vec<_>>().join(", ")
    };
    line("plugins", &some(ids_of(true)));
    line("not served yet", &some(ids_of(false)));
    let fields = additions.iter().map(|field| {
        let required = if field.required { ", required" } else { "" };
        format!("{}.{} ({}{required})", field.table, field.column, field.kind)
    });
    line("additional fields", &some(fields.collect::<Vec<_>>().join(", ")));
    line("left alone", &some(found.strangers.iter().chain(*unknown).cloned().collect::<Vec<_>>().join(", ")));
    let changes = if plan.statements.is_empty() {
        "nothing".to_owned()
    } else {
        plan.statements.join(";\n                      ")
    };
    line("missing", &changes);
    for warning in warnings(found, additions, rows, plan) {
        text.push_str(&format!("\n{} {warning}\n", paint.warning("warning:")));
    }
    for obstacle in &plan.obstacles {
        text.push_str(&format!("\n{} {obstacle}\n", paint.warning("to settle:")));
    }
    text.push('\n');
    text
}

fn described(plugin: &FoundPlugin) -> String {
    match plugin.tables.as_slice() {
        [] => plugin.id.clone(),
        tables => format!("{} ({})", plugin.id, tables.join(", ")),
    }
}

fn some(list: String) -> String {
    if list.is_empty() { "none".to_owned() } else { list }
}

fn naming(found: &Recognized) -> String {
    let mut text = match found.naming {
        Naming::Camel => "camelCase",
        Naming::Snake => "snake_case",
    }
    .to_owned();
    if found.plural {
        text.push_str(", plural tables");
    }
    let own: Vec<_> = found
        .tables
        .iter()
        .filter(|table| {
            !table.own.is_empty()
                || super::names::folded(&table.physical) != super::names::folded(&table.table.physical)
        })
        .map(|table| format!("{} as {}", table.table.name, table.physical))
        .collect();
    if !own.is_empty() {
        text.push_str(&format!(", and own names for {}", own.join(", ")));
    }
    text
}

fn warnings(found: &Recognized, additions: &[Addition], rows: &Rows, plan: &Plan) -> Vec<String> {
    let mut warnings = Vec::new();
    for (number, risk) in &rows.risks {
        warnings.push(format!(
            "there are {} ({number}): what would stop them is not served yet. Do not open this server before it is",
            risk.risk.who
        ));
    }
    for table in found.absent.iter().filter(|table| **table != RATE_LIMIT) {
        warnings.push(match table.as_str() {
            name if *name == *SESSION => {
                "there is no table of sessions: that server keeps them elsewhere, and whoever is signed in there is not here".to_owned()
            }
            name => format!("there is no table {name}"),
        });
    }
    for field in additions.iter().filter(|field| field.required) {
        warnings.push(match field.default {
            Some(default) if field.table == ACCOUNT => format!(
                "account.{} is required, which Better Auth asked for in 1.7.0 and 1.7.1 only: the file writes \"{default}\" there, as these \
                 did for accounts with a password. For accounts of other providers make the column nullable first",
                field.column
            ),
            Some(default) => format!("{}.{} is required: the file writes \"{default}\" there", field.table, field.column),
            None => format!(
                "{}.{} is required and has no default, so nobody can sign up until the file says one, or lets clients choose",
                field.table, field.column
            ),
        });
    }
    if additions.iter().any(|field| field.table == USER) {
        warnings.push("clients cannot set any of the additional fields until the file says input = true: whether they may cannot be seen".to_owned());
    }
    warnings.extend(plan.warnings.iter().cloned());
    warnings
}
