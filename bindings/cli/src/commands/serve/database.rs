//! Opening the database.

use std::sync::Arc;

use kernia::{
    Engine,
    store::{Storage, memory::MemoryStore},
};
use kernia_sql::{DatabaseOptions, Replicated};

#[cfg(feature = "mongodb")]
use kernia_mongo::MongoStore;

#[cfg(feature = "mongodb")]
use crate::config::MongoUrl;
use crate::{
    config::{Database, DatabaseUrl},
    failure::Failure,
};

/// Opens the database and sees to it that it has the tables of `schema`.
pub(crate) async fn open(database: &Database, engine: &Engine) -> Result<Arc<dyn Storage>, Failure> {
    let schema = engine.schema();
    let url = match &database.url {
        DatabaseUrl::Memory => return Ok(Arc::new(MemoryStore::new(schema))),
        DatabaseUrl::Sql(url) => url,
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(url) => return mongo(url, database, engine).await,
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

/// Connects to MongoDB, and leaves it as it is.
#[cfg(feature = "mongodb")]
pub(crate) async fn connect(url: &MongoUrl, database: &Database, engine: &Engine) -> Result<MongoStore, Failure> {
    let options = database.mongo_options(engine.installation().options.advanced.database.generate_id);
    let connected = MongoStore::connect(url.expose(), &engine.schema(), options).await;
    connected.map_err(|error| Failure::Database { url: url.to_string(), error })
}

#[cfg(feature = "mongodb")]
async fn mongo(url: &MongoUrl, database: &Database, engine: &Engine) -> Result<Arc<dyn Storage>, Failure> {
    let failed = |error| Failure::Database { url: url.to_string(), error };
    let store = connect(url, database, engine).await?;
    let migrate = database.auto_migrate;
    let prepared = if migrate { store.migrate().await } else { store.plan().await }.map_err(failed)?;
    for warning in &prepared.warnings {
        tracing::warn!(%warning, "the database differs from the schema");
    }
    let missing = prepared.indexes.len();
    if !migrate && missing > 0 {
        return Err(Failure::NotMigrated { url: url.to_string(), missing });
    }
    if migrate && missing > 0 {
        tracing::info!(indexes = missing, database = %url, "indexes were made");
    }
    Ok(Arc::new(store))
}
