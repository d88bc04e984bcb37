//! Places for tests in one server: each test has a schema of its own, and a pool as an application has it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use kernia::schema::Schema;
use kernia_sqlx::{Database as _, SqlxStore};
use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// A pool of at most so many connections in a schema that nobody else uses.
pub(crate) async fn pool(connections: u32) -> PgPool {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let schema = format!("sqlx_{}_{now}_{number}", std::process::id());
    let address =
        std::env::var("KERNIA_TEST_POSTGRES").expect("start the servers with tests/servers and source their env");
    let options: PgConnectOptions = address.parse().unwrap();
    let options = options.options([("search_path", schema.as_str()), ("lock_timeout", "5s")]);
    let pool = PgPoolOptions::new().max_connections(connections).connect_lazy_with(options);
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&pool).await.unwrap();
    pool
}

/// A store on `pool`, with its tables.
pub(crate) async fn store(pool: &PgPool, schema: &Arc<Schema>) -> SqlxStore {
    let store = SqlxStore::new(pool.clone(), Arc::clone(schema));
    store.migrate().await.unwrap();
    store
}

pub(crate) fn threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}
