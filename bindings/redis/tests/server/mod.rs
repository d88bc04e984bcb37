//! The Redis server that the tests use.
#![allow(dead_code, reason = "not every test uses all of it")]

use std::{
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use kernia_redis::{RedisCache, RedisOptions};

pub(crate) fn url() -> String {
    std::env::var("KERNIA_TEST_REDIS").expect("start the servers with tests/servers and source their env")
}

/// A key prefix that nothing else uses.
pub(crate) fn unique_prefix(name: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{name}-{}-{nanos}-{}:", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn options(prefix: &str) -> RedisOptions {
    let mut options = RedisOptions::default();
    options.key_prefix = prefix.to_owned();
    options
}

pub(crate) async fn client(prefix: &str) -> RedisCache {
    RedisCache::connect(&url(), options(prefix)).await.unwrap()
}
