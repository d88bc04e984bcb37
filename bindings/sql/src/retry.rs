//! Resting between attempts.

use std::hash::{BuildHasher as _, RandomState};

use kernia::store::{
    StorageError,
    sql::{Attempts, Fault},
};
use tokio::time::sleep;

/// Rests before the next attempt, if there is to be one.
///
/// # Errors
/// The answer to the access, if it is decided.
pub(crate) async fn rest(attempts: &mut Attempts, fault: Fault) -> Result<(), StorageError> {
    sleep(attempts.after(fault, RandomState::new().hash_one(()))?).await;
    Ok(())
}
