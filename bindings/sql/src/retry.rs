//! Accesses that are tried again.

use std::hash::{BuildHasher as _, RandomState};

use kernia::store::{
    StorageError,
    sql::{Attempts, Fault},
};
use tokio::time::sleep;

/// Lets `access` try until it succeeds or the answer is decided, and rests in between. It is told whether to take a connection that
/// knows nothing of earlier ones.
///
/// # Errors
/// The answer to the access.
pub async fn attempt<T, F>(mut access: impl FnMut(bool) -> F) -> Result<T, StorageError>
where
    F: Future<Output = Result<T, Fault>>,
{
    let mut attempts = Attempts::default();
    loop {
        match access(attempts.fresh()).await {
            Ok(answer) => return Ok(answer),
            Err(fault) => sleep(attempts.after(fault, RandomState::new().hash_one(()))?).await,
        }
    }
}
