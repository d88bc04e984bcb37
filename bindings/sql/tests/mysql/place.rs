//! Places for tests in one server: each test has a database of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use kernia::schema::Schema;
use kernia_sql::{Database as _, DatabaseUrl, MySqlStore, ServerOptions, ServerUrl};
use mysql_async::{Conn, prelude::Queryable as _};

/// The collation in which texts are equal only if they are the same: what the contract asks for.
pub(crate) const EXACT: &str = "utf8mb4_nopad_bin";
/// The one that a server may have by default.
pub(crate) const LOOSE: &str = "utf8mb4_general_ci";

/// The server's address, with its database.
fn address() -> String {
    std::env::var("KERNIA_TEST_MYSQL").expect("start the servers with tests/servers and source their env")
}

/// What `text` says.
pub(crate) fn url(text: &str) -> ServerUrl {
    match text.parse() {
        Ok(DatabaseUrl::MySql(url)) => url,
        other => panic!("{other:?}"),
    }
}

/// The address of a database that nobody else uses.
pub(crate) async fn database(collation: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let name = format!("test_{}_{now}_{number}", std::process::id());
    let mut conn = Conn::new(mysql_async::Opts::from_url(&address()).unwrap()).await.unwrap();
    conn.query_drop(format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE {collation}")).await.unwrap();
    let address = address();
    format!("{}/{name}", address.rsplit_once('/').unwrap().0)
}

pub(crate) fn store(address: &str, schema: &Arc<Schema>) -> MySqlStore {
    MySqlStore::open(&url(address), Arc::clone(schema), &ServerOptions::default()).unwrap()
}

/// A store in a place of its own, with its tables.
pub(crate) async fn fresh(schema: &Arc<Schema>, collation: &str) -> MySqlStore {
    let store = store(&database(collation).await, schema);
    store.migrate().await.unwrap();
    store
}

pub(crate) fn threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}
