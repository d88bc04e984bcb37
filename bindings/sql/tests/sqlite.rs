//! What is SQLite's own: migrations, files, locks and many at once.
#![allow(clippy::unwrap_used)]

use std::{path::Path, sync::Arc, time::Duration};

use kernia::{
    Engine,
    crypto::entropy::SeededEntropy,
    plugins::DeviceAuthorization,
    schema::{Field, FieldType, Schema, Table, core_tables},
    store::{Batch, Filter, Query, Row, Storage, StorageError, With},
    testing,
    wire::date::{FixedClock, Timestamp},
};
use kernia_sql::{Database as _, Durability, SqliteOptions, SqliteStore};

mod file;
use file::TempFile;

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(core_tables(true)))
}

async fn open(path: impl AsRef<Path>) -> SqliteStore {
    let store = SqliteStore::open(path, schema(), &SqliteOptions::default()).unwrap();
    store.migrate().await.unwrap();
    store
}

fn user(id: &str) -> Row {
    let now = Timestamp::from_millis(1_700_000_000_123);
    Row::new()
        .with("id", id)
        .with("name", "Ada")
        .with("email", "ada@example.com")
        .with("emailVerified", true)
        .with("createdAt", now)
        .with("updatedAt", now)
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap().block_on(future)
}

#[test]
fn rows_outlive_the_store() {
    let file = TempFile::new("outlive");
    block_on(async {
        open(file.path()).await.write(Batch::new().insert("user", user("u"))).await.unwrap();
        let rows = open(file.path()).await.read(Query::all("user")).await.unwrap().rows;
        assert_eq!((rows.len(), rows[0].date("createdAt")), (1, user("u").date("createdAt")));
    });
}

#[test]
fn no_runtime_is_needed() {
    let file = TempFile::new("runtime");
    let store = block_on(open(file.path()));
    let write = std::pin::pin!(store.write(Batch::new().insert("user", user("u"))));
    let outcome = write.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    assert!(matches!(outcome, std::task::Poll::Ready(Ok(_))));
}

#[test]
fn a_migrated_database_needs_nothing() {
    let file = TempFile::new("migrate");
    let store = SqliteStore::open(file.path(), schema(), &SqliteOptions::default()).unwrap();
    block_on(async {
        assert!(!store.plan().await.unwrap().is_empty());
        assert_eq!(store.migrate().await.unwrap().statements.len(), 8);
        let plan = store.plan().await.unwrap();
        assert!(plan.is_empty() && plan.warnings.is_empty());
        assert!(store.migrate().await.unwrap().statements.is_empty());
        let strange = SqliteStore::open(file.path(), Arc::new(Schema::default()), &SqliteOptions::default()).unwrap();
        assert_eq!(strange.live().await.unwrap().tables.len(), schema().tables().len());
    });
}

#[test]
fn a_schema_grows_around_rows() {
    let file = TempFile::new("grow");
    block_on(async {
        open(file.path()).await.write(Batch::new().insert("user", user("u"))).await.unwrap();
        let mut grown = Schema::new(core_tables(true));
        let fields = [
            Field::optional("username", FieldType::Text).unique(),
            Field::required("plan", FieldType::Text).default_value("it's free"),
            Field::optional("banned", FieldType::Boolean).default_value(false),
        ];
        grown.extend(Table::new("user", fields)).unwrap();
        let store = SqliteStore::open(file.path(), Arc::new(grown), &SqliteOptions::default()).unwrap();
        store.migrate().await.unwrap();
        assert!(store.plan().await.unwrap().is_empty());
        let row = store.read(Query::all("user")).await.unwrap().first().unwrap();
        assert_eq!((row.text("plan"), row.flag("banned"), row.get("username").is_null()), ("it's free", false, true));
    });
}

#[test]
fn a_migration_that_cannot_be_done_does_nothing() {
    let file = TempFile::new("obstacle");
    block_on(async {
        open(file.path()).await.write(Batch::new().insert("user", user("u"))).await.unwrap();
        let mut grown = Schema::new(core_tables(true));
        grown.extend(Table::new("user", [Field::required("needed", FieldType::Text)])).unwrap();
        grown.extend(Table::new("extra", [])).unwrap();
        let store = SqliteStore::open(file.path(), Arc::new(grown), &SqliteOptions::default()).unwrap();
        assert!(matches!(store.migrate().await, Err(StorageError::Failed(why)) if why.contains("user.needed")));
        assert!(store.plan().await.unwrap().statements.iter().any(|statement| statement.contains("\"extra\"")));
    });
}

#[test]
fn a_lock_of_another_process_is_a_timeout_for_writes_only() {
    let file = TempFile::new("busy");
    block_on(open(file.path()));
    let options = SqliteOptions { busy_timeout: Duration::from_millis(1), ..SqliteOptions::default() };
    let store = SqliteStore::open(file.path(), schema(), &options).unwrap();
    let other = rusqlite::Connection::open(file.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    block_on(async {
        let write = || store.write(Batch::new().insert("user", user("u")));
        assert_eq!(write().await, Err(StorageError::Timeout));
        assert_eq!(store.read(Query::count("user", Filter::All)).await.unwrap().count, 0);
        other.execute_batch("ROLLBACK").unwrap();
        assert!(write().await.is_ok());
    });
}

#[test]
fn a_file_that_is_only_read_stays_as_it_is() {
    let file = TempFile::new("readonly");
    let options = SqliteOptions { read_only: true, ..SqliteOptions::default() };
    let look = || SqliteStore::open(file.path(), schema(), &options);
    assert!(matches!(look(), Err(StorageError::Unavailable(_))));
    assert!(!Path::new(file.path()).exists());

    rusqlite::Connection::open(file.path()).unwrap().execute_batch("CREATE TABLE mine (id TEXT)").unwrap();
    let before = std::fs::read(file.path()).unwrap();
    let store = look().unwrap();
    let live = block_on(store.live()).unwrap();
    assert_eq!(live.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["mine"]);
    assert!(block_on(store.migrate()).is_err());
    drop(store);
    assert_eq!(std::fs::read(file.path()).unwrap(), before);
}

#[test]
fn what_is_no_database_is_unavailable() {
    let file = TempFile::new("garbage");
    std::fs::write(file.path(), "this is not a database, however long one looks at it".repeat(100)).unwrap();
    for path in [file.path(), "/nonexistent/directory/test.db"] {
        let store = SqliteStore::open(path, schema(), &SqliteOptions::default());
        assert!(matches!(store, Err(StorageError::Unavailable(_))), "{path}: {store:?}");
    }
}

#[test]
fn a_database_without_tables_says_so() {
    let store = SqliteStore::open(":memory:", schema(), &SqliteOptions::default()).unwrap();
    let answer = block_on(store.read(Query::all("user")));
    assert!(matches!(answer, Err(StorageError::Failed(why)) if why.contains("no such table")));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let file = TempFile::new("mode");
    let options = SqliteOptions { durability: Durability::Power, readers: 0, ..SqliteOptions::default() };
    let store = SqliteStore::open(file.path(), schema(), &options).unwrap();
    block_on(store.migrate()).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let mode = std::fs::metadata(format!("{}{suffix}", file.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
}

/// What another program wrote into the reference's tables is read as the reference reads it.
#[test]
fn rows_of_the_reference_are_understood() {
    let file = TempFile::new("reference");
    let store = block_on(open(file.path()));
    let other = rusqlite::Connection::open(file.path()).unwrap();
    other
        .execute_batch(
            "INSERT INTO \"user\" VALUES ('u', 'Ada', 'ada@example.com', 1, NULL, '2026-11-23T15:12:29.286Z',
             '2026-11-23T15:12:29.286Z');
             INSERT INTO \"session\" VALUES ('s', '2026-11-30T15:12:29.286Z', 't', '2026-11-23T15:12:29.286Z',
             '2026-11-23T15:12:29.286Z', '', NULL, 'u');",
        )
        .unwrap();
    let owner = With { name: "user".into(), table: "user".into(), local: "userId".into(), foreign: "id".into() };
    let mut session =
        block_on(store.read(Query::one("session", Filter::eq("token", "t")).with(owner))).unwrap().first().unwrap();
    let user = session.detach("user").remove(0);
    assert_eq!(
        (user.flag("emailVerified"), user.date("createdAt")),
        (true, Timestamp::parse("2026-11-23T15:12:29.286Z"))
    );
    assert_eq!((session.get("ipAddress").as_text(), session.get("userAgent").is_null()), (Some(""), true));
}

/// The janitor's batch, on a real table of each kind.
#[test]
fn the_janitor_removes_what_has_expired_in_every_table() {
    let file = TempFile::new("janitor");
    let now = Timestamp::from_millis(1_700_000_000_123);
    let mut options = testing::options();
    options.rate_limit.storage = Some(kernia::domain::options::RateLimitStorage::Database);
    let engine = Engine::builder(options, Arc::new(FixedClock::new(now)), Arc::new(SeededEntropy::new(1)))
        .plugin(DeviceAuthorization::default())
        .build()
        .unwrap();
    let store = SqliteStore::open(file.path(), engine.schema(), &SqliteOptions::default()).unwrap();
    block_on(store.migrate()).unwrap();
    let mut batch = Batch::new().insert("user", user("u"));
    // Long ago, a moment ago, and soon.
    for (id, at) in [("old", now.minus_secs(100_000)), ("late", now.minus_secs(1)), ("new", now.plus_secs(1))] {
        let expiring = || Row::new().with("id", id).with("expiresAt", at);
        let dated = || expiring().with("createdAt", now).with("updatedAt", now);
        let request = expiring().with("deviceCode", id).with("userCode", id).with("status", "pending");
        let counter = Row::new().with("id", id).with("key", id).with("count", 1).with("lastRequest", at.as_millis());
        batch = batch
            .insert("session", dated().with("token", id).with("userId", "u"))
            .insert("verification", dated().with("identifier", id).with("value", "x"))
            .insert("deviceCode", request)
            .insert("rateLimit", counter);
    }
    block_on(store.write(batch)).unwrap();
    block_on(store.write(engine.janitor(10))).unwrap();
    let left = |table: &str| {
        let rows = block_on(store.read(Query::all(table.to_owned()))).unwrap().rows;
        let mut ids: Vec<_> = rows.iter().map(|row| row.id().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(left("session"), ["new"]);
    assert_eq!(left("verification"), ["new"]);
    assert_eq!(left("deviceCode"), ["late", "new"]);
    assert_eq!(left("rateLimit"), ["late", "new"]);
    assert_eq!(left("user"), ["u"]);
}
