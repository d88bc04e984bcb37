//! SQLite.

mod connections;
mod error;
mod introspect;
mod run;

use std::{fmt, path::Path, sync::Arc};

use async_trait::async_trait;
use kernia::{
    schema::Schema,
    store::{
        Batch, Query, Rows, Storage, StorageError,
        sql::{Dialect, Live, Plan, Translator, plan},
    },
};
use tokio::runtime::Handle;

use crate::{Database, SqliteOptions};

use self::{connections::Connections, error::failure, introspect::introspect, run::in_transaction};

/// A [`Storage`] in a SQLite database: a file that others may use at the same time, or memory.
///
/// Reads are answered at once on the calling thread. Writes to a file wait for a disk, so they run on a blocking thread
/// when called on a Tokio runtime, and on the calling thread otherwise.
pub struct SqliteStore {
    core: Arc<Core>,
}

struct Core {
    schema: Arc<Schema>,
    translator: Translator,
    connections: Connections,
}

impl SqliteStore {
    /// Opens the database at `path`, creating the file if there is none; `:memory:` is a database of its own that ends with
    /// the store. Tables are not created: see [`Database::migrate`].
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when the file cannot be opened or is no database.
    pub fn open(path: impl AsRef<Path>, schema: Arc<Schema>, options: &SqliteOptions) -> Result<Self, StorageError> {
        let connections = Connections::open(path.as_ref(), options)?;
        let translator = Translator::new(Dialect::Sqlite, &schema);
        Ok(Self { core: Arc::new(Core { schema, translator, connections }) })
    }

    /// Does `act` on the calling thread where it touches no disk, and on a blocking thread where there is a runtime.
    async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Core) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        if self.core.connections.in_memory() {
            return act(&self.core);
        }
        let Ok(runtime) = Handle::try_current() else { return act(&self.core) };
        let core = Arc::clone(&self.core);
        let done = runtime.spawn_blocking(move || act(&core)).await;
        done.unwrap_or_else(|_| Err(StorageError::Unavailable("the writing thread ended".to_owned())))
    }
}

impl Core {
    fn migrate(&self) -> Result<Plan, StorageError> {
        let connection = self.connections.writer();
        let outcome = in_transaction(&connection, "BEGIN IMMEDIATE", || {
            let live = introspect(&connection)?;
            let plan = plan(Dialect::Sqlite, &self.schema, &live);
            if plan.obstacles.is_empty() {
                plan.statements.iter().try_for_each(|statement| connection.execute_batch(statement))?;
            }
            Ok(plan)
        });
        let plan = outcome.map_err(|error: rusqlite::Error| failure(&error))?;
        if plan.obstacles.is_empty() { Ok(plan) } else { Err(StorageError::Failed(plan.obstacles.join("; "))) }
    }
}

#[async_trait]
impl Storage for SqliteStore {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        run::read(&self.core.connections.reader(), &self.core.translator, &query)
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        self.run(|core| run::write(&core.connections.writer(), &core.translator, &core.schema, batch)).await
    }
}

#[async_trait]
impl Database for SqliteStore {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn schema(&self) -> &Arc<Schema> {
        &self.core.schema
    }

    async fn version(&self) -> Result<Option<String>, StorageError> {
        Ok(Some(rusqlite::version().to_owned()))
    }

    async fn live(&self) -> Result<Live, StorageError> {
        self.run(|core| introspect(&core.connections.writer()).map_err(|error| failure(&error))).await
    }

    /// All or nothing.
    async fn migrate(&self) -> Result<Plan, StorageError> {
        self.run(Core::migrate).await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}
