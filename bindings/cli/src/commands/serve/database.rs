//! Opening the database.

use std::{sync::Arc, time::Duration};

use kernia::{
    schema::Schema,
    store::{Storage, memory::MemoryStore},
};
use kernia_sql::{SqliteOptions, SqliteStore};

use crate::{
    config::{Database, DatabaseUrl},
    failure::Failure,
};

/// Opens the database and sees to it that it has the tables of `schema`.
pub(crate) fn open(database: &Database, schema: Arc<Schema>) -> Result<Arc<dyn Storage>, Failure> {
    let (path, migrate) = match &database.url {
        DatabaseUrl::Memory => return Ok(Arc::new(MemoryStore::new(schema))),
        // Nobody else could give it its tables.
        DatabaseUrl::SqliteMemory => (":memory:".as_ref(), true),
        DatabaseUrl::Sqlite(path) => (path.as_path(), database.auto_migrate),
    };
    let failed = |error| Failure::Database { url: database.url.to_string(), error };
    let options =
        SqliteOptions { busy_timeout: Duration::from_secs(database.busy_timeout), ..SqliteOptions::default() };
    let store = SqliteStore::open(path, schema, &options).map_err(failed)?;
    let plan = if migrate { store.migrate() } else { store.plan() }.map_err(failed)?;
    for warning in &plan.warnings {
        tracing::warn!(%warning, "the database differs from the schema");
    }
    let missing = plan.statements.len() + plan.obstacles.len();
    if !migrate && missing > 0 {
        return Err(Failure::NotMigrated { url: database.url.to_string(), missing });
    }
    if migrate && !plan.statements.is_empty() {
        tracing::info!(statements = plan.statements.len(), database = %database.url, "the database was migrated");
    }
    Ok(Arc::new(store))
}
