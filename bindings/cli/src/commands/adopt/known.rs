//! What each plugin of the reference keeps in a database. A table is known by fields that it has had in every release.

use std::collections::BTreeMap;

use kernia::{
    domain::Plugin,
    schema::{Field, FieldType, Table, core_tables},
};
use serde::Deserialize;

/// A plugin, and what it keeps.
#[derive(Clone, Debug)]
pub(super) struct KnownPlugin {
    pub(super) id: String,
    /// Fields that it adds to core tables.
    pub(super) additions: Vec<Table>,
    /// Tables of its own.
    pub(super) tables: Vec<Table>,
    /// What would not be enforced without it.
    pub(super) risk: Option<Risk>,
    /// Whether this server has it.
    pub(super) served: bool,
}

/// Rows that would be let in where the plugin would not.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Risk {
    pub(super) table: String,
    /// A field that is true for them.
    pub(super) field: String,
    /// Whose rows they are.
    pub(super) who: String,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    fields: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    tables: BTreeMap<String, Vec<String>>,
    risk: Option<Risk>,
}

const DATA: &str = include_str!("known.json");

/// All plugins that can be recognized; those in `served` by the tables that this server gives them.
pub(super) fn plugins(served: &[Box<dyn Plugin>]) -> Vec<KnownPlugin> {
    let entries: Vec<Entry> = serde_json::from_str(DATA).unwrap_or_default();
    let ours = served.iter().filter(|plugin| !plugin.tables().is_empty()).map(|plugin| {
        let (additions, tables) = plugin.tables().into_iter().partition(is_core);
        KnownPlugin { id: plugin.id().to_owned(), additions, tables, risk: None, served: true }
    });
    let known = |id: &str| served.iter().any(|plugin| plugin.id() == id);
    let theirs = entries.into_iter().filter(|entry| !known(&entry.id)).map(|entry| KnownPlugin {
        id: entry.id,
        additions: tables(entry.fields),
        tables: tables(entry.tables),
        risk: entry.risk,
        served: false,
    });
    ours.chain(theirs).collect()
}

fn is_core(table: &Table) -> bool {
    core_tables(true).iter().any(|core| core.name == table.name)
}

fn tables(fields: BTreeMap<String, Vec<String>>) -> Vec<Table> {
    let field = |name: String| Field::required(name, FieldType::Text);
    fields.into_iter().map(|(table, fields)| Table::new(table, fields.into_iter().map(field))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_well_formed() {
        let entries: Vec<Entry> = serde_json::from_str(DATA).unwrap();
        assert_eq!(entries.len(), 17);
        for Entry { id, fields, tables: own, risk } in &entries {
            assert!(tables(fields.clone()).iter().all(is_core), "{id}");
            assert!(!tables(own.clone()).iter().any(is_core), "{id}");
            if let Some(Risk { table, field, .. }) = risk {
                assert!(fields[table].contains(field), "{id}");
            }
        }
    }

    #[test]
    fn what_is_served_is_known_by_what_this_server_has() {
        let served = crate::config::every_plugin();
        let plugins = plugins(&served);
        let username = plugins.iter().find(|plugin| plugin.id == "username").unwrap();
        assert!(username.served && username.additions[0].field("username").unwrap().unique);
        assert_eq!(plugins.iter().filter(|plugin| plugin.id == "username").count(), 1);
        assert!(plugins.iter().any(|plugin| plugin.id == "organization"));
    }
}
