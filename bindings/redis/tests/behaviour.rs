//! Lifetimes, outages, and what errors tell.
#![allow(clippy::unwrap_used)]

mod server;

use std::time::{Duration, Instant};

use kernia::{
    store::{Cache, CacheOp, CacheReply, StorageError},
    wire::date::Timestamp,
};
use kernia_redis::{RedisCache, RedisOptions};
use server::{options, unique_prefix, url};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

fn set(key: &str, value: &str, ttl_secs: u64) -> CacheOp {
    CacheOp::Set { key: key.to_owned(), value: value.to_owned(), ttl_secs }
}

fn get(key: &str) -> CacheOp {
    CacheOp::Get { key: key.to_owned() }
}

/// Milliseconds that a key has left to live, asked without this crate.
async fn life(prefix: &str, key: &str) -> i64 {
    let client = redis::Client::open(url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("PTTL").arg(format!("{prefix}{key}")).query_async(&mut connection).await.unwrap()
}

#[tokio::test]
async fn everything_has_a_lifetime_and_the_prefix() {
    let prefix = unique_prefix("lifetimes");
    let cache = server::client(&prefix).await;
    let now = Timestamp::from_secs(1_700_000_000);
    let replace =
        CacheOp::Replace { key: "k".to_owned(), expected: "v".to_owned(), value: "w".to_owned(), ttl_secs: 500 };
    let increment = || CacheOp::Increment { key: "n".to_owned(), ttl_secs: 50 };
    let put = |secs, millis| CacheOp::IndexPut {
        key: "i".to_owned(),
        token: "t".to_owned(),
        expires_at: now.plus_secs(secs).plus_millis(millis),
        now,
    };
    for (op, key, secs) in [
        (set("k", "v", 100), "k", 100),
        (replace, "k", 500),
        (set("z", "v", 0), "z", 1),
        (increment(), "n", 50),
        (increment(), "n", 50),
        (put(200, 0), "i", 200),
        (put(300, 1), "i", 301),
    ] {
        cache.perform(op.clone()).await.unwrap();
        let left = life(&prefix, key).await;
        // Other tests may keep this one waiting, but not half a minute.
        assert!(left <= secs * 1000 && left > secs * 1000 - 30_000.min(secs * 1000), "{op:?} {key}: {left}");
    }
}

#[tokio::test]
async fn a_counter_is_not_prolonged_by_counting() {
    let prefix = unique_prefix("counter");
    let cache = server::client(&prefix).await;
    cache.perform(CacheOp::Increment { key: "n".to_owned(), ttl_secs: 50 }).await.unwrap();
    cache.perform(CacheOp::Increment { key: "n".to_owned(), ttl_secs: 5000 }).await.unwrap();
    assert!(life(&prefix, "n").await <= 50_000);
}

#[tokio::test]
async fn no_message_has_the_password() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let open = url().split_once("127.0.0.1").unwrap().1.to_owned();
    for (url, unavailable) in [
        (format!("redis://ada:hunter2@{closed}/0"), true),
        (format!("redis://ada:hunter2@127.0.0.1{open}"), true),
        (format!("rediss://ada:hunter2@{closed}/0"), true),
        ("redis://ada:hunter2@:x".to_owned(), false),
        ("postgres://ada:hunter2@localhost".to_owned(), false),
        ("hunter2".to_owned(), false),
    ] {
        let error = RedisCache::connect(&url, RedisOptions::default()).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("ada"), "{shown}");
        assert_eq!(matches!(error, StorageError::Unavailable(_)), unavailable, "{shown}");
    }
    assert!(!format!("{:?}", server::client("p:").await).contains("127.0.0.1"));
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = RedisOptions::default();
    options.connect_timeout = Duration::from_millis(100);
    options.response_timeout = Duration::from_millis(100);
    let started = Instant::now();
    let url = format!("redis://{}/0", silent.local_addr().unwrap());
    let error = RedisCache::connect(&url, options).await.unwrap_err();
    assert!(matches!(error, StorageError::Timeout | StorageError::Unavailable(_)), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

/// A way to the server that can be cut.
struct Way {
    address: String,
    open: watch::Sender<bool>,
}

impl Way {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("redis://{}/0", listener.local_addr().unwrap());
        let target = url().trim_start_matches("redis://").trim_end_matches("/0").to_owned();
        let (open, mut opened) = watch::channel(true);
        tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let (mut inbound, _) = accepted.unwrap();
                        if *opened.borrow() {
                            let mut outbound = TcpStream::connect(&target).await.unwrap();
                            connections.spawn(async move { _ = copy_bidirectional(&mut inbound, &mut outbound).await });
                        }
                    }
                    _ = opened.changed() => connections.shutdown().await,
                }
            }
        });
        Self { address, open }
    }
}

#[tokio::test]
async fn an_outage_is_told_and_passes_by_itself() {
    let way = Way::new().await;
    let cache = RedisCache::connect(&way.address, options(&unique_prefix("outage"))).await.unwrap();
    cache.perform(set("k", "v", 100)).await.unwrap();
    way.open.send(false).unwrap();
    for _ in 0..3 {
        let error = loop {
            // The cut takes a moment to arrive here.
            match cache.perform(get("k")).await {
                Err(error) => break error,
                Ok(_) => tokio::task::yield_now().await,
            }
        };
        assert!(matches!(error, StorageError::Unavailable(_) | StorageError::Timeout), "{error:?}");
    }
    way.open.send(true).unwrap();
    let back = async {
        loop {
            match cache.perform(get("k")).await {
                Ok(reply) => return reply,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let reply = tokio::time::timeout(Duration::from_secs(20), back).await.expect("it comes back");
    assert_eq!(reply, CacheReply::Value(Some("v".to_owned())));
}

#[tokio::test]
async fn scripts_survive_that_the_server_forgets_them() {
    let cache = server::client(&unique_prefix("scripts")).await;
    let client = redis::Client::open(url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for _ in 0..2 {
        redis::cmd("SCRIPT").arg("FLUSH").query_async::<()>(&mut connection).await.unwrap();
        cache.perform(set("k", "v", 100)).await.unwrap();
        let taken = cache.perform(CacheOp::Take { key: "k".to_owned() }).await.unwrap();
        assert_eq!(taken, CacheReply::Value(Some("v".to_owned())));
    }
}
