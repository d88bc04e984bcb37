//! Places for tests in one server: each test has a schema of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use kernia::schema::Schema;
use kernia_sql::{Database as _, DatabaseUrl, PostgresStore, ServerOptions, ServerUrl};

/// The server's address.
pub(crate) fn address() -> String {
    std::env::var("KERNIA_TEST_POSTGRES").expect("start the servers with tests/servers and source their env")
}

/// What `text` says.
pub(crate) fn url(text: &str) -> ServerUrl {
    match text.parse() {
        Ok(DatabaseUrl::Postgres(url)) => url,
        other => panic!("{other:?}"),
    }
}

/// A schema that nobody else uses.
pub(crate) fn options() -> ServerOptions {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let schema = Some(format!("test \"{}\\{now}\\{number}", std::process::id()));
    ServerOptions { schema, ..ServerOptions::default() }
}

pub(crate) fn store(schema: &Arc<Schema>, options: &ServerOptions) -> PostgresStore {
    PostgresStore::open(&url(&address()), Arc::clone(schema), options).unwrap()
}

/// A store in a place of its own, with its tables.
pub(crate) async fn fresh(schema: &Arc<Schema>) -> PostgresStore {
    let store = store(schema, &options());
    store.migrate().await.unwrap();
    store
}

pub(crate) fn threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}
