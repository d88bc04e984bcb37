//! Secondary storage in the memory of this process.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::shards::{Shard, Shards};
use crate::{
    store::{Cache, CacheOp, CacheReply, StorageError},
    wire::date::{Clock, Timestamp},
};

/// A [`Cache`] that forgets when the process ends.
pub struct MemoryCache {
    clock: Arc<dyn Clock>,
    entries: Shards<String>,
}

/// One member of an index, as the reference writes it.
#[derive(Deserialize, Serialize)]
struct Member {
    token: String,
    #[serde(rename = "expiresAt")]
    expires_at: i64,
}

impl MemoryCache {
    /// How many keys are kept unless something else is asked for.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// An empty cache that tells time by `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_capacity(clock, Self::DEFAULT_CAPACITY)
    }

    /// An empty cache for about `capacity` keys. When it is full, the expired go first, then those that expire next.
    #[must_use]
    pub fn with_capacity(clock: Arc<dyn Clock>, capacity: usize) -> Self {
        Self { clock, entries: Shards::new(capacity) }
    }

    fn act(&self, op: CacheOp) -> Result<CacheReply, StorageError> {
        let now = self.clock.now();
        match op {
            CacheOp::Get { key } => {
                Ok(CacheReply::Value(self.entries.with(&key, |shard| shard.get(&key, now).cloned())))
            }
            CacheOp::Take { key } => Ok(CacheReply::Value(self.entries.with(&key, |shard| shard.take(&key, now)))),
            CacheOp::Set { key, value, ttl_secs } => {
                self.entries.with(&key, |shard| {
                    shard.put(key.clone(), value, later(now, ttl_secs), now);
                });
                Ok(CacheReply::Done)
            }
            CacheOp::Delete { key } => {
                self.entries.with(&key, |shard| shard.take(&key, now));
                Ok(CacheReply::Done)
            }
            CacheOp::Increment { key, ttl_secs } => {
                self.entries.with(&key, |shard| increment(shard, &key, ttl_secs, now))
            }
            CacheOp::IndexPut { key, token, expires_at, now: moment } => {
                self.reindex(&key, moment, |members| {
                    members.retain(|member| member.token != token);
                    members.push(Member { token, expires_at: expires_at.as_millis() });
                });
                Ok(CacheReply::Done)
            }
            CacheOp::IndexDrop { key, tokens, now: moment } => {
                self.reindex(&key, moment, |members| {
                    members.retain(|member| !tokens.contains(&member.token));
                });
                Ok(CacheReply::Done)
            }
        }
    }

    /// Changes the index at `key`; it lives as long as its longest member, in whole seconds.
    fn reindex(&self, key: &str, moment: Timestamp, change: impl FnOnce(&mut Vec<Member>)) {
        let now = self.clock.now();
        self.entries.with(key, |shard| {
            let list = shard.take(key, now);
            let mut members: Vec<Member> = list.and_then(|list| serde_json::from_str(&list).ok()).unwrap_or_default();
            members.retain(|member| member.expires_at > moment.as_millis());
            change(&mut members);
            members.sort_by_key(|member| member.expires_at);
            let life =
                members.last().map_or(0, |last| Timestamp::from_millis(last.expires_at).millis_since(moment) / 1000);
            if life > 0
                && let Ok(list) = serde_json::to_string(&members)
            {
                shard.put(key.to_owned(), list, now.plus_secs(life), now);
            }
        });
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn perform(&self, op: CacheOp) -> Result<CacheReply, StorageError> {
        self.act(op)
    }
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCache").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

fn increment(shard: &mut Shard<String>, key: &str, ttl_secs: u64, now: Timestamp) -> Result<CacheReply, StorageError> {
    if let Some(counter) = shard.get(key, now) {
        let count =
            counter.parse::<u64>().map_err(|_| StorageError::Failed("the key does not hold a counter".to_owned()))?;
        let count = count.saturating_add(1);
        *counter = count.to_string();
        return Ok(CacheReply::Count(count));
    }
    shard.put(key.to_owned(), "1".to_owned(), later(now, ttl_secs), now);
    Ok(CacheReply::Count(1))
}

fn later(now: Timestamp, ttl_secs: u64) -> Timestamp {
    now.plus_secs(i64::try_from(ttl_secs.max(1)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::date::FixedClock;

    const START: i64 = 1_700_000_000_000;

    fn cache() -> (Arc<FixedClock>, MemoryCache) {
        let clock = Arc::new(FixedClock::new(Timestamp::from_millis(START)));
        (Arc::clone(&clock), MemoryCache::new(clock))
    }

    fn moment(secs: i64) -> Timestamp {
        Timestamp::from_millis(START).plus_secs(secs)
    }

    fn get(cache: &MemoryCache, key: &str) -> Option<String> {
        match cache.act(CacheOp::Get { key: key.to_owned() }) {
            Ok(CacheReply::Value(value)) => value,
            other => panic!("{other:?}"),
        }
    }

    fn set(cache: &MemoryCache, key: &str, value: &str, ttl_secs: u64) {
        cache.act(CacheOp::Set { key: key.to_owned(), value: value.to_owned(), ttl_secs }).unwrap();
    }

    #[test]
    fn values_expire() {
        let (clock, cache) = cache();
        set(&cache, "k", "v", 10);
        clock.set(moment(9));
        assert_eq!(get(&cache, "k").as_deref(), Some("v"));
        clock.set(moment(10));
        assert_eq!(get(&cache, "k"), None);
    }

    #[test]
    fn a_value_is_taken_once() {
        let (_, cache) = cache();
        set(&cache, "k", "v", 10);
        let take = || cache.act(CacheOp::Take { key: "k".to_owned() });
        assert_eq!(take(), Ok(CacheReply::Value(Some("v".to_owned()))));
        assert_eq!(take(), Ok(CacheReply::Value(None)));
        set(&cache, "k", "v", 10);
        cache.act(CacheOp::Delete { key: "k".to_owned() }).unwrap();
        assert_eq!(get(&cache, "k"), None);
    }

    #[test]
    fn of_many_threads_one_takes_the_value() {
        let (_, cache) = cache();
        set(&cache, "k", "v", 10);
        let won = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    if let Ok(CacheReply::Value(Some(_))) = cache.act(CacheOp::Take { key: "k".to_owned() }) {
                        won.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(won.into_inner(), 1);
    }

    #[test]
    fn a_counter_keeps_the_lifetime_of_its_first_increment() {
        let (clock, cache) = cache();
        let increment = || cache.act(CacheOp::Increment { key: "k".to_owned(), ttl_secs: 10 });
        assert_eq!(increment(), Ok(CacheReply::Count(1)));
        clock.set(moment(9));
        assert_eq!(increment(), Ok(CacheReply::Count(2)));
        clock.set(moment(10));
        assert_eq!(increment(), Ok(CacheReply::Count(1)));
        set(&cache, "k", "text", 10);
        assert!(increment().is_err());
    }

    #[test]
    fn an_index_is_sorted_and_lives_as_long_as_its_members() {
        let (clock, cache) = cache();
        let put = |token: &str, expires_at| {
            let now = clock.now();
            cache.act(CacheOp::IndexPut { key: "k".to_owned(), token: token.to_owned(), expires_at, now }).unwrap();
        };
        put("b", moment(20));
        put("a", moment(10));
        let list = format!(
            r#"[{{"token":"a","expiresAt":{}}},{{"token":"b","expiresAt":{}}}]"#,
            START + 10_000,
            START + 20_000
        );
        assert_eq!(get(&cache, "k"), Some(list));
        clock.set(moment(10));
        put("b", moment(30));
        assert_eq!(get(&cache, "k"), Some(format!(r#"[{{"token":"b","expiresAt":{}}}]"#, START + 30_000)));
        clock.set(moment(30));
        assert_eq!(get(&cache, "k"), None);
    }

    #[test]
    fn an_index_without_members_is_gone() {
        let (clock, cache) = cache();
        let now = clock.now();
        cache
            .act(CacheOp::IndexPut { key: "k".to_owned(), token: "a".to_owned(), expires_at: moment(10), now })
            .unwrap();
        cache.act(CacheOp::IndexDrop { key: "k".to_owned(), tokens: vec!["a".to_owned()], now }).unwrap();
        assert_eq!((get(&cache, "k"), cache.entries.len()), (None, 0));
    }
}
