//! PostgreSQL.

mod connection;
mod error;
mod introspect;
mod migrate;
mod options;
mod run;
mod tls;
mod value;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use kernia::{
    schema::Schema,
    store::{
        Batch, Conflict, ConflictKind, Query, Rows, Storage, StorageError,
        sql::{
            Demands, Dialect, Draw, Fault, Live, Plan, Step, Translator,
            postgres::{CONSTRAINT_COLUMNS, Constraints},
        },
    },
    wire::date::Timestamp,
};
use tokio::time::timeout;
use tokio_postgres::{Client, Error};

use self::{
    connection::Connector,
    error::{decided, fault, report},
    run::{Failure, Why},
};
use crate::{
    Database, ServerOptions, ServerUrl,
    pool::{Lease, Pool},
    retry::attempt,
};

/// A [`Storage`] in a PostgreSQL database. It needs a Tokio runtime.
///
/// A read is one round trip, and so is a batch that nothing but an error can keep from being kept; other batches are two.
/// Connections are made when they are needed, so the server need not be there yet.
pub struct PostgresStore {
    schema: Arc<Schema>,
    translator: Translator,
    options: ServerOptions,
    pool: Pool<Connector>,
    constraints: Constraints,
}

impl PostgresStore {
    /// A store in the database at `url`: `postgres://user:password@host:port/database`, with the parameters `sslmode` and
    /// `sslrootcert` as libpq has them. Nothing is connected yet and no table is made: see [`Database::migrate`].
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the URL or what it names cannot be used.
    pub fn open(url: &ServerUrl, schema: Arc<Schema>, options: &ServerOptions) -> Result<Self, StorageError> {
        let (config, tls) = options::config(url, options)?;
        let connector = Connector { config, tls, statements: options.statements };
        Ok(Self {
            translator: Translator::new(Dialect::Postgres, &schema),
            pool: Pool::new(connector, options),
            options: options.clone(),
            constraints: Constraints::default(),
            schema,
        })
    }

    async fn read_once(&self, read: &kernia::store::sql::Read<'_>, fresh: bool) -> Result<Rows, Fault> {
        let mut lease = self.pool.acquire(fresh).await?;
        let answer = timeout(self.options.access_timeout(), run::read(&mut lease, read)).await;
        match answer.map_err(|_| StorageError::Timeout)? {
            Ok(rows) => {
                lease.give_back();
                Ok(rows)
            }
            Err(failure) => Err(self.settle(lease, failure).await),
        }
    }

    async fn write_once(&self, steps: &[Step<'_>], demands: Demands, fresh: bool) -> Result<Vec<Rows>, Fault> {
        let mut lease = self.pool.acquire(fresh).await?;
        let answer = timeout(self.options.access_timeout(), run::write(&mut lease, steps, demands)).await;
        match answer.map_err(|_| StorageError::Timeout)? {
            Ok(rows) => {
                lease.give_back();
                Ok(rows)
            }
            Err(failure) => Err(self.settle(lease, failure).await),
        }
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

    async fn draw_once(&self, draws: &[Draw], fresh: bool) -> Result<Vec<Vec<i64>>, Fault> {
        let mut lease = self.pool.acquire(fresh).await?;
        let answer = timeout(self.options.access_timeout(), run::draw(&mut lease, draws)).await;
        match answer.map_err(|_| StorageError::Timeout)? {
            Ok(drawn) => {
                lease.give_back();
                Ok(drawn)
            }
            Err(failure) => Err(self.settle(lease, failure).await),
        }
    }

    /// Names what failed, and gives the connection back if it can be used.
    async fn settle(&self, lease: Lease<Connector>, failure: Failure) -> Fault {
        let conflict = |statement, kind| Fault::Final(StorageError::Conflict(Conflict { statement, kind }));
        let fault = match failure.why {
            Why::Fault(fault) => fault,
            Why::Expectation(statement, found) => conflict(statement, ConflictKind::Expectation { found }),
            Why::Constraint(statement, error) => {
                let named = timeout(self.options.access_timeout(), self.violated(&lease.client, &error)).await;
                match named {
                    Ok(Ok(kind)) => conflict(statement, kind),
                    Ok(Err(error)) => return fault(&error),
                    Err(_) => return Fault::Final(StorageError::Timeout),
                }
            }
        };
        if failure.usable {
            lease.give_back();
        }
        fault
    }

    /// The violated constraint in the words of the schema.
    async fn violated(&self, client: &Client, error: &Error) -> Result<ConflictKind, Error> {
        let report = report(error).unwrap_or_default();
        if let Some(known) = self.constraints.conflict(&self.schema, &report) {
            return Ok(known);
        }
        let (place, constraint) = (report.schema.unwrap_or_default(), report.constraint.unwrap_or_default());
        let rows = client.query(CONSTRAINT_COLUMNS, &[&place, &constraint]).await?;
        let columns = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(self.constraints.learn(&self.schema, &report, columns))
    }
}

#[async_trait]
impl Storage for PostgresStore {
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
impl Database for PostgresStore {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    async fn version(&self) -> Result<Option<String>, StorageError> {
        let lease = self.pool.acquire(true).await?;
        let row = lease.client.query_one("SHOW server_version", &[]).await.map_err(|error| decided(&error))?;
        lease.give_back();
        Ok(row.try_get(0).ok())
    }

    async fn clock(&self) -> Result<Option<Timestamp>, StorageError> {
        let lease = self.pool.acquire(true).await?;
        let millis = "SELECT (extract(epoch from clock_timestamp()) * 1000)::int8";
        let row = lease.client.query_one(millis, &[]).await.map_err(|error| decided(&error))?;
        lease.give_back();
        Ok(row.try_get(0).ok().map(Timestamp::from_millis))
    }

    async fn live(&self) -> Result<Live, StorageError> {
        let lease = self.pool.acquire(true).await?;
        let live = introspect::introspect(&lease.client).await.map_err(|error| decided(&error))?;
        lease.give_back();
        Ok(live)
    }

    /// With the making of the configured schema, if that is not there.
    async fn plan(&self) -> Result<Plan, StorageError> {
        let lease = self.pool.acquire(true).await?;
        let plan = migrate::lacks(&lease.client, &self.schema, &self.options).await.map_err(|error| decided(&error))?;
        lease.give_back();
        Ok(plan)
    }

    /// All or nothing.
    async fn migrate(&self) -> Result<Plan, StorageError> {
        let lease = self.pool.acquire(true).await?;
        let plan = migrate::migrate(&lease.client, &self.schema, &self.options).await?;
        lease.give_back();
        Ok(plan)
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}
