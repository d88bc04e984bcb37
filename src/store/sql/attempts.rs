//! Trying again what failed because of others.

use std::time::Duration;

use crate::store::StorageError;

/// How often a transaction is tried that others keep from going through.
const ATTEMPTS: u32 = 12;
/// The longest rest between two attempts, in milliseconds.
const REST_MAX: u64 = 64;

/// Why an access failed.
#[derive(Debug)]
pub enum Fault {
    /// The database took everything back because of what others did at the same time.
    Crossed,
    /// A lock was waited for in vain, and everything was taken back. Tried once more, as a deadlock may look like this.
    Waited,
    /// The connection, or what was prepared on it, is of no more use, and nothing was changed.
    Stale(StorageError),
    /// Trying again is useless, or would be wrong because it may have been done.
    Final(StorageError),
}

impl Fault {
    /// The answer to an access that is not tried again; `text` says what others did to it.
    #[must_use]
    pub fn decided(self, text: impl FnOnce() -> String) -> StorageError {
        match self {
            Self::Crossed => StorageError::Unavailable(text()),
            Self::Waited => StorageError::Timeout,
            Self::Stale(error) | Self::Final(error) => error,
        }
    }
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        Self::Final(error)
    }
}

/// The attempts at one access.
#[derive(Debug, Default)]
pub struct Attempts {
    number: u32,
    fresh: bool,
    waited: bool,
}

impl Attempts {
    /// Whether the next attempt needs a new connection, or one on which nothing is prepared.
    #[must_use]
    pub fn fresh(&self) -> bool {
        self.fresh
    }

    /// How long to rest before the next attempt, if there is to be one: a part of the longest rest, as `draw` has it, which is any
    /// random number.
    ///
    /// # Errors
    /// The answer to the access, if it is decided.
    pub fn after(&mut self, fault: Fault, draw: u64) -> Result<Duration, StorageError> {
        self.number += 1;
        match fault {
            Fault::Final(error) => Err(error),
            Fault::Stale(error) if self.fresh => Err(error),
            Fault::Stale(_) => {
                self.fresh = true;
                Ok(Duration::ZERO)
            }
            Fault::Waited if self.waited => Err(StorageError::Timeout),
            Fault::Waited => {
                self.waited = true;
                Ok(Duration::ZERO)
            }
            Fault::Crossed if self.number >= ATTEMPTS => {
                Err(StorageError::Unavailable("the transaction was crossed by others too often".to_owned()))
            }
            Fault::Crossed => Ok(rest(self.number, draw)),
        }
    }
}

/// A random time that may be twice as long after each attempt.
fn rest(number: u32, draw: u64) -> Duration {
    let most = (1000 << number.min(6)).min(REST_MAX * 1000);
    Duration::from_micros(draw % most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone() -> StorageError {
        StorageError::Unavailable("gone".to_owned())
    }

    #[test]
    fn case_217_what_others_crossed_is_tried_again_for_a_while() {
        let mut attempts = Attempts::default();
        for number in 1..ATTEMPTS {
            assert_eq!((attempts.after(Fault::Crossed, 7), attempts.fresh()), (Ok(rest(number, 7)), false));
        }
        assert!(matches!(attempts.after(Fault::Crossed, 7), Err(StorageError::Unavailable(_))));
        assert!((0..=ATTEMPTS).all(|number| rest(number, u64::MAX) <= Duration::from_millis(REST_MAX)));
        assert_ne!(rest(6, 1), rest(6, 2));
    }

    #[test]
    fn a_stale_connection_is_replaced_once() {
        let mut attempts = Attempts::default();
        assert_eq!((attempts.after(Fault::Stale(gone()), 7), attempts.fresh()), (Ok(Duration::ZERO), true));
        assert_eq!(attempts.after(Fault::Stale(gone()), 7), Err(gone()));
    }

    #[test]
    fn a_lock_is_waited_for_twice() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.after(Fault::Waited, 7), Ok(Duration::ZERO));
        assert_eq!(attempts.after(Fault::Waited, 7), Err(StorageError::Timeout));
    }

    #[test]
    fn case_213_what_may_have_been_done_is_not_tried_again() {
        assert_eq!(Attempts::default().after(gone().into(), 7), Err(gone()));
    }
}
