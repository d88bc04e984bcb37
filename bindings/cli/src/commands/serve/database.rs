//! Opening the database.

use std::sync::Arc;

use kernia::{
    schema::Schema,
    store::{Storage, memory::MemoryStore},
};
use kernia_sql::{DatabaseOptions, Replicated};

use crate::{
    config::{Database, DatabaseUrl},
    failure::Failure,
};

/// Opens the database and sees to it that it has the tables of `schema`.
pub(crate) async fn open(database: &Database, schema: Arc<Schema>) -> Result<Arc<dyn Storage>, Failure> {
    let url = match &database.url {
        DatabaseUrl::Memory => return Ok(Arc::new(MemoryStore::new(schema))),
        DatabaseUrl::Sql(url) => url,
    };
    let failed = |error| Failure::Database { url: url.to_string(), error };
    let options = database.options();
    let mut store = url.open(Arc::clone(&schema), &options).map_err(failed)?;
    if let Some(DatabaseUrl::Sql(url)) = &database.replica_url {
        let options = DatabaseOptions { server: options.server.for_replica(), ..options };
        let replica = url.open(schema, &options);
        let replica = replica.map_err(|error| Failure::Database { url: url.to_string(), error })?;
        store = Arc::new(Replicated::new(store, replica));
    }
    let migrate = database.auto_migrate || url.is_transient();
    let plan = if migrate { store.migrate().await } else { store.plan().await }.map_err(failed)?;
    for warning in &plan.warnings {
        tracing::warn!(%warning, "the database differs from the schema");
    }
    let missing = plan.statements.len() + plan.obstacles.len();
    if !migrate && missing > 0 {
        return Err(Failure::NotMigrated { url: url.to_string(), missing });
    }
    if migrate && !plan.statements.is_empty() {
        tracing::info!(statements = plan.statements.len(), database = %url, "the database was migrated");
    }
    Ok(store)
}
