//! Transactions that meet others, commits of which nobody knows, and servers that do not answer.
#![allow(clippy::unwrap_used)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use kernia::{
    crypto::entropy::SeededEntropy,
    schema::{Schema, core_tables},
    store::{Batch, Expect, Filter, Query, Row, Storage, StorageError},
    wire::date::Timestamp,
};
use kernia_mongo::{MongoOptions, MongoStore};
use mongodb::bson::{Document, doc};

mod proxy;
mod server;
use proxy::{Proxy, Verdict};

struct Setting {
    _proxy: Proxy,
    store: MongoStore,
    seen: Arc<AtomicU32>,
}

impl Setting {
    /// A store whose commands called `name` are judged by `judge`, which is told how many of them there were before.
    async fn new(name: &'static str, judge: impl Fn(u32) -> Verdict + Send + 'static) -> Self {
        let seen = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&seen);
        let target = server::url();
        let proxy = proxy::start(&target, move |command: &Document| {
            if !command.contains_key(name) {
                return Verdict::Forward;
            }
            judge(counter.fetch_add(1, Ordering::SeqCst))
        });
        let proxy = proxy.await;
        let mut options = MongoOptions::default();
        options.database = Some(server::fresh_name());
        options.timeout = Duration::from_secs(3);
        options.connect_timeout = Duration::from_secs(1);
        options.max_attempts = 5;
        let store = MongoStore::connect(&proxy.url, &Schema::new(core_tables(true)), options).await.unwrap();
        store.migrate().await.unwrap();
        Self { _proxy: proxy, store, seen }
    }

    fn seen(&self) -> u32 {
        self.seen.load(Ordering::SeqCst)
    }

    async fn users(&self) -> u64 {
        self.store.read(Query::count("user", Filter::All)).await.unwrap().count
    }
}

fn user(id: &str) -> Row {
    let mut row = Row::new().with("id", id).with("name", "Ada").with("email", format!("{id}@example.com"));
    Schema::new(core_tables(true)).table("user").unwrap().complete(
        &mut row,
        Timestamp::from_millis(1),
        &SeededEntropy::new(1),
    );
    row
}

/// Two statements, so that a transaction is needed.
fn batch() -> Batch {
    Batch::new().insert("user", user("a")).insert("user", user("b"))
}

fn write_conflict() -> Document {
    doc! { "ok": 0, "code": 112, "codeName": "WriteConflict", "errmsg": "hunter2", "errorLabels": ["TransientTransactionError"] }
}

fn unknown() -> Document {
    doc! { "ok": 0, "code": 50, "codeName": "MaxTimeMSExpired", "errmsg": "hunter2", "errorLabels": ["UnknownTransactionCommitResult"] }
}

#[tokio::test]
async fn a_transaction_that_meets_another_is_tried_again() {
    let judge = |before| if before < 3 { Verdict::Answer(write_conflict()) } else { Verdict::Forward };
    let setting = Setting::new("insert", judge).await;
    setting.store.write(batch()).await.unwrap();
    assert_eq!((setting.seen(), setting.users().await), (5, 2));
}

#[tokio::test]
async fn a_transaction_that_meets_others_for_ever_is_given_up() {
    let setting = Setting::new("insert", |_| Verdict::Answer(write_conflict())).await;
    let Err(StorageError::Unavailable(why)) = setting.store.write(batch()).await else { panic!("it was kept") };
    assert!(!why.contains("hunter2"), "{why}");
    assert_eq!((setting.seen(), setting.users().await), (5, 0));
}

#[tokio::test]
async fn a_commit_of_which_nobody_knows_is_asked_for_again() {
    let judge = |before| if before == 0 { Verdict::Answer(unknown()) } else { Verdict::Forward };
    let setting = Setting::new("commitTransaction", judge).await;
    setting.store.write(batch()).await.unwrap();
    assert_eq!(setting.users().await, 2);
    assert!(setting.seen() >= 2);
}

#[tokio::test]
async fn a_commit_that_meets_another_is_tried_again_from_the_start() {
    let judge = |before| if before == 0 { Verdict::Abort(write_conflict()) } else { Verdict::Forward };
    let setting = Setting::new("commitTransaction", judge).await;
    setting.store.write(batch()).await.unwrap();
    assert_eq!((setting.seen(), setting.users().await), (2, 2));
}

#[tokio::test]
async fn case_213_a_commit_that_stays_unknown_is_no_success() {
    let setting = Setting::new("commitTransaction", |_| Verdict::Answer(unknown())).await;
    let Err(error) = setting.store.write(batch()).await else { panic!("an unknown commit counts as done") };
    assert!(matches!(error, StorageError::Unavailable(_) | StorageError::Timeout), "{error:?}");
    assert!(!error.to_string().contains("hunter2"));
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_happens_once() {
    let judge = |before| if before == 0 { Verdict::Lose } else { Verdict::Forward };
    let setting = Setting::new("update", judge).await;
    setting.store.write(Batch::new().insert("user", user("a"))).await.unwrap();
    let rename = Row::new().with("name", "Grace");
    let batch = Batch::new().update("user", Filter::eq("id", "a"), rename, Expect::Rows(1));
    setting.store.write(batch).await.unwrap();
    assert_eq!(setting.seen(), 2);
}

#[tokio::test]
async fn a_server_that_is_silent_is_not_waited_for() {
    let setting = Setting::new("aggregate", |_| Verdict::Silence).await;
    let begun = Instant::now();
    assert_eq!(setting.store.read(Query::all("user")).await, Err(StorageError::Timeout));
    assert!(begun.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn a_server_that_is_gone_is_unavailable_and_its_return_is_noticed() {
    let setting = Setting::new("aggregate", |before| if before < 2 { Verdict::Lose } else { Verdict::Forward }).await;
    let gone = setting.store.read(Query::all("user")).await;
    assert!(matches!(gone, Err(StorageError::Unavailable(_))), "{gone:?}");
    assert_eq!(setting.users().await, 0);
}

#[tokio::test]
async fn an_error_of_the_server_shows_no_values() {
    let refusal = doc! { "ok": 0, "code": 121, "codeName": "DocumentValidationFailure", "errmsg": "hunter2" };
    let setting = Setting::new("insert", move |_| Verdict::Replace(refusal.clone())).await;
    let Err(StorageError::Failed(why)) = setting.store.write(batch()).await else { panic!("it was kept") };
    assert!(why.contains("121") && !why.contains("hunter2"), "{why}");
}
