//! Giving a PostgreSQL database what it lacks.

use kernia::{
    schema::Schema,
    store::{
        StorageError,
        sql::{Dialect, Plan, plan, postgres::begin_migration},
    },
};
use tokio_postgres::{Client, Error};

use super::{error::decided, introspect::introspect, options::quote};
use crate::ServerOptions;

/// What the database lacks, the configured `search_path` included.
pub(super) async fn lacks(client: &Client, schema: &Schema, options: &ServerOptions) -> Result<Plan, Error> {
    let mut plan = plan(Dialect::Postgres, schema, &introspect(client).await?);
    if let Some(name) = &options.schema {
        let there = client.query("SELECT FROM pg_namespace WHERE nspname = $1", &[name]).await?;
        if there.is_empty() {
            plan.statements.insert(0, format!("create schema {}", quote(name)));
        }
    }
    Ok(plan)
}

/// Does it, all or nothing, in a transaction that only one at a time can have.
pub(super) async fn migrate(client: &Client, schema: &Schema, options: &ServerOptions) -> Result<Plan, StorageError> {
    let decided = |error: Error| decided(&error);
    client.batch_execute(&begin_migration(options.lock_timeout)).await.map_err(decided)?;
    let plan = lacks(client, schema, options).await.map_err(decided)?;
    if !plan.obstacles.is_empty() {
        return Err(StorageError::Failed(plan.obstacles.join("; ")));
    }
    for statement in &plan.statements {
        client.batch_execute(statement).await.map_err(decided)?;
    }
    client.batch_execute("COMMIT").await.map_err(decided)?;
    Ok(plan)
}
