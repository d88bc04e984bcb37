//! From what a database has to what a Better Auth server keeps in it.

use std::collections::BTreeMap;

use kernia::{
    schema::{ACCOUNT, Field, Name, Naming, RATE_LIMIT, SESSION, Table, USER, core_tables},
    store::sql::{Live, LiveColumn, LiveTable},
};

use super::{
    known::{KnownPlugin, Risk},
    names,
};

/// What was recognized.
#[derive(Clone, Debug)]
pub(super) struct Recognized {
    pub(super) naming: Naming,
    pub(super) plural: bool,
    pub(super) ids: Ids,
    /// The core's tables, and those of plugins that this server has.
    pub(super) tables: Vec<Found>,
    /// Core tables that are not there.
    pub(super) absent: Vec<Name>,
    pub(super) plugins: Vec<FoundPlugin>,
    /// Columns of users, sessions and accounts that nobody else brings.
    pub(super) additional: Vec<(Name, LiveColumn)>,
    /// Tables that are nobody's.
    pub(super) strangers: Vec<String>,
}

/// What ids look like in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    Text,
    Uuid,
    Serial,
}

/// A table under its name in the database.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The table, with the names that the convention gives.
    pub(super) table: Table,
    pub(super) physical: String,
    /// Columns by field.
    columns: BTreeMap<Name, String>,
    /// Those whose names the convention does not give.
    pub(super) own: BTreeMap<Name, String>,
}

/// A plugin of which there is something in the database.
#[derive(Clone, Debug)]
pub(super) struct FoundPlugin {
    pub(super) id: String,
    pub(super) served: bool,
    /// Its own tables, in the database.
    pub(super) tables: Vec<String>,
    pub(super) risk: Option<FoundRisk>,
}

/// Rows that would be let in: a column of users that is true for them.
#[derive(Clone, Debug)]
pub(super) struct FoundRisk {
    pub(super) risk: Risk,
    pub(super) column: String,
}

impl Ids {
    /// The option's value; none where it is the usual one.
    pub(super) fn option(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::Uuid => Some("uuid"),
            Self::Serial => Some("serial"),
        }
    }
}

/// Recognizes what there is.
pub(super) fn recognize(live: &Live, plugins: &[KnownPlugin]) -> Recognized {
    let core = core_tables(true);
    let (naming, plural) = names::convention(live, &core);
    let core = names::named(&core, naming, plural);
    let of_plugins = plugins.iter().flat_map(|plugin| names::named(&plugin.tables, naming, plural));
    let of_plugins = of_plugins.filter_map(|table| Some(names::table(live, &table)?.name.as_str())).collect();
    let mut search = Search { live, naming, plural, of_plugins, tables: Vec::new(), claimed: BTreeMap::new() };
    let mut absent: Vec<_> = core.iter().filter(|table| !search.find_by_name(table)).collect();
    absent.retain(|table| table.name == RATE_LIMIT || !search.find_by_shape(table));
    let absent = absent.into_iter().map(|table| table.name.clone()).collect();
    for found in &core {
        search.claim_named(found);
    }
    let plugins = plugins.iter().filter_map(|plugin| search.plugin(plugin)).collect();
    for found in &core {
        search.claim_similar(found);
    }
    search.finish(absent, plugins)
}

struct Search<'l> {
    live: &'l Live,
    naming: Naming,
    plural: bool,
    /// Tables that have the name of a plugin's, whatever they look like.
    of_plugins: Vec<&'l str>,
    tables: Vec<Found>,
    /// The columns that are somebody's, by table in the database; a table without columns here is somebody's too.
    claimed: BTreeMap<String, Vec<String>>,
}

impl<'l> Search<'l> {
    fn find_by_name(&mut self, table: &Table) -> bool {
        let found = names::table(self.live, table);
        self.take(table, found)
    }

    fn find_by_shape(&mut self, table: &Table) -> bool {
        let free =
            |live: &LiveTable| !self.claimed.contains_key(&live.name) && !self.of_plugins.contains(&live.name.as_str());
        let found = names::similar_table(self.live, table, free);
        self.take(table, found)
    }

    fn take(&mut self, table: &Table, found: Option<&LiveTable>) -> bool {
        let Some(found) = found.filter(|found| !self.claimed.contains_key(&found.name)) else { return false };
        self.claimed.insert(found.name.clone(), vec!["id".to_owned()]);
        self.tables.push(Found {
            table: table.clone(),
            physical: found.name.clone(),
            columns: BTreeMap::new(),
            own: BTreeMap::new(),
        });
        true
    }

    fn live_table(&self, name: &Name) -> Option<&'l LiveTable> {
        let found = self.tables.iter().find(|found| found.table.name == *name)?;
        self.live.tables.iter().find(|live| live.name == found.physical)
    }

    /// Claims the columns of a table's fields that are known by their names.
    fn claim_named(&mut self, table: &Table) {
        let Some(live) = self.live_table(&table.name) else { return };
        for field in &table.fields {
            if let Some(column) = names::column(live, field) {
                self.claim(&table.name, field, column);
            }
        }
    }

    /// Claims the columns that look like required fields which nobody has found yet.
    fn claim_similar(&mut self, table: &Table) {
        let Some(live) = self.live_table(&table.name) else { return };
        for field in table.fields.iter().filter(|field| field.required) {
            let found = self
                .tables
                .iter()
                .any(|found| found.table.name == table.name && found.columns.contains_key(&field.name));
            let taken = self.claimed.get(&live.name).cloned().unwrap_or_default();
            let taken: Vec<_> = taken.iter().map(String::as_str).collect();
            if let Some(column) = names::similar(live, field, &taken).filter(|_| !found) {
                self.claim(&table.name, field, column);
            }
        }
    }

    fn claim(&mut self, table: &Name, field: &Field, column: &str) {
        if let Some(found) = self.tables.iter_mut().find(|found| found.table.name == *table) {
            found.columns.insert(field.name.clone(), column.to_owned());
            if field.column != *column {
                found.own.insert(field.name.clone(), column.to_owned());
            }
            self.claimed.entry(found.physical.clone()).or_default().push(column.to_owned());
        }
    }

    /// A plugin is there when a table of its own is, or most of what it adds to others.
    fn plugin(&mut self, plugin: &KnownPlugin) -> Option<FoundPlugin> {
        let own = names::named(&plugin.tables, self.naming, self.plural);
        let added = names::named(&plugin.additions, self.naming, false);
        let free = |table: &Table, claimed: &BTreeMap<String, Vec<String>>| {
            names::table(self.live, table).filter(|live| !claimed.contains_key(&live.name))
        };
        let tables: Vec<_> =
            own.iter().filter_map(|table| free(table, &self.claimed)).map(|live| live.name.clone()).collect();
        let fields: Vec<_> =
            added.iter().flat_map(|table| table.fields.iter().map(move |field| (&table.name, field))).collect();
        let columns: Vec<_> = fields
            .iter()
            .filter_map(|(table, field)| Some((*table, *field, names::column(self.live_table(table)?, field)?)))
            .collect();
        if tables.is_empty() && columns.len() * 2 <= fields.len() {
            return None;
        }
        let risk = plugin.risk.as_ref().and_then(|risk| {
            let (.., column) =
                columns.iter().find(|(table, field, _)| **table == *risk.table && *field.name == risk.field)?;
            Some(FoundRisk { risk: risk.clone(), column: (*column).to_owned() })
        });
        for (table, field, column) in columns {
            if plugin.served {
                self.claim(table, field, column);
            } else if let Some(live) = self.live_table(table) {
                self.claimed.entry(live.name.clone()).or_default().push(column.to_owned());
            }
        }
        for table in &own {
            if plugin.served && self.find_by_name(table) {
                self.claim_named(table);
            }
        }
        for table in &tables {
            self.claimed.entry(table.clone()).or_default();
        }
        Some(FoundPlugin { id: plugin.id.clone(), served: plugin.served, tables, risk })
    }

    fn finish(self, absent: Vec<Name>, plugins: Vec<FoundPlugin>) -> Recognized {
        let mut additional = Vec::new();
        for name in [USER, SESSION, ACCOUNT] {
            let Some(live) = self.live_table(&name) else { continue };
            let claimed = self.claimed.get(&live.name).map(Vec::as_slice).unwrap_or_default();
            let unknown = live.columns.iter().filter(|column| !claimed.contains(&column.name));
            additional.extend(unknown.map(|column| (name.clone(), column.clone())));
        }
        let strangers =
            self.live.tables.iter().map(|table| &table.name).filter(|name| !self.claimed.contains_key(*name));
        let strangers = strangers.cloned().collect();
        // Own names get their `s` too, so a table without one cannot be named beside plural ones.
        let plural = self.plural && self.tables.iter().all(|found| found.physical.ends_with('s'));
        let ids = self.live_table(&USER).map_or(Ids::Text, ids);
        Recognized { naming: self.naming, plural, ids, tables: self.tables, absent, plugins, additional, strangers }
    }
}

fn ids(users: &LiveTable) -> Ids {
    let id = users.columns.iter().find(|column| column.name == "id");
    let data_type = id.map(|id| id.data_type.to_lowercase()).unwrap_or_default();
    match data_type.as_str() {
        kind if kind.contains("int") || kind.contains("serial") => Ids::Serial,
        "uuid" => Ids::Uuid,
        _ => Ids::Text,
    }
}
