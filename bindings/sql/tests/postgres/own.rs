//! What is PostgreSQL's own: migrations, types, locks, and users that leave.

use std::{sync::Arc, time::Duration};

use kernia::{
    schema::{Field, FieldType, Schema, Table, core_tables},
    store::{Batch, ConflictKind, Expect, Filter, Op, Query, Row, Storage, StorageError, contract},
    wire::date::Timestamp,
};
use kernia_sql::{Database as _, ServerOptions};
use tokio_postgres::{Client, NoTls};

use crate::place::{address, fresh, options, store, threads};

fn core() -> Arc<Schema> {
    Arc::new(Schema::new(core_tables(true)))
}

/// A connection of somebody else's to the place of `options`.
async fn other(options: &ServerOptions) -> Client {
    let (client, connection) = tokio_postgres::connect(&address(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let schema = options.schema.as_ref().unwrap().replace('"', "\"\"");
    client.batch_execute(&format!("SET search_path = \"{schema}\"")).await.unwrap();
    client
}

fn note(id: &str, body: &str) -> Row {
    Row::new().with("id", id).with("body", body)
}

#[test]
fn a_migrated_database_needs_nothing() {
    threads().block_on(async {
        let store = store(&core(), &options());
        let planned = store.plan().await.unwrap().statements;
        assert!(planned[0].starts_with("create schema "), "{planned:?}");
        assert_eq!(store.migrate().await.unwrap().statements, planned);
        let plan = store.plan().await.unwrap();
        assert!(plan.is_empty() && plan.warnings.is_empty(), "{plan:?}");
        assert!(store.migrate().await.unwrap().statements.is_empty());
        assert_eq!(store.live().await.unwrap().tables.len(), 5);
        assert!(store.version().await.unwrap().is_some_and(|version| !version.is_empty()));
    });
}

#[test]
fn case_209_of_several_that_migrate_at_once_one_does_it() {
    threads().block_on(async {
        let options = options();
        let migrations: Vec<_> = (0..8)
            .map(|_| {
                let store = store(&core(), &options);
                tokio::spawn(async move { store.migrate().await.map(|plan| plan.statements.len()) })
            })
            .collect();
        let mut done = Vec::new();
        for migration in migrations {
            done.push(migration.await.unwrap().unwrap());
        }
        assert_eq!(done.iter().filter(|statements| **statements > 0).count(), 1, "{done:?}");
    });
}

#[test]
fn a_schema_grows_around_rows_or_not_at_all() {
    threads().block_on(async {
        let options = options();
        let first = store(&core(), &options);
        first.migrate().await.unwrap();
        let now = Timestamp::from_millis(1_700_000_000_123);
        let user = Row::new().with("id", "u").with("name", "Ada").with("email", "a@b").with("emailVerified", true);
        first.write(Batch::new().insert("user", user.with("createdAt", now).with("updatedAt", now))).await.unwrap();
        let mut grown = Schema::new(core_tables(true));
        let plan = Field::required("plan", FieldType::Text).default_value("it's free");
        grown.extend(Table::new("user", [plan])).unwrap();
        let second = store(&Arc::new(grown.clone()), &options);
        second.migrate().await.unwrap();
        let row = second.read(Query::all("user")).await.unwrap().first().unwrap();
        assert_eq!((row.text("plan"), row.flag("emailVerified")), ("it's free", true));
        grown.extend(Table::new("user", [Field::required("needed", FieldType::Text)])).unwrap();
        grown.extend(Table::new("extra", [])).unwrap();
        let third = store(&Arc::new(grown), &options);
        assert!(matches!(third.migrate().await, Err(StorageError::Failed(why)) if why.contains("user.needed")));
        assert_eq!(third.live().await.unwrap().tables.len(), 5, "nothing was made");
        // What was prepared before still works, though the table has another column.
        assert_eq!(first.read(Query::all("user")).await.unwrap().count, 1);
    });
}

/// Whatever types somebody chose for the columns by hand, as long as they can hold what the fields do.
#[test]
fn tables_made_by_hand_are_understood() {
    threads().block_on(async {
        let options = options();
        let store = store(&Arc::new(contract::schema()), &options);
        store.migrate().await.unwrap();
        other(&options)
            .await
            .batch_execute(
                "DROP TABLE badge, note, ticket, person;
                 CREATE DOMAIN short AS varchar(100);
                 CREATE TABLE person (id uuid PRIMARY KEY, name short NOT NULL, email varchar(80) UNIQUE, nick text UNIQUE,
                   age numeric(12, 3), score float8, active bool NOT NULL, born date, profile json, tags json, marks jsonb,
                   \"createdAt\" timestamp NOT NULL)",
            )
            .await
            .unwrap();
        let (first, second) = ("019365e0-7c2a-7b3e-8a6f-0123456789ab", "019365e0-7c2a-7b3e-8a6f-0123456789ac");
        let day = Timestamp::from_millis(1_699_920_000_000);
        let late = Timestamp::from_millis(1_700_000_000_123);
        let person = |id: &str| {
            let row = Row::new().with("id", id).with("name", "Ada").with("email", id).with("nick", None::<&str>);
            let row = row.with("age", 7.5).with("score", 3).with("active", true).with("born", day);
            let row = row.with("profile", serde_json::json!({"a": 1})).with("tags", serde_json::json!(["t"]));
            row.with("marks", serde_json::json!([1, 2.5])).with("createdAt", late)
        };
        store.write(Batch::new().insert("person", person(first)).insert("person", person(second))).await.unwrap();
        let query = Query::one("person", Filter::eq("id", first).and(Filter::compare("age", Op::Gt, 7)));
        let row = store.read(query).await.unwrap().first().unwrap();
        let expected = person(first);
        for (name, value) in expected.fields().filter(|(name, _)| *name != "score") {
            assert_eq!(row.find(name), Some(value), "{name}");
        }
        for filter in [
            Filter::eq("createdAt", late),
            Filter::eq("born", day),
            Filter::eq("score", 3),
            Filter::eq("age", 7.5),
            Filter::any_of("id", [first, second]),
        ] {
            assert_eq!(store.read(Query::count("person", filter.clone())).await.unwrap().count, 2, "{filter:?}");
        }
        let taken = store.write(Batch::new().insert("person", person(first))).await;
        let id = ConflictKind::Unique { table: "person".into(), field: "id".into() };
        assert!(matches!(taken, Err(StorageError::Conflict(conflict)) if conflict.kind == id));
        let other = Row::new().with("email", second);
        let taken = store.write(Batch::new().update("person", Filter::eq("id", first), other, Expect::Rows(1))).await;
        let email = ConflictKind::Unique { table: "person".into(), field: "email".into() };
        assert!(matches!(taken, Err(StorageError::Conflict(conflict)) if conflict.kind == email));
        let garbage = store.read(Query::one("person", Filter::eq("id", "hunter2"))).await;
        assert!(matches!(&garbage, Err(StorageError::Failed(why)) if !why.contains("hunter2")), "{garbage:?}");
    });
}

#[test]
fn a_batch_whose_user_left_is_not_kept() {
    threads().block_on(async {
        let options = ServerOptions { connections: 1, ..options() };
        let store = store(&Arc::new(contract::schema()), &options);
        store.migrate().await.unwrap();
        store.write(Batch::new().insert("note", note("a", "first"))).await.unwrap();
        let other = other(&options).await;
        other.batch_execute("BEGIN; UPDATE note SET body = 'other' WHERE id = 'a'").await.unwrap();
        let set = Row::new().with("body", "left");
        let batch = Batch::new()
            .insert("note", note("b", "left"))
            .update("note", Filter::eq("id", "a"), set, Expect::Rows(1))
            .check("note", Filter::eq("id", "b"), Expect::Rows(1));
        let write = tokio::time::timeout(Duration::from_millis(200), store.write(batch)).await;
        assert!(write.is_err(), "it waits for the lock");
        // The only connection is not lent with what was left on it.
        let rows = store.read(Query::all("note")).await.unwrap().rows;
        assert_eq!((rows.len(), rows[0].text("body")), (1, "first"));
        other.batch_execute("COMMIT").await.unwrap();
        // The lock is free once the server has noticed.
        let set = Row::new().with("body", "last");
        store.write(Batch::new().update("note", Filter::eq("id", "a"), set, Expect::Rows(1))).await.unwrap();
        let rows = store.read(Query::all("note")).await.unwrap().rows;
        assert_eq!((rows.len(), rows[0].text("body")), (1, "last"));
    });
}

#[test]
fn waiting_for_a_lock_ends() {
    threads().block_on(async {
        let options = ServerOptions { lock_timeout: Duration::from_millis(50), ..options() };
        let store = store(&Arc::new(contract::schema()), &options);
        store.migrate().await.unwrap();
        store.write(Batch::new().insert("note", note("a", "first"))).await.unwrap();
        let other = other(&options).await;
        other.batch_execute("BEGIN; UPDATE note SET body = 'other' WHERE id = 'a'").await.unwrap();
        let delete = || store.write(Batch::new().delete("note", Filter::All, Expect::AtLeast(2)));
        assert_eq!(delete().await, Err(StorageError::Timeout));
        other.batch_execute("ROLLBACK").await.unwrap();
        assert!(matches!(delete().await, Err(StorageError::Conflict(_))));
        assert_eq!(store.read(Query::count("note", Filter::All)).await.unwrap().count, 1);
    });
}

#[test]
fn case_224_what_cannot_be_done_is_told_without_values() {
    threads().block_on(async {
        let store = fresh(&Arc::new(contract::schema())).await;
        let row = note("a", "b").with("personId", "hunter2");
        let orphan = store.write(Batch::new().insert("note", row)).await.unwrap_err();
        assert!(!orphan.to_string().contains("hunter2"), "{orphan}");
        let wrong = Row::new().with("id", "p").with("name", "n").with("email", "e").with("active", true);
        let wrong = wrong.with("age", i64::MAX).with("createdAt", Timestamp::UNIX_EPOCH);
        let wrong = store.write(Batch::new().insert("person", wrong)).await.unwrap_err();
        assert!(matches!(&wrong, StorageError::Failed(why) if why.contains("int4")), "{wrong}");
        let nowhere = crate::place::store(&core(), &options());
        let missing = nowhere.read(Query::all("user")).await.unwrap_err();
        assert!(matches!(&missing, StorageError::Failed(why) if why.contains("does not exist")), "{missing}");
    });
}
