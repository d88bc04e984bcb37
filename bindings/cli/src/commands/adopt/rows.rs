//! What only rows tell.

use std::sync::Arc;

use kernia::{
    schema::{ACCOUNT, Field, FieldType, Schema, Table, USER},
    store::{Filter, Query, StorageError},
};
use kernia_sql::{DatabaseOptions, DatabaseUrl};

use super::recognize::{Found, FoundRisk, Ids, Recognized};

/// How many ids are looked at.
const SAMPLE: u32 = 10;

/// What rows tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// Whether the ids of users that are text are UUIDs.
    pub(super) uuids: bool,
    /// Whether somebody has a password.
    pub(super) passwords: bool,
    /// What is not enforced without a plugin, with the number of rows; none of zero.
    pub(super) risks: Vec<(u64, FoundRisk)>,
}

/// Looks at rows.
pub(super) async fn look(
    url: &DatabaseUrl,
    options: &DatabaseOptions,
    found: &Recognized,
) -> Result<Rows, StorageError> {
    let database = url.open(Arc::new(schema(found)), options)?;
    let mut rows = Rows::default();
    if found.ids == Ids::Text && table(found, &USER).is_some() {
        let users = database.read(Query::all(USER).limit(SAMPLE)).await?.rows;
        let ids: Vec<_> = users.iter().map(|user| user.text("id").to_owned()).collect();
        rows.uuids = !ids.is_empty() && ids.iter().all(|id| is_uuid(id));
    }
    if table(found, &ACCOUNT).is_some() {
        let credential = Query::count(ACCOUNT, Filter::eq("providerId", "credential"));
        rows.passwords = database.read(credential).await?.count > 0;
    }
    for risk in found.plugins.iter().filter_map(|plugin| plugin.risk.as_ref()) {
        let filter = Filter::eq(risk.risk.field.clone(), true);
        let count = database.read(Query::count(risk.risk.table.clone(), filter)).await?.count;
        if count > 0 {
            rows.risks.push((count, risk.clone()));
        }
    }
    Ok(rows)
}

fn table<'f>(found: &'f Recognized, name: &str) -> Option<&'f Found> {
    found.tables.iter().find(|found| found.table.name == *name)
}

/// Only what is asked for.
fn schema(found: &Recognized) -> Schema {
    let mut tables = Vec::new();
    for name in [USER, ACCOUNT] {
        let Some(known) = table(found, &name) else { continue };
        let mut asked = Table::new(name.clone(), []);
        asked.physical = known.physical.clone().into();
        if name == ACCOUNT {
            let provider = known.table.field("providerId").cloned();
            asked.fields.extend(provider.map(|field| match known.own.get(&field.name) {
                Some(column) => Field { column: column.clone().into(), ..field },
                None => field,
            }));
        }
        let risks = found.plugins.iter().filter_map(|plugin| plugin.risk.as_ref());
        for FoundRisk { risk, column } in risks.filter(|risk| name == *risk.risk.table) {
            let field = Field::optional(risk.field.clone(), FieldType::Boolean);
            asked.fields.push(Field { column: column.clone().into(), ..field });
        }
        tables.push(asked);
    }
    Schema::new(tables)
}

fn is_uuid(id: &str) -> bool {
    let groups: Vec<_> = id.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
