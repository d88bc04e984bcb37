//! Secondary storage in the memory of this process.

use std::{collections::BTreeMap, fmt, sync::Arc};

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

    /// A cache of its own with the same content, by the same clock.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { clock: Arc::clone(&self.clock), entries: self.entries.fork() }
    }

    /// All that is kept and has not expired.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<String, String> {
        let now = self.clock.now();
        self.entries.live(now)
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
            CacheOp::Replace { key, expected, value, ttl_secs } => {
                let replaced = self.entries.with(&key, |shard| {
                    let fits = shard.get(&key, now).is_some_and(|held| *held == expected);
                    if fits {
                        shard.put(key.clone(), value, later(now, ttl_secs), now);
                    }
                    fits
                });
                Ok(CacheReply::Replaced(replaced))
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

    /// Changes the index at `key`; it lives as long as its longest member, in whole seconds rounded up.
    fn reindex(&self, key: &str, moment: Timestamp, change: impl FnOnce(&mut Vec<Member>)) {
        let now = self.clock.now();
        self.entries.with(key, |shard| {
            let list = shard.take(key, now);
            let mut members: Vec<Member> = list.and_then(|list| serde_json::from_str(&list).ok()).unwrap_or_default();
            members.retain(|member| member.expires_at > moment.as_millis());
            change(&mut members);
            members.sort_by_key(|member| member.expires_at);
            let life = members.last().map_or(0, |last| last.expires_at.saturating_sub(moment.as_millis()));
            let life = life.saturating_add(999) / 1000;
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
    use std::{
        pin::pin,
        sync::atomic::{AtomicUsize, Ordering},
        task::{Context, Waker},
    };

    use super::*;
    use crate::{store::contract::CACHE_CASES, wire::date::FixedClock};

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
    fn a_fork_goes_its_own_way() {
        let (clock, first) = cache();
        set(&first, "k", "v", 10);
        let second = first.fork();
        set(&first, "k", "w", 10);
        assert_eq!((get(&first, "k").as_deref(), get(&second, "k").as_deref()), (Some("w"), Some("v")));
        clock.set(moment(10));
        assert_eq!(get(&second, "k"), None);
    }

    #[test]
    fn the_contract_is_kept() {
        for case in CACHE_CASES {
            let (_, cache) = cache();
            let clients: [&dyn Cache; 1] = [&cache];
            let check = pin!(case.check(&clients));
            assert!(check.poll(&mut Context::from_waker(Waker::noop())).is_ready(), "{case:?} waits");
        }
    }

    #[test]
    fn case_216_threads_take_a_value_once_and_lose_nothing_of_an_index() {
        let (clock, cache) = cache();
        set(&cache, "value", "v", 10);
        let won = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for at in 0..16 {
                let (cache, won, now) = (&cache, &won, clock.now());
                scope.spawn(move || {
                    if let Ok(CacheReply::Value(Some(_))) = cache.act(CacheOp::Take { key: "value".to_owned() }) {
                        won.fetch_add(1, Ordering::SeqCst);
                    }
                    let (key, token, expires_at) = ("index".to_owned(), format!("t{at}"), moment(10));
                    cache.act(CacheOp::IndexPut { key, token, expires_at, now }).unwrap();
                });
            }
        });
        assert_eq!((won.into_inner(), get(&cache, "index").unwrap().matches("token").count()), (1, 16));
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
    }

    #[test]
    fn an_index_lives_as_long_as_its_members() {
        let (clock, cache) = cache();
        let now = clock.now();
        for (token, secs) in [("b", 20), ("a", 10)] {
            let (key, token, expires_at) = ("k".to_owned(), token.to_owned(), moment(secs));
            cache.act(CacheOp::IndexPut { key, token, expires_at, now }).unwrap();
        }
        let list = format!(
            r#"[{{"token":"a","expiresAt":{}}},{{"token":"b","expiresAt":{}}}]"#,
            START + 10_000,
            START + 20_000
        );
        clock.advance_millis(19_999);
        assert_eq!(get(&cache, "k"), Some(list));
        clock.set(moment(20));
        assert_eq!(get(&cache, "k"), None);
    }
}
