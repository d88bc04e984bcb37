//! Counting requests in the memory of this process.

use std::fmt;

use super::shards::Shards;
use crate::{
    store::{Hit, HitVerdict},
    wire::date::Timestamp,
};

/// How many keys are counted at once (the reference's `MEMORY_STORE_MAX_ENTRIES`).
const CAPACITY: usize = 100_000;

/// The reference's memory storage for rate limits (`api/rate-limiter`, `decideConsume`): a window starts anew with every
/// request it allows, and ends when none was allowed for its length.
pub struct Limiter {
    counters: Shards<Counter>,
}

#[derive(Clone, Copy)]
struct Counter {
    count: u64,
    last_request: Timestamp,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new()
    }
}

impl Limiter {
    /// A limiter that has counted nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { counters: Shards::new(CAPACITY) }
    }

    /// Counts a request, unless the limit is reached.
    pub fn hit(&self, hit: Hit) -> HitVerdict {
        let window = Window::of(&hit);
        let Hit { key, max, now, .. } = hit;
        self.counters.with(&key, |shard| {
            let known = shard.get(&key, now).copied();
            let count = match known {
                Some(counter) if !window.is_over(counter, now) => {
                    if counter.count >= max {
                        return HitVerdict::Denied { retry_after_secs: window.rest(counter, now) };
                    }
                    counter.count + 1
                }
                _ => 1,
            };
            shard.put(key.clone(), Counter { count, last_request: now }, now.plus_millis(window.millis), now);
            HitVerdict::Allowed
        })
    }

    /// Forgets what was counted under `key`.
    pub fn forget(&self, key: &str) {
        self.counters.with(key, |shard| shard.remove(key));
    }

    /// How many keys are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counters.len()
    }

    /// True when nothing was counted yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

struct Window {
    millis: i64,
}

impl Window {
    fn of(hit: &Hit) -> Self {
        Self { millis: i64::try_from(hit.window_secs.saturating_mul(1000)).unwrap_or(i64::MAX) }
    }

    fn is_over(&self, counter: Counter, now: Timestamp) -> bool {
        now.millis_since(counter.last_request) >= self.millis
    }

    /// Seconds until the window is over, rounded up.
    fn rest(&self, counter: Counter, now: Timestamp) -> u64 {
        let rest = counter.last_request.plus_millis(self.millis).millis_since(now);
        u64::try_from(rest).unwrap_or_default().div_ceil(1000)
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(limiter: &Limiter, key: &str, max: u64, millis: i64) -> HitVerdict {
        limiter.hit(Hit { key: key.to_owned(), window_secs: 10, max, now: Timestamp::from_millis(millis) })
    }

    const DENIED: fn(u64) -> HitVerdict = |retry_after_secs| HitVerdict::Denied { retry_after_secs };

    #[test]
    fn the_limit_holds_within_a_window() {
        let limiter = Limiter::new();
        for _ in 0..3 {
            assert_eq!(hit(&limiter, "a", 3, 1_000), HitVerdict::Allowed);
        }
        assert_eq!(hit(&limiter, "a", 3, 1_001), DENIED(10));
        assert_eq!(hit(&limiter, "a", 3, 10_999), DENIED(1));
        assert_eq!(hit(&limiter, "b", 3, 1_001), HitVerdict::Allowed);
        assert_eq!(hit(&limiter, "a", 3, 11_000), HitVerdict::Allowed);
    }

    #[test]
    fn an_allowed_request_extends_the_window_and_a_denied_one_does_not() {
        let limiter = Limiter::new();
        assert_eq!(hit(&limiter, "a", 2, 0), HitVerdict::Allowed);
        assert_eq!(hit(&limiter, "a", 2, 9_000), HitVerdict::Allowed);
        assert_eq!(hit(&limiter, "a", 2, 18_000), DENIED(1));
        assert_eq!(hit(&limiter, "a", 2, 18_999), DENIED(1));
        assert_eq!(hit(&limiter, "a", 2, 19_000), HitVerdict::Allowed);
        assert_eq!(hit(&limiter, "a", 2, 19_000), HitVerdict::Allowed);
    }

    #[test]
    fn the_first_request_passes_even_a_limit_of_zero() {
        let limiter = Limiter::new();
        assert_eq!(hit(&limiter, "a", 0, 0), HitVerdict::Allowed);
        assert_eq!(hit(&limiter, "a", 0, 1), DENIED(10));
    }

    #[test]
    fn case_171_a_flood_of_keys_does_not_grow_it_without_bound() {
        let limiter = Limiter::new();
        for key in 0..120_000_u32 {
            hit(&limiter, &key.to_string(), 3, 0);
        }
        assert!(limiter.len() <= CAPACITY && limiter.len() > CAPACITY / 2);
    }
}
