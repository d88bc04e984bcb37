//! What is MySQL's own: migrations, rounding, locks, and users that leave.

use std::{sync::Arc, time::Duration};

use kernia::{
    schema::{Field, FieldType, Schema, Table, core_tables},
    store::{Batch, ConflictKind, Expect, Filter, Query, Row, Storage, StorageError, contract, sql::Plan},
    wire::date::Timestamp,
};
use kernia_sql::{Database as _, MySqlStore, ServerOptions};
use mysql_async::{Conn, Opts, prelude::Queryable as _};

use crate::place::{EXACT, LOOSE, database, fresh, store, threads, url};

fn core() -> Arc<Schema> {
    Arc::new(Schema::new(core_tables(true)))
}

async fn other(address: &str) -> Conn {
    Conn::new(Opts::from_url(address).unwrap()).await.unwrap()
}

fn note(id: &str, body: &str) -> Row {
    Row::new().with("id", id).with("body", body)
}

fn is_done(plan: &Plan) -> bool {
    plan.is_empty() && plan.warnings.is_empty()
}

#[test]
fn case_209_of_several_that_migrate_at_once_one_does_it() {
    threads().block_on(async {
        let address = database(LOOSE).await;
        let migrations: Vec<_> = (0..8)
            .map(|_| {
                let store = store(&address, &core());
                tokio::spawn(async move { store.migrate().await.map(|plan| plan.statements.len()) })
            })
            .collect();
        let mut done = Vec::new();
        for migration in migrations {
            done.push(migration.await.unwrap().unwrap());
        }
        assert_eq!(done.iter().filter(|statements| **statements > 0).count(), 1, "{done:?}");
        let store = store(&address, &core());
        let plan = store.plan().await.unwrap();
        assert!(is_done(&plan), "{plan:?}");
        assert!(store.version().await.unwrap().is_some_and(|version| !version.is_empty()));
    });
}

/// There are no transactions around tables, so a migration may stop between any two statements.
#[test]
fn case_221_a_migration_that_stopped_is_taken_up() {
    threads().block_on(async {
        let mut grown = Schema::new(core_tables(true));
        let fields = [
            Field::optional("username", FieldType::Text).unique(),
            Field::optional("team", FieldType::Text).indexed(),
            Field::required("plan", FieldType::Text).default_value("it's free"),
        ];
        grown.extend(Table::new("user", fields)).unwrap();
        let (small, grown) = (core(), Arc::new(grown));
        let statements = store(&database(LOOSE).await, &small).plan().await.unwrap().statements.len();
        for stop in 0..statements {
            let address = database(LOOSE).await;
            let first = store(&address, &small);
            let planned = first.plan().await.unwrap().statements;
            let mut conn = other(&address).await;
            for statement in &planned[..stop] {
                conn.query_drop(statement).await.unwrap();
            }
            first.migrate().await.unwrap();
            let plan = first.plan().await.unwrap();
            assert!(is_done(&plan), "after {stop} statements: {plan:?}");
            let indexes =
                |live: kernia::store::sql::Live| live.tables.iter().map(|table| table.indexes.len()).sum::<usize>();
            assert_eq!(indexes(first.live().await.unwrap()), 11, "after {stop} statements");
        }
        let address = database(LOOSE).await;
        store(&address, &small).migrate().await.unwrap();
        let second = store(&address, &grown);
        let added = second.migrate().await.unwrap().statements;
        assert_eq!(added.len(), 3, "a column comes with its index: {added:?}");
        let plan = second.plan().await.unwrap();
        assert!(is_done(&plan), "{plan:?}");
    });
}

#[test]
fn fractions_are_kept_or_refused_but_never_rounded() {
    threads().block_on(async {
        let address = database(EXACT).await;
        let store = store(&address, &Arc::new(contract::schema()));
        store.migrate().await.unwrap();
        let person = |age: f64| {
            let row = Row::new().with("id", "p").with("name", "n").with("email", "e").with("active", true);
            row.with("age", age).with("createdAt", Timestamp::from_millis(1_700_000_000_123))
        };
        let refused = store.write(Batch::new().insert("person", person(7.5))).await;
        assert!(matches!(&refused, Err(StorageError::Failed(why)) if why.contains("person.age")), "{refused:?}");
        store.write(Batch::new().insert("person", person(7.0))).await.unwrap();
        let half = Row::new().with("age", 0.5);
        let update = || Batch::new().update("person", Filter::All, half.clone(), Expect::Rows(1));
        assert!(store.write(update()).await.is_err());
        other(&address).await.query_drop("ALTER TABLE person MODIFY age decimal(12, 4)").await.unwrap();
        store.write(update()).await.unwrap();
        let row = store.read(Query::one("person", Filter::eq("age", 0.5))).await.unwrap().first().unwrap();
        assert_eq!(row.get("age"), &kernia::store::Value::Float(0.5));
    });
}

#[test]
fn what_does_not_fit_is_refused_not_cut() {
    threads().block_on(async {
        let store = fresh(&core(), LOOSE).await;
        let now = Timestamp::from_millis(1_700_000_000_123);
        let user = |name: &str, at: Timestamp| {
            let row = Row::new().with("id", "u").with("name", name).with("email", "e").with("emailVerified", true);
            Batch::new().insert("user", row.with("createdAt", at).with("updatedAt", at))
        };
        for batch in [user(&"x".repeat(256), now), user("n", Timestamp::from_millis(253_402_300_799_999))] {
            let refused = store.write(batch).await;
            assert!(matches!(&refused, Err(StorageError::Failed(why)) if !why.contains("xxx")), "{refused:?}");
        }
        store.write(user(&"é".repeat(255), now)).await.unwrap();
    });
}

#[test]
fn case_220_unique_addresses_in_a_database_that_takes_no_account_of_case() {
    threads().block_on(async {
        let store = fresh(&core(), LOOSE).await;
        let now = Timestamp::from_millis(1_700_000_000_123);
        let user = |id: &str, email: &str| {
            let row = Row::new().with("id", id).with("name", "n").with("email", email).with("emailVerified", true);
            Batch::new().insert("user", row.with("createdAt", now).with("updatedAt", now))
        };
        store.write(user("1", "ada@example.com")).await.unwrap();
        assert_eq!(store.read(Query::count("user", Filter::eq("email", "ADA@example.com"))).await.unwrap().count, 0);
        let taken = store.write(user("2", "' for key 'id@example.com")).await;
        assert!(taken.is_ok());
        let taken = store.write(user("3", "' for key 'id@example.com")).await;
        let email = ConflictKind::Unique { table: "user".into(), field: "email".into() };
        assert!(matches!(taken, Err(StorageError::Conflict(conflict)) if conflict.kind == email));
    });
}

#[test]
fn a_batch_whose_user_left_is_not_kept() {
    threads().block_on(async {
        let address = database(EXACT).await;
        let options = ServerOptions { connections: 1, ..ServerOptions::default() };
        let store = MySqlStore::open(&url(&address), Arc::new(contract::schema()), &options).unwrap();
        store.migrate().await.unwrap();
        store.write(Batch::new().insert("note", note("a", "first"))).await.unwrap();
        let mut other = other(&address).await;
        other.query_drop("BEGIN").await.unwrap();
        other.query_drop("UPDATE note SET body = 'other' WHERE id = 'a'").await.unwrap();
        let batch = Batch::new().insert("note", note("b", "left")).update(
            "note",
            Filter::eq("id", "a"),
            Row::new().with("body", "left"),
            Expect::Rows(1),
        );
        let write = tokio::time::timeout(Duration::from_millis(200), store.write(batch)).await;
        assert!(write.is_err(), "it waits for the lock");
        let rows = store.read(Query::all("note")).await.unwrap().rows;
        assert_eq!((rows.len(), rows[0].text("body")), (1, "first"));
        other.query_drop("COMMIT").await.unwrap();
        let set = Row::new().with("body", "last");
        store.write(Batch::new().update("note", Filter::eq("id", "a"), set, Expect::Rows(1))).await.unwrap();
        let rows = store.read(Query::all("note")).await.unwrap().rows;
        assert_eq!((rows.len(), rows[0].text("body")), (1, "last"));
    });
}

#[test]
fn connections_that_the_server_ended_are_replaced() {
    threads().block_on(async {
        let address = database(EXACT).await;
        let store = store(&address, &Arc::new(contract::schema()));
        store.migrate().await.unwrap();
        store.write(Batch::new().insert("note", note("a", "first"))).await.unwrap();
        let name = address.rsplit_once('/').unwrap().1;
        let mut other = Conn::new(Opts::from_url(&address.replace(name, "kernia")).unwrap()).await.unwrap();
        let set = |body: &str| Row::new().with("body", body);
        let judged = |body: &str| {
            let filter = || Filter::eq("id", "a");
            Batch::new().update("note", filter(), set(body), Expect::Rows(1)).check("note", filter(), Expect::Rows(1))
        };
        for body in ["second", "third"] {
            let ask = "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ?";
            let ids: Vec<u64> = other.exec(ask, (name,)).await.unwrap();
            assert!(!ids.is_empty());
            for id in ids {
                other.query_drop(format!("KILL {id}")).await.unwrap();
            }
            store.write(judged(body)).await.unwrap();
        }
        let ids: Vec<u64> =
            other.exec("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ?", (name,)).await.unwrap();
        for id in ids {
            other.query_drop(format!("KILL {id}")).await.unwrap();
        }
        assert_eq!(store.read(Query::all("note")).await.unwrap().rows[0].text("body"), "third");
    });
}
