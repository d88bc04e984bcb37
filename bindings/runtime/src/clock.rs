//! The machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use kernia::wire::date::{Clock, Timestamp};

/// The operating system's clock, in whole milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock before 1970 is a broken one; everything signed then has long expired either way.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_present() {
        let now = SystemClock.now();
        assert!(now > Timestamp::from_secs(1_700_000_000));
        assert!(now < Timestamp::from_secs(7_258_118_400), "milliseconds, not microseconds");
    }
}
