//! A database with a replica that may answer what need not be the latest.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use kernia::{
    schema::Schema,
    store::{
        Batch, Consistency, Query, Rows, Storage, StorageError,
        sql::{Dialect, Live, Plan},
    },
};

use crate::Database;

/// How long a replica that failed is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(5);

/// A database, and a copy of it that lags. Reads that allow it ([`Consistency::Stale`]) go to the copy; when that fails, the
/// database answers, and for a few seconds all that comes.
pub struct Replicated {
    primary: Arc<dyn Database>,
    replica: Arc<dyn Storage>,
    failed: Mutex<Option<Instant>>,
}

impl Replicated {
    /// `primary` with `replica` beside it.
    #[must_use]
    pub fn new(primary: Arc<dyn Database>, replica: Arc<dyn Storage>) -> Self {
        Self { primary, replica, failed: Mutex::default() }
    }

    fn usable(&self) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_none_or(|failed| failed.elapsed() >= LEFT_ALONE)
    }
}

#[async_trait]
impl Storage for Replicated {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        if query.consistency == Consistency::Stale && self.usable() {
            if let Ok(rows) = self.replica.read(query.clone()).await {
                return Ok(rows);
            }
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        self.primary.read(query).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        self.primary.write(batch).await
    }
}

#[async_trait]
impl Database for Replicated {
    fn dialect(&self) -> Dialect {
        self.primary.dialect()
    }

    fn schema(&self) -> &Arc<Schema> {
        self.primary.schema()
    }

    async fn version(&self) -> Result<Option<String>, StorageError> {
        self.primary.version().await
    }

    async fn live(&self) -> Result<Live, StorageError> {
        self.primary.live().await
    }

    async fn plan(&self) -> Result<Plan, StorageError> {
        self.primary.plan().await
    }

    async fn migrate(&self) -> Result<Plan, StorageError> {
        self.primary.migrate().await
    }
}

impl fmt::Debug for Replicated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replicated").field("primary", &self.primary).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use kernia::store::{Filter, contract, memory::MemoryStore};

    use super::*;

    /// Counts what it is asked, and fails if told.
    struct Counted {
        store: Option<MemoryStore>,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Storage for Counted {
        async fn read(&self, query: Query) -> Result<Rows, StorageError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            match &self.store {
                Some(store) => store.read(query).await,
                None => Err(StorageError::Timeout),
            }
        }

        async fn write(&self, _: Batch) -> Result<Vec<Rows>, StorageError> {
            panic!("nothing is written to a replica")
        }
    }

    async fn replicated(works: bool) -> (Replicated, Arc<Counted>) {
        let schema = Arc::new(contract::schema());
        let primary =
            crate::SqliteStore::open(":memory:", Arc::clone(&schema), &crate::SqliteOptions::default()).unwrap();
        primary.migrate().await.unwrap();
        let row = kernia::store::Row::new().with("id", "1").with("body", "");
        primary.write(Batch::new().insert("note", row)).await.unwrap();
        let replica = Counted { store: works.then(|| MemoryStore::new(schema)), asked: AtomicUsize::new(0) };
        let replica = Arc::new(replica);
        (Replicated::new(Arc::new(primary), Arc::clone(&replica) as Arc<dyn Storage>), replica)
    }

    fn notes(consistency: Consistency) -> Query {
        Query { consistency, ..Query::count("note", Filter::All) }
    }

    #[tokio::test]
    async fn only_what_may_be_stale_is_asked_of_the_replica() {
        let (store, replica) = replicated(true).await;
        assert_eq!(store.read(notes(Consistency::Stale)).await.unwrap().count, 0);
        assert_eq!(store.read(notes(Consistency::Latest)).await.unwrap().count, 1);
        store.write(Batch::new().delete("note", Filter::All, kernia::store::Expect::Rows(1))).await.unwrap();
        assert_eq!(replica.asked.load(Ordering::Relaxed), 1);
        assert!(store.plan().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_replica_that_fails_is_left_alone_for_a_while() {
        let (store, replica) = replicated(false).await;
        for _ in 0..3 {
            assert_eq!(store.read(notes(Consistency::Stale)).await.unwrap().count, 1);
        }
        assert_eq!(replica.asked.load(Ordering::Relaxed), 1);
        *store.failed.lock().unwrap() = Instant::now().checked_sub(LEFT_ALONE);
        assert_eq!(store.read(notes(Consistency::Stale)).await.unwrap().count, 1);
        assert_eq!(replica.asked.load(Ordering::Relaxed), 2);
    }
}
