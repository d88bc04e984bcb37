//! Opening secondary storage.

use std::sync::Arc;

use kernia::store::{Cache, memory::MemoryCache};
use kernia_redis::RedisCache;
use kernia_runtime::SystemClock;

use crate::{
    config::{SecondaryStorage, SecondaryUrl},
    failure::Failure,
};

/// Opens secondary storage. It must answer now; what becomes of it later is told request by request.
pub(crate) async fn open(secondary: &SecondaryStorage) -> Result<Arc<dyn Cache>, Failure> {
    match &secondary.url {
        SecondaryUrl::Memory => Ok(Arc::new(MemoryCache::new(Arc::new(SystemClock)))),
        SecondaryUrl::Redis(url) => {
            let cache = RedisCache::connect(url, secondary.redis_options()).await;
            Ok(Arc::new(cache.map_err(Failure::SecondaryStorage)?))
        }
    }
}
