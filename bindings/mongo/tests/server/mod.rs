//! The server that `tests/servers` started, and databases of their own on it.
#![allow(dead_code, reason = "each test file uses a part")]

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use kernia::schema::Schema;
use kernia_mongo::{Atomicity, MongoOptions, MongoStore};
use mongodb::{
    Client, Database,
    bson::{Document, doc},
};

/// A store, and its database without the store.
pub(crate) struct Opened {
    pub(crate) store: MongoStore,
    pub(crate) database: Database,
    collections: Vec<String>,
}

/// The server's address.
pub(crate) fn url() -> String {
    match std::env::var("KERNIA_TEST_MONGODB") {
        Ok(url) => url,
        Err(_) => panic!("start the servers with tests/servers and source their env"),
    }
}

/// A name that no other database has.
pub(crate) fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("t{}_{}_{}", std::process::id(), since.as_micros(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An empty database of its own, with its indexes.
pub(crate) async fn open(schema: &Schema, atomicity: Atomicity) -> Opened {
    let mut options = MongoOptions::default();
    options.atomicity = Some(atomicity);
    let opened = open_with(schema, options).await;
    opened.store.migrate().await.unwrap();
    opened
}

/// An empty database of its own.
pub(crate) async fn open_with(schema: &Schema, mut options: MongoOptions) -> Opened {
    let name = options.database.get_or_insert_with(fresh_name).clone();
    let store = MongoStore::connect(&url(), schema, options).await.unwrap();
    let database = Client::with_uri_str(url()).await.unwrap().database(&name);
    let collections = schema.tables().iter().map(|table| table.physical.to_string()).collect();
    Opened { store, database, collections }
}

impl Opened {
    /// Removes all documents. The stand-in cannot drop a database, and each transaction of it takes longer the more there is.
    pub(crate) async fn clear(&self) {
        for name in &self.collections {
            self.database.collection::<Document>(name).delete_many(doc! {}).await.unwrap();
        }
    }
}
