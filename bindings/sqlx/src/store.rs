//! The store over a pool.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use kernia::{
    schema::Schema,
    store::{
        Batch, Conflict, ConflictKind, Query, Rows, Storage, StorageError,
        sql::{
            Demands, Dialect, Draw, Fault, Live, Plan, Read, Step, Translator,
            postgres::{CONSTRAINT_COLUMNS, Constraints},
        },
    },
    wire::date::Timestamp,
};
use kernia_sql::{Database, attempt};
use sqlx::{Error, PgConnection, PgPool, Postgres, pool::PoolConnection};
use tokio::time::{error::Elapsed, timeout};

use crate::{
    error::{decided, fault, report, unavailable},
    migrate,
    run::{self, Why},
};

/// How long an access may take as a whole, once it has a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// A [`Storage`] over the application's own pool of connections to PostgreSQL.
///
/// Connections are as the pool makes them: the application decides their number, their TLS, their `search_path`, and how long
/// they wait for each other and for locks. Several stores can share a pool.
pub struct SqlxStore {
    pool: PgPool,
    schema: Arc<Schema>,
    translator: Translator,
    constraints: Constraints,
}

/// A connection that is in use. One on which an access was given up half way is closed: dropping a `begin` of sqlx 0.9.0 would
/// leave its transaction open for whoever has the connection next.
struct Lease {
    connection: PoolConnection<Postgres>,
    finished: bool,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.finished {
            self.connection.close_on_drop();
        }
    }
}

impl SqlxStore {
    /// A store for these tables on `pool`. Nothing is asked yet and no table is made: see [`Database::migrate`].
    #[must_use]
    pub fn new(pool: PgPool, schema: Arc<Schema>) -> Self {
        Self {
            translator: Translator::new(Dialect::Postgres, &schema),
            constraints: Constraints::default(),
            pool,
            schema,
        }
    }

    async fn lease(&self) -> Result<Lease, StorageError> {
        let connection = self.pool.acquire().await.map_err(|error| unavailable(&error))?;
        Ok(Lease { connection, finished: false })
    }

    /// A connection for one attempt. Where it is to be `fresh`, what was prepared on it is forgotten: it may be stale.
    async fn lease_for(&self, fresh: bool) -> Result<Lease, Fault> {
        let mut lease = self.lease().await?;
        if fresh {
            let forgotten = sqlx::Connection::clear_cached_statements(&mut *lease.connection).await;
            forgotten.map_err(|error| fault(&error))?;
        }
        Ok(lease)
    }

    async fn read_once(&self, read: &Read<'_>, fresh: bool) -> Result<Rows, Fault> {
        let mut lease = self.lease_for(fresh).await?;
        let answer = timeout(PATIENCE, run::read(&mut lease.connection, read)).await;
        self.finish(lease, answer).await
    }

    async fn draw_once(&self, draws: &[Draw], fresh: bool) -> Result<Vec<Vec<i64>>, Fault> {
        let mut lease = self.lease_for(fresh).await?;
        let answer = timeout(PATIENCE, run::draw(&mut lease.connection, draws)).await;
        self.finish(lease, answer).await
    }

    async fn write_once(&self, steps: &[Step<'_>], demands: Demands, fresh: bool) -> Result<Vec<Rows>, Fault> {
        let mut lease = self.lease_for(fresh).await?;
        let answer = timeout(PATIENCE, run::write(&mut lease.connection, steps, demands)).await;
        self.finish(lease, answer).await
    }

    /// Names what failed, and gives the connection back if it can be used.
    async fn finish<T>(&self, mut lease: Lease, answer: Result<Result<T, Why>, Elapsed>) -> Result<T, Fault> {
        let conflict = |statement, kind| Fault::Final(StorageError::Conflict(Conflict { statement, kind }));
        let done = match answer.map_err(|_| StorageError::Timeout)? {
            Ok(done) => Ok(done),
            Err(Why::Fault(fault)) => Err(fault),
            Err(Why::Expectation(statement, found)) => Err(conflict(statement, ConflictKind::Expectation { found })),
            Err(Why::Constraint(statement, error)) => {
                let named = timeout(PATIENCE, self.violated(&mut lease.connection, &error)).await;
                Err(match named.map_err(|_| StorageError::Timeout)? {
                    Ok(kind) => conflict(statement, kind),
                    Err(error) => fault(&error),
                })
            }
        };
        lease.finished = !matches!(done, Err(Fault::Stale(_) | Fault::Final(StorageError::Unavailable(_))));
        done
    }

    /// The violated constraint in the words of the schema.
    async fn violated(&self, conn: &mut PgConnection, error: &Error) -> Result<ConflictKind, Error> {
        let report = report(error).unwrap_or_default();
        if let Some(known) = self.constraints.conflict(&self.schema, &report) {
            return Ok(known);
        }
        let columns = sqlx::query_scalar(CONSTRAINT_COLUMNS).bind(report.schema).bind(report.constraint);
        Ok(self.constraints.learn(&self.schema, &report, columns.fetch_all(conn).await?))
    }

    /// Puts numbers from the database's sequences into a batch that inserts rows with such ids.
    async fn number(&self, batch: Batch) -> Result<Batch, StorageError> {
        let draws = self.translator.draws(&batch)?;
        if draws.is_empty() {
            return Ok(batch);
        }
        let drawn = attempt(|fresh| self.draw_once(&draws, fresh)).await?;
        self.translator.number(batch, draws.into_iter().zip(drawn).collect())
    }
}

#[async_trait]
impl Storage for SqlxStore {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        let read = self.translator.read(&query)?;
        attempt(|fresh| self.read_once(&read, fresh)).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let batch = self.number(batch).await?;
        let demands = self.translator.demands(&batch)?;
        let steps = self.translator.steps(batch)?;
        attempt(|fresh| self.write_once(&steps, demands, fresh)).await
    }
}

#[async_trait]
impl Database for SqlxStore {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    async fn version(&self) -> Result<Option<String>, StorageError> {
        let version = sqlx::query_scalar("SHOW server_version").fetch_optional(&self.pool).await;
        version.map_err(|error| decided(&error))
    }

    async fn clock(&self) -> Result<Option<Timestamp>, StorageError> {
        let millis = sqlx::query_scalar("SELECT (extract(epoch from clock_timestamp()) * 1000)::int8");
        let millis = millis.fetch_optional(&self.pool).await.map_err(|error| decided(&error))?;
        Ok(millis.map(Timestamp::from_millis))
    }

    async fn live(&self) -> Result<Live, StorageError> {
        let mut lease = self.lease().await?;
        let live = migrate::introspect(&mut lease.connection).await.map_err(|error| decided(&error))?;
        lease.finished = true;
        Ok(live)
    }

    /// All or nothing.
    async fn migrate(&self) -> Result<Plan, StorageError> {
        let mut lease = self.lease().await?;
        let plan = migrate::migrate(&mut lease.connection, &self.schema).await?;
        lease.finished = true;
        Ok(plan)
    }
}

impl fmt::Debug for SqlxStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlxStore").finish_non_exhaustive()
    }
}
