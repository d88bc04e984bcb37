//! MySQL and MariaDB.

mod connection;
mod error;
mod introspect;
mod options;
mod run;
mod value;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kernia::{
    schema::Schema,
    store::{
        Batch, Conflict, ConflictKind, Query, Rows, Statement, Storage, StorageError, Value,
        sql::{Demands, Dialect, Fault, Live, Plan, Read, Translator, plan, unique_conflict},
    },
    wire::date::Timestamp,
};
use mysql_async::{Conn, prelude::Queryable as _};
use tokio::time::timeout;

use self::{
    connection::Connector,
    error::{Violated, decided, fault},
    run::{Failure, Step, Why},
};
use crate::{
    Database, ServerOptions, ServerUrl,
    pool::{Lease, Pool},
    retry::attempt,
    touched::Touched,
};

/// A connection that rested longer than this may have been closed by the other side. Nothing is sent on it first that could have
/// been done without anything being heard of it.
const RESTED: Duration = Duration::from_secs(1);
/// How long to wait while another process migrates, in seconds.
const OTHER_MIGRATION: u64 = 300;

/// A [`Storage`] in a MySQL or MariaDB database. It needs a Tokio runtime.
///
/// A statement is one round trip, and a batch of several two more. Connections are made when they are needed, so the server
/// need not be there yet.
pub struct MySqlStore {
    schema: Arc<Schema>,
    translator: Translator,
    options: ServerOptions,
    pool: Pool<Connector>,
    /// The columns of unique indexes that were violated, by table and name.
    indexes: Mutex<HashMap<(String, String), Vec<String>>>,
}

impl MySqlStore {
    /// A store in the database at `url`: `mysql://user:password@host:port/database`, with the parameters `sslmode` and
    /// `sslrootcert` as libpq has them. Nothing is connected yet and no table is made: see [`Database::migrate`].
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the URL or what it names cannot be used.
    pub fn open(url: &ServerUrl, schema: Arc<Schema>, options: &ServerOptions) -> Result<Self, StorageError> {
        let (opts, plain) = options::opts(url, options)?;
        Ok(Self {
            translator: Translator::new(Dialect::MySql, &schema),
            pool: Pool::new(Connector { opts, plain }, options),
            options: options.clone(),
            indexes: Mutex::default(),
            schema,
        })
    }

    async fn read_once(&self, read: &Read<'_>, fresh: bool) -> Result<Rows, Fault> {
        let mut lease = self.pool.acquire(fresh).await?;
        let answer = timeout(self.options.access_timeout(), run::read(&mut lease, read)).await;
        match answer.map_err(|_| StorageError::Timeout)? {
            Ok(rows) => {
                lease.give_back();
                Ok(rows)
            }
            Err(failure) => Err(self.settle(lease, &[], failure).await),
        }
    }

    async fn write_once(&self, steps: &[Step], demands: Demands, fresh: bool) -> Result<Vec<Rows>, Fault> {
        let mut lease = self.pool.acquire(fresh).await?;
        let demands = if lease.rested() > RESTED && demands == Demands::Alone { Demands::Judged } else { demands };
        let answer =
            timeout(self.options.access_timeout(), run::write(&mut lease, &self.translator, steps, demands)).await;
        match answer.map_err(|_| StorageError::Timeout)? {
            Ok(rows) => {
                lease.give_back();
                Ok(rows)
            }
            Err(failure) => Err(self.settle(lease, steps, failure).await),
        }
    }

    /// Names what failed, and gives the connection back if it can be used.
    async fn settle(&self, mut lease: Lease<Connector>, steps: &[Step], failure: Failure) -> Fault {
        let conflict = |statement, kind| Fault::Final(StorageError::Conflict(Conflict { statement, kind }));
        let fault = match failure.why {
            Why::Fault(fault) => fault,
            Why::Expectation(statement, found) => conflict(statement, ConflictKind::Expectation { found }),
            Why::Constraint(statement, violated) => {
                let Some(step) = steps.get(statement) else { return Fault::Crossed };
                let named = self.named(&mut lease, &step.touched, violated);
                match timeout(self.options.access_timeout(), named).await {
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

    /// The violated constraint in the words of the schema. The database says the name of an index, whose columns are looked up
    /// once.
    async fn named(
        &self,
        conn: &mut Conn,
        touched: &Touched,
        violated: Violated,
    ) -> Result<ConflictKind, mysql_async::Error> {
        let Violated::Unique(name) = violated else {
            return Ok(ConflictKind::Reference { table: touched.referring(&self.schema) });
        };
        let table = self.schema.table(&touched.table).map_or(&touched.table, |table| &table.physical).to_string();
        // MySQL puts the table before it, MariaDB does not.
        let name = name.strip_prefix(&format!("{table}.")).map_or(name.clone(), str::to_owned);
        let key = (table, name);
        let known = self.indexes.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let columns = match known {
            Some(columns) => columns,
            None => {
                let ask = "SELECT COLUMN_NAME FROM information_schema.STATISTICS \
                           WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND INDEX_NAME = ? ORDER BY SEQ_IN_INDEX";
                let columns: Vec<Option<String>> = conn.exec(ask, (&key.0, &key.1)).await?;
                let columns: Vec<_> = columns.into_iter().flatten().collect();
                self.indexes.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), columns.clone());
                columns
            }
        };
        Ok(unique_conflict(&self.schema, &key.0, &columns, &key.1))
    }

    /// Refuses fractions for columns of whole numbers, which MySQL would round without a word. They are rare, so that it costs
    /// little to look.
    async fn refuse_rounding(&self, batch: &Batch) -> Result<(), StorageError> {
        let fractions = batch.statements.iter().flat_map(|statement| {
            let row = match statement {
                Statement::Insert { row, .. } => Some(row),
                Statement::Update { set, .. } | Statement::Increment { set, .. } => Some(set),
                _ => None,
            };
            let fields = row.into_iter().flat_map(|row| row.fields());
            let fractions = fields.filter(|(_, value)| matches!(value, Value::Float(number) if number.fract() != 0.0));
            fractions.map(|(field, _)| (statement.table(), field))
        });
        let fractions: Vec<_> = fractions.collect();
        if fractions.is_empty() {
            return Ok(());
        }
        let live = self.live().await?;
        for (table, field) in fractions {
            let known = self.schema.table(table).and_then(|known| Some((known, known.field(field)?)));
            let column = known.and_then(|(table, field)| {
                let live = live.tables.iter().find(|live| *table.physical == *live.name)?;
                live.columns.iter().find(|live| *field.column == *live.name)
            });
            if column.is_some_and(|column| column.data_type.contains("int")) {
                return Err(StorageError::Failed(format!("column {table}.{field} does not hold fractions")));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for MySqlStore {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        let read = self.translator.read(&query)?;
        attempt(|fresh| self.read_once(&read, fresh)).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        self.refuse_rounding(&batch).await?;
        let demands = self.translator.demands(&batch)?;
        let step = |statement| Step { touched: Touched::by(&statement), statement };
        let steps: Vec<_> = batch.statements.into_iter().map(step).collect();
        attempt(|fresh| self.write_once(&steps, demands, fresh)).await
    }
}

#[async_trait]
impl Database for MySqlStore {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    async fn version(&self) -> Result<Option<String>, StorageError> {
        let mut lease = self.pool.acquire(true).await?;
        let version = lease.query_first("SELECT VERSION()").await.map_err(|error| decided(&error))?;
        lease.give_back();
        Ok(version)
    }

    async fn clock(&self) -> Result<Option<Timestamp>, StorageError> {
        let mut lease = self.pool.acquire(true).await?;
        let millis = "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)";
        let clock: Option<i64> = lease.query_first(millis).await.map_err(|error| decided(&error))?;
        lease.give_back();
        Ok(clock.map(Timestamp::from_millis))
    }

    async fn live(&self) -> Result<Live, StorageError> {
        let mut lease = self.pool.acquire(true).await?;
        let live = introspect::introspect(&mut lease).await.map_err(|error| decided(&error))?;
        lease.give_back();
        Ok(live)
    }

    /// One statement after the other, as there is nothing to take them back. If it stops half way, the next one goes on.
    async fn migrate(&self) -> Result<Plan, StorageError> {
        // Dropped at the end with all that was set on it, and with the lock.
        let mut lease = self.pool.acquire(true).await?;
        let failed = |error: mysql_async::Error| decided(&error);
        lease.query_drop("SET SESSION /*M! max_statement_time = 0, */ autocommit = 1").await.map_err(failed)?;
        let lock = format!("SELECT GET_LOCK(CONCAT('kernia ', LEFT(MD5(DATABASE()), 32)), {OTHER_MIGRATION})");
        let locked: Option<Option<i64>> = lease.query_first(lock).await.map_err(failed)?;
        if locked.flatten() != Some(1) {
            return Err(StorageError::Timeout);
        }
        let live = introspect::introspect(&mut lease).await.map_err(failed)?;
        let plan = plan(Dialect::MySql, &self.schema, &live);
        if !plan.obstacles.is_empty() {
            return Err(StorageError::Failed(plan.obstacles.join("; ")));
        }
        for statement in &plan.statements {
            lease.query_drop(statement).await.map_err(failed)?;
        }
        Ok(plan)
    }
}

impl fmt::Debug for MySqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlStore").finish_non_exhaustive()
    }
}
