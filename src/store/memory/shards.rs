//! A bounded map of keys that expire, split so that unrelated keys do not wait for each other.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

use crate::wire::date::Timestamp;

const SHARDS: usize = 16;

pub(super) struct Shards<V> {
    hasher: RandomState,
    shards: Vec<Mutex<Shard<V>>>,
}

/// The keys of one lock.
#[derive(Clone)]
pub(super) struct Shard<V> {
    entries: HashMap<String, Entry<V>>,
    capacity: usize,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    expires_at: Timestamp,
}

impl<V> Shards<V> {
    /// Room for about `capacity` keys, at least one for each lock.
    pub(super) fn new(capacity: usize) -> Self {
        let capacity = capacity.div_ceil(SHARDS).max(1);
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard { entries: HashMap::new(), capacity }));
        Self { hasher: RandomState::new(), shards: shards.collect() }
    }

    /// Runs `act` with the lock of `key`.
    pub(super) fn with<R>(&self, key: &str, act: impl FnOnce(&mut Shard<V>) -> R) -> R {
        let shard = &self.shards[self.hasher.hash_one(key) as usize % SHARDS];
        act(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same keys and values, on their own from now on.
    pub(super) fn fork(&self) -> Self
    where
        V: Clone,
    {
        let copy = |shard: &Mutex<Shard<V>>| Mutex::new(shard.lock().unwrap_or_else(PoisonError::into_inner).clone());
        Self { hasher: self.hasher.clone(), shards: self.shards.iter().map(copy).collect() }
    }

    /// What has not expired.
    pub(super) fn live(&self, now: Timestamp) -> BTreeMap<String, V>
    where
        V: Clone,
    {
        let mut live = BTreeMap::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let entries = shard.entries.iter().filter(|(_, entry)| now < entry.expires_at);
            live.extend(entries.map(|(key, entry)| (key.clone(), entry.value.clone())));
        }
        live
    }

    /// How many keys are kept, expired ones included.
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).entries.len()).sum()
    }
}

impl<V> Shard<V> {
    /// The value at `key`, unless it has expired.
    pub(super) fn get(&mut self, key: &str, now: Timestamp) -> Option<&mut V> {
        self.entries.get_mut(key).filter(|entry| now < entry.expires_at).map(|entry| &mut entry.value)
    }

    pub(super) fn put(&mut self, key: String, value: V, expires_at: Timestamp, now: Timestamp) {
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&key) {
            self.make_room(now);
        }
        self.entries.insert(key, Entry { value, expires_at });
    }

    /// Takes the value at `key` out, unless it has expired.
    pub(super) fn take(&mut self, key: &str, now: Timestamp) -> Option<V> {
        self.entries.remove(key).filter(|entry| now < entry.expires_at).map(|entry| entry.value)
    }

    /// Forgets what has expired; if that is nothing, the sixteenth part that would expire next, so that a full shard is not
    /// searched at every insert.
    /// Removes a value, expired or not.
    pub(super) fn remove(&mut self, key: &str) {
        self.entries.remove(key);
    }

    fn make_room(&mut self, now: Timestamp) {
        self.entries.retain(|_, entry| now < entry.expires_at);
        if self.entries.len() < self.capacity {
            return;
        }
        let mut moments: Vec<_> = self.entries.values().map(|entry| entry.expires_at).collect();
        let (_, last, _) = moments.select_nth_unstable(self.capacity / 16);
        let mut surplus = self.capacity / 16 + 1;
        let last = *last;
        self.entries.retain(|_, entry| {
            let goes = surplus > 0 && entry.expires_at <= last;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_full_shard_forgets_the_expired_first() {
        let mut shard = Shard { entries: HashMap::new(), capacity: 2 };
        shard.put("old".to_owned(), 1, at(10), at(0));
        shard.put("new".to_owned(), 2, at(90), at(0));
        shard.put("next".to_owned(), 3, at(50), at(20));
        assert_eq!(shard.get("old", at(0)), None);
        assert_eq!(shard.get("new", at(20)).copied(), Some(2));
        assert_eq!(shard.entries.len(), 2);
    }

    #[test]
    fn a_full_shard_forgets_what_expires_next() {
        let mut shard = Shard { entries: HashMap::new(), capacity: 32 };
        for key in 0..33 {
            shard.put(key.to_string(), key, at(100 + i64::from(key)), at(0));
        }
        assert_eq!(shard.entries.len(), 32 - 3 + 1);
        assert!(["0", "1", "2"].iter().all(|key| shard.get(key, at(0)).is_none()));
        assert!(shard.get("3", at(0)).is_some() && shard.get("32", at(0)).is_some());
    }

    #[test]
    fn keys_are_spread_and_counted() {
        let shards = Shards::new(1600);
        for key in 0..100 {
            let key = key.to_string();
            shards.with(&key, |shard| shard.put(key.clone(), (), at(1), at(0)));
        }
        assert_eq!(shards.len(), 100);
    }
}
