//! Giving a PostgreSQL database what it lacks.

use std::time::Duration;

use kernia::{
    schema::Schema,
    store::{
        StorageError,
        sql::{Dialect, Plan, plan},
    },
};
use tokio_postgres::{Client, Error};

use super::{error::decided, introspect::introspect, options::quote};
use crate::ServerOptions;

/// "kernia" in ASCII: the advisory lock that one migration holds at a time.
const LOCK: i64 = 0x6b65_726e_6961;
/// How long another migration may take.
const OTHER: Duration = Duration::from_secs(300);

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
    // An index may take its time; a table that others hold for longer than usual may not, as they would queue up behind us.
    let begin = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {}; \
         SELECT pg_advisory_xact_lock({LOCK}); SET LOCAL lock_timeout = {}",
        OTHER.as_millis(),
        options.lock_timeout.as_millis()
    );
    client.batch_execute(&begin).await.map_err(decided)?;
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
