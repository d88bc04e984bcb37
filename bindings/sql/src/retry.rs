//! Trying again what failed because of others.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use kernia::store::StorageError;
use tokio::time::sleep;

/// How often a transaction is tried that others keep from going through.
const ATTEMPTS: u32 = 12;
/// The longest rest between two attempts, in milliseconds.
const REST_MAX: u64 = 64;

/// Why an access failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database took everything back because of what others did at the same time.
    Crossed,
    /// A lock was waited for in vain, and everything was taken back. Tried once more, as a deadlock may look like this.
    Waited,
    /// The connection, or what was prepared on it, is of no more use, and nothing was changed.
    Stale(StorageError),
    /// Trying again is useless, or would be wrong because it may have been done.
    Final(StorageError),
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        Self::Final(error)
    }
}

/// The attempts at one access.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    number: u32,
    fresh: bool,
    waited: bool,
}

impl Attempts {
    /// Whether the next attempt needs a new connection.
    pub(crate) fn fresh(&self) -> bool {
        self.fresh
    }

    /// Rests before the next attempt, if there is to be one.
    ///
    /// # Errors
    /// The answer to the access, if it is decided.
    pub(crate) async fn after(&mut self, fault: Fault) -> Result<(), StorageError> {
        self.number += 1;
        match fault {
            Fault::Final(error) => Err(error),
            Fault::Stale(error) if self.fresh => Err(error),
            Fault::Stale(_) => {
                self.fresh = true;
                Ok(())
            }
            Fault::Waited if self.waited => Err(StorageError::Timeout),
            Fault::Waited => {
                self.waited = true;
                Ok(())
            }
            Fault::Crossed if self.number >= ATTEMPTS => {
                Err(StorageError::Unavailable("the transaction was crossed by others too often".to_owned()))
            }
            Fault::Crossed => {
                sleep(rest(self.number)).await;
                Ok(())
            }
        }
    }
}

/// A random time that may be twice as long after each attempt.
fn rest(number: u32) -> Duration {
    let most = (1000 << number.min(6)).min(REST_MAX * 1000);
    Duration::from_micros(RandomState::new().hash_one(number) % most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone() -> StorageError {
        StorageError::Unavailable("gone".to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn case_217_what_others_crossed_is_tried_again_for_a_while() {
        let mut attempts = Attempts::default();
        for _ in 1..ATTEMPTS {
            assert_eq!((attempts.after(Fault::Crossed).await, attempts.fresh()), (Ok(()), false));
        }
        assert!(matches!(attempts.after(Fault::Crossed).await, Err(StorageError::Unavailable(_))));
        assert!((0..=ATTEMPTS).all(|number| rest(number) <= Duration::from_millis(REST_MAX)));
    }

    #[tokio::test]
    async fn a_stale_connection_is_replaced_once() {
        let mut attempts = Attempts::default();
        assert_eq!((attempts.after(Fault::Stale(gone())).await, attempts.fresh()), (Ok(()), true));
        assert_eq!(attempts.after(Fault::Stale(gone())).await, Err(gone()));
    }

    #[tokio::test]
    async fn a_lock_is_waited_for_twice() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.after(Fault::Waited).await, Ok(()));
        assert_eq!(attempts.after(Fault::Waited).await, Err(StorageError::Timeout));
    }

    #[tokio::test]
    async fn case_213_what_may_have_been_done_is_not_tried_again() {
        assert_eq!(Attempts::default().after(gone().into()).await, Err(gone()));
    }
}
