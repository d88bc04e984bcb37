//! Redis (or Valkey, or anything that speaks its protocol and runs its scripts) as secondary storage.
//!
//! ```no_run
//! # async fn example() -> Result<(), kernia::store::StorageError> {
//! use kernia_redis::{RedisCache, RedisOptions};
//!
//! let cache = RedisCache::connect("rediss://:password@cache.internal:6379/0", RedisOptions::default()).await?;
//! # drop(cache);
//! # Ok(())
//! # }
//! ```

mod cache;
mod error;
mod options;
mod scripts;

pub use cache::RedisCache;
pub use options::RedisOptions;
