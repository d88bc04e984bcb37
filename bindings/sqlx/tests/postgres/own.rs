//! What is the pool's own: others on it, transactions that were left open, types, and what was prepared.

use std::{sync::Arc, time::Duration};

use kernia::{
    schema::{Field, FieldType, Schema, Table, core_tables},
    store::{Batch, ConflictKind, Expect, Filter, Op, Query, Row, Storage, StorageError, contract},
    wire::date::Timestamp,
};
use kernia_sqlx::{Database as _, SqlxStore};
use sqlx::{Executor as _, PgPool};
use tokio::time::timeout;

use crate::place::{pool, store, threads};

fn core() -> Arc<Schema> {
    Arc::new(Schema::new(core_tables(true)))
}

fn note(id: &str, body: &str) -> Row {
    Row::new().with("id", id).with("body", body)
}

fn set(body: &str) -> Batch {
    Batch::new().update("note", Filter::eq("id", "a"), Row::new().with("body", body), Expect::Rows(1))
}

async fn bodies(store: &SqlxStore) -> Vec<String> {
    let rows = store.read(Query::all("note")).await.unwrap().rows;
    rows.iter().map(|row| row.text("body").to_owned()).collect()
}

/// A pool of one connection with a store and a note on it.
async fn noted() -> (PgPool, SqlxStore) {
    let pool = pool(1).await;
    let store = store(&pool, &Arc::new(contract::schema())).await;
    store.write(Batch::new().insert("note", note("a", "first"))).await.unwrap();
    (pool, store)
}

#[test]
fn a_migrated_database_needs_nothing() {
    threads().block_on(async {
        let pool = pool(8).await;
        let store = SqlxStore::new(pool.clone(), core());
        let planned = store.plan().await.unwrap().statements;
        let migrations: Vec<_> = (0..8)
            .map(|_| {
                let store = SqlxStore::new(pool.clone(), core());
                tokio::spawn(async move { store.migrate().await.map(|plan| plan.statements) })
            })
            .collect();
        let mut done = Vec::new();
        for migration in migrations {
            done.push(migration.await.unwrap().unwrap());
        }
        done.retain(|statements| !statements.is_empty());
        assert_eq!(done, [planned], "one did it");
        let plan = store.plan().await.unwrap();
        assert!(plan.is_empty() && plan.warnings.is_empty(), "{plan:?}");
        assert_eq!(store.live().await.unwrap().tables.len(), 5);
        assert!(store.version().await.unwrap().is_some_and(|version| !version.is_empty()));
        assert!(store.clock().await.unwrap().is_some_and(|now| now > Timestamp::from_millis(1_700_000_000_000)));
    });
}

/// The application's own migrations change tables whose statements are prepared on every connection.
#[test]
fn what_was_prepared_is_prepared_again_when_tables_change() {
    threads().block_on(async {
        let (pool, store) = noted().await;
        assert_eq!(bodies(&store).await, ["first"]);
        pool.execute("ALTER TABLE note ALTER COLUMN body TYPE varchar(100)").await.unwrap();
        assert_eq!(bodies(&store).await, ["first"]);
        let mut grown = Schema::new(core_tables(true));
        grown.extend(Table::new("user", [Field::required("needed", FieldType::Text)])).unwrap();
        let other = SqlxStore::new(pool.clone(), Arc::new(grown));
        other.migrate().await.unwrap();
        assert!(other.plan().await.unwrap().is_empty());
    });
}

#[test]
fn the_pool_is_shared_with_the_applications_transactions() {
    threads().block_on(async {
        let pool = pool(2).await;
        let store = store(&pool, &Arc::new(contract::schema())).await;
        let mut own = pool.begin().await.unwrap();
        own.execute("INSERT INTO note (id, body) VALUES ('a', 'mine')").await.unwrap();
        assert!(bodies(&store).await.is_empty(), "not committed yet");
        own.commit().await.unwrap();
        assert_eq!(bodies(&store).await, ["mine"]);
        store.write(set("ours")).await.unwrap();
        let body: String = sqlx::query_scalar("SELECT body FROM note").fetch_one(&pool).await.unwrap();
        assert_eq!(body, "ours");
    });
}

/// As a `begin` does that is cancelled, in sqlx 0.9.0.
#[test]
fn a_change_is_kept_though_somebody_left_a_transaction_open() {
    threads().block_on(async {
        let (pool, store) = noted().await;
        pool.execute("BEGIN").await.unwrap();
        store.write(set("alone")).await.unwrap();
        // What the connection did is there for others, so it was committed.
        let options = (*pool.connect_options()).clone();
        let others = PgPool::connect_with(options).await.unwrap();
        let seen = SqlxStore::new(others, Arc::new(contract::schema()));
        assert_eq!(bodies(&seen).await, ["alone"]);
        // One that cannot be made serializable, and one in which something failed, are closed.
        let absent = || set("absent").check("note", Filter::eq("id", "b"), Expect::Rows(0));
        pool.execute("BEGIN; SELECT 1 FROM note").await.unwrap();
        store.write(absent()).await.unwrap();
        assert_eq!(bodies(&seen).await, ["absent"]);
        pool.execute("BEGIN").await.unwrap();
        assert!(pool.execute("SELECT nothing").await.is_err());
        store.write(set("last")).await.unwrap();
        assert_eq!(bodies(&seen).await, ["last"]);
        pool.execute("BEGIN").await.unwrap();
        assert!(pool.execute("SELECT nothing").await.is_err());
        assert_eq!(bodies(&store).await, ["last"]);
    });
}

#[test]
fn a_batch_whose_user_left_is_not_kept() {
    threads().block_on(async {
        let (pool, store) = noted().await;
        let others = PgPool::connect_with((*pool.connect_options()).clone()).await.unwrap();
        let mut other = others.begin().await.unwrap();
        other.execute("UPDATE note SET body = 'other' WHERE id = 'a'").await.unwrap();
        let batch = Batch::new().insert("note", note("b", "left"));
        let batch = set("left").statements.into_iter().fold(batch, Batch::then);
        assert!(timeout(Duration::from_millis(200), store.write(batch)).await.is_err(), "it waits for the lock");
        // The only connection is not lent with what was left on it.
        assert_eq!(bodies(&store).await, ["first"]);
        other.rollback().await.unwrap();
        store.write(set("last")).await.unwrap();
        assert_eq!(bodies(&store).await, ["last"]);
    });
}

/// Whenever a request is given up, the next one on the pool finds it in order.
#[test]
fn the_pool_survives_users_that_leave_at_any_moment() {
    threads().block_on(async {
        let (pool, store) = noted().await;
        for micros in (0..2000).step_by(50) {
            let batch = set("left").check("note", Filter::eq("id", "b"), Expect::Rows(0));
            _ = timeout(Duration::from_micros(micros), store.write(batch)).await;
            // The time stands still in a transaction.
            let mut times = Vec::new();
            for _ in 0..2 {
                let now: String = sqlx::query_scalar("SELECT now()::text").fetch_one(&pool).await.unwrap();
                times.push(now);
            }
            assert_ne!(times[0], times[1], "a transaction was left open after {micros} µs");
        }
        store.write(set("last")).await.unwrap();
        assert_eq!(bodies(&store).await, ["last"]);
    });
}

#[test]
fn a_pool_that_has_no_connection_to_give_is_unavailable() {
    threads().block_on(async {
        let (pool, store) = noted().await;
        pool.close().await;
        assert!(matches!(store.read(Query::all("note")).await, Err(StorageError::Unavailable(_))));
        assert!(matches!(store.write(set("x")).await, Err(StorageError::Unavailable(_))));
    });
}

/// Whatever types somebody chose for the columns by hand, as long as they can hold what the fields do.
#[test]
fn tables_made_by_hand_are_understood() {
    threads().block_on(async {
        let pool = pool(1).await;
        let store = store(&pool, &Arc::new(contract::schema())).await;
        pool.execute(
            "DROP TABLE badge, note, ticket, person;
             CREATE DOMAIN short AS varchar(100);
             CREATE TYPE nick AS ENUM ('ada', 'grace');
             CREATE TABLE person (id uuid PRIMARY KEY, name short NOT NULL, email varchar(80) UNIQUE, nick nick,
               age numeric(12, 3), score float8, active bool NOT NULL, born date, profile json, tags json, marks jsonb,
               \"createdAt\" timestamp NOT NULL)",
        )
        .await
        .unwrap();
        let id = "019365e0-7c2a-7b3e-8a6f-0123456789ab";
        let row = Row::new().with("id", id).with("name", "Ada").with("email", "a@b").with("nick", "ada");
        let row = row.with("age", 7.5).with("score", 3).with("active", true);
        let row = row.with("born", Timestamp::from_millis(1_699_920_000_000));
        let row = row.with("profile", serde_json::json!({"a": 1})).with("tags", serde_json::json!(["t"]));
        let row = row.with("marks", serde_json::json!([1, 2.5]));
        let row = row.with("createdAt", Timestamp::from_millis(1_700_000_000_123));
        store.write(Batch::new().insert("person", row.clone())).await.unwrap();
        let query = Query::one("person", Filter::eq("id", id).and(Filter::compare("age", Op::Gt, 7)));
        let found = store.read(query).await.unwrap().first().unwrap();
        for (name, value) in row.fields().filter(|(name, _)| *name != "score") {
            assert_eq!(found.find(name), Some(value), "{name}");
        }
        let taken = store.write(Batch::new().insert("person", row)).await;
        let unique = ConflictKind::Unique { table: "person".into(), field: "id".into() };
        assert!(matches!(taken, Err(StorageError::Conflict(conflict)) if conflict.kind == unique));
        let garbage = store.read(Query::one("person", Filter::eq("id", "hunter2"))).await;
        assert!(matches!(&garbage, Err(StorageError::Failed(why)) if !why.contains("hunter2")), "{garbage:?}");
    });
}

#[test]
fn what_cannot_be_done_is_told_without_values() {
    threads().block_on(async {
        let pool = pool(1).await;
        let store = store(&pool, &Arc::new(contract::schema())).await;
        let orphan = store.write(Batch::new().insert("note", note("a", "b").with("personId", "hunter2"))).await;
        let orphan = orphan.unwrap_err();
        assert!(orphan.conflict().is_some() && !orphan.to_string().contains("hunter2"), "{orphan}");
        let row = Row::new().with("id", "p").with("name", "n").with("email", "e").with("active", true);
        let row = row.with("age", i64::MAX).with("createdAt", Timestamp::UNIX_EPOCH);
        let wrong = store.write(Batch::new().insert("person", row)).await.unwrap_err();
        assert!(matches!(&wrong, StorageError::Failed(why) if why.contains("INT4")), "{wrong}");
        let missing = SqlxStore::new(pool, core()).read(Query::all("user")).await.unwrap_err();
        assert!(matches!(&missing, StorageError::Failed(why) if why.contains("does not exist")), "{missing}");
    });
}
