//! Removing what has expired.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kernia::{
    Engine,
    store::{Batch, Name, Rows, StorageError},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::metrics::Exposition;

/// How often expired rows are removed, and how many at once.
#[derive(Clone, Copy, Debug)]
pub struct JanitorSettings {
    /// How long it rests when nothing is left to remove.
    pub interval: Duration,
    /// How many rows of each table one batch removes, so that nobody waits long for a lock.
    pub limit: u32,
}

impl Default for JanitorSettings {
    fn default() -> Self {
        Self { interval: Duration::from_secs(60), limit: 1000 }
    }
}

/// Counts the rows removed, by table.
#[derive(Debug, Default)]
pub(crate) struct Removed(Mutex<BTreeMap<Name, u64>>);

impl Removed {
    pub(crate) fn expose(&self, out: &mut Exposition) {
        let name = "kernia_janitor_removed_rows_total";
        out.family(name, "counter", "Expired rows removed, by table.");
        for (table, count) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            out.sample(name, &[("table", table.as_ref())], count);
        }
    }

    fn add(&self, table: Name, count: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(table).or_default() += count;
    }
}

/// Sweeps for ever. A sweep that fails is logged and tried again after the next rest.
pub(crate) async fn run<F>(engine: Engine, settings: JanitorSettings, removed: &Removed, write: impl Fn(Batch) -> F)
where
    F: Future<Output = Result<Vec<Rows>, StorageError>>,
{
    let rest = settings.interval.max(Duration::from_millis(1));
    let mut rests = interval_at(Instant::now() + rest, rest);
    rests.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rests.tick().await;
        match sweep(&engine, settings.limit.max(1), removed, &write).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "expired rows were removed"),
            Err(error) => tracing::warn!(%error, "expired rows could not be removed"),
        }
    }
}

/// Removes all that has expired, batch after batch, and answers how many rows that were.
async fn sweep<F>(
    engine: &Engine,
    limit: u32,
    removed: &Removed,
    write: &impl Fn(Batch) -> F,
) -> Result<u64, StorageError>
where
    F: Future<Output = Result<Vec<Rows>, StorageError>>,
{
    let mut total = 0;
    loop {
        let batch = engine.janitor(limit);
        if batch.is_empty() {
            return Ok(total);
        }
        let tables: Vec<_> = batch.statements.iter().map(|statement| statement.table().clone()).collect();
        let mut full = false;
        for (table, rows) in tables.into_iter().zip(write(batch).await?) {
            full |= rows.count >= u64::from(limit);
            total += rows.count;
            removed.add(table, rows.count);
        }
        if !full {
            return Ok(total);
        }
        tokio::task::yield_now().await;
    }
}
