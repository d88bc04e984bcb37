//! What is in the database, and what several tasks at once make of it.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use kernia::{
    crypto::entropy::SeededEntropy,
    schema::{Schema, core_tables},
    store::{Batch, Expect, Filter, Query, Row, Storage, StorageError, contract},
    wire::date::Timestamp,
};
use kernia_mongo::{Atomicity, IdFormat, MongoOptions, MongoStore};
use mongodb::bson::{Binary, Bson, Document, doc, oid::ObjectId, spec::BinarySubtype};

mod server;

const USER: &str = "65a1b2c3d4e5f60718293a4b";
const WAYS: [Atomicity; 2] = [Atomicity::Transactions, Atomicity::Compensation];

fn core() -> Schema {
    Schema::new(core_tables(true))
}

fn user(id: &str, email: &str) -> Row {
    let mut row = Row::new().with("id", id).with("name", "Ada").with("email", email);
    core().table("user").unwrap().complete(&mut row, Timestamp::from_millis(1_700_000_000_123), &SeededEntropy::new(1));
    row
}

fn session(id: &str, token: &str, user: &str) -> Row {
    let mut row = Row::new().with("id", id).with("token", token).with("userId", user);
    row.set("expiresAt", Timestamp::from_millis(1_800_000_000_000));
    core().table("session").unwrap().complete(
        &mut row,
        Timestamp::from_millis(1_700_000_000_123),
        &SeededEntropy::new(1),
    );
    row
}

fn verification(id: &str) -> Row {
    Row::new()
        .with("id", id)
        .with("identifier", "reset")
        .with("value", "v")
        .with("expiresAt", Timestamp::from_millis(1))
        .with("createdAt", Timestamp::from_millis(1))
        .with("updatedAt", Timestamp::from_millis(1))
}

#[tokio::test]
async fn documents_are_those_of_the_reference() {
    let opened = server::open(&core(), Atomicity::Transactions).await;
    let batch = Batch::new().insert("user", user(USER, "ada@example.com")).insert("session", session("s", "t", USER));
    opened.store.write(batch).await.unwrap();
    let find =
        async |name: &str| opened.database.collection::<Document>(name).find_one(doc! {}).await.unwrap().unwrap();
    let id = ObjectId::parse_str(USER).unwrap();
    let stored = find("user").await;
    assert_eq!(stored.get_object_id("_id").unwrap(), id);
    assert_eq!(stored.get_datetime("createdAt").unwrap().timestamp_millis(), 1_700_000_000_123);
    assert!(
        !stored.get_bool("emailVerified").unwrap()
            && stored.get("image") == Some(&Bson::Null)
            && stored.get("id").is_none()
    );
    let stored = find("session").await;
    assert_eq!((stored.get_object_id("userId").unwrap(), stored.get_str("_id").unwrap()), (id, "s"));
}

#[tokio::test]
async fn documents_of_the_reference_are_read() {
    let opened = server::open(&core(), Atomicity::Transactions).await;
    let (id, other) = (ObjectId::parse_str(USER).unwrap(), ObjectId::new());
    let now = mongodb::bson::DateTime::from_millis(1_700_000_000_123);
    let user = doc! { "_id": id, "name": "Ada", "email": "ada@example.com", "emailVerified": true, "createdAt": now, "updatedAt": now };
    let session =
        doc! { "_id": other, "token": "t", "userId": id, "expiresAt": now, "createdAt": now, "updatedAt": now };
    opened.database.collection::<Document>("user").insert_one(user).await.unwrap();
    opened.database.collection::<Document>("session").insert_one(session).await.unwrap();
    let with =
        kernia::store::With { name: "user".into(), table: "user".into(), local: "userId".into(), foreign: "id".into() };
    let found = opened.store.read(Query::one("session", Filter::eq("token", "t")).with(with)).await.unwrap();
    let mut row = found.first().unwrap();
    assert_eq!((row.id(), row.text("userId")), (other.to_hex().as_str(), USER));
    let user = row.detach("user").remove(0);
    assert!(user.id() == USER && user.flag("emailVerified") && user.get("image").is_null());
}

#[tokio::test]
async fn uuids_are_binary_when_ids_are_uuids() {
    let uuid = "0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f";
    let mut options = MongoOptions::default();
    options.ids = IdFormat::Uuid;
    let opened = server::open_with(&core(), options).await;
    opened.store.write(Batch::new().insert("user", user(uuid, "ada@example.com"))).await.unwrap();
    let stored = opened.database.collection::<Document>("user").find_one(doc! {}).await.unwrap().unwrap();
    let Some(Bson::Binary(Binary { subtype, bytes })) = stored.get("_id") else { panic!("{stored:?}") };
    assert_eq!((*subtype, bytes.len(), bytes[0]), (BinarySubtype::Uuid, 16, 0x0b));
    let found = opened.store.read(Query::one("user", Filter::eq("id", uuid))).await.unwrap();
    assert_eq!(found.first().unwrap().id(), uuid);
}

#[tokio::test]
async fn indexes_are_made_once_and_never_changed() {
    let schema = contract::schema();
    let opened = server::open_with(&schema, MongoOptions::default()).await;
    let names = opened.store.plan().await.unwrap().indexes;
    assert_eq!(names.len(), 7);
    assert_eq!(opened.store.migrate().await.unwrap().indexes, names);
    let again = opened.store.migrate().await.unwrap();
    assert!(again.indexes.is_empty() && again.warnings.is_empty(), "{again:?}");
    assert_eq!(opened.store.plan().await.unwrap(), again);
}

#[tokio::test]
async fn an_index_that_is_there_stays_and_is_told() {
    let opened = server::open_with(&contract::schema(), MongoOptions::default()).await;
    let index = doc! { "key": { "email": 1 }, "name": "person_email_uidx" };
    let command = doc! { "createIndexes": "person", "indexes": [index] };
    opened.database.run_command(command).await.unwrap();
    let prepared = opened.store.migrate().await.unwrap();
    assert!(!prepared.indexes.contains(&"person_email_uidx".to_owned()));
    assert!(prepared.warnings.len() == 1 && prepared.warnings[0].contains("person_email_uidx"), "{prepared:?}");
}

#[tokio::test]
async fn rows_that_share_a_unique_value_are_told_before_anything_relies_on_it() {
    let opened = server::open_with(&core(), MongoOptions::default()).await;
    let twice = [doc! { "email": "a@example.com" }, doc! { "email": "a@example.com" }];
    opened.database.collection::<Document>("user").insert_many(twice).await.unwrap();
    let Err(StorageError::Failed(why)) = opened.store.migrate().await else { panic!("duplicates went unnoticed") };
    assert!(why.contains("user_email_uidx") && !why.contains("a@example.com"), "{why}");
}

#[tokio::test]
async fn an_address_that_does_not_fit_is_refused_without_its_password() {
    let schema = core();
    for (url, wanted) in [
        ("mongodb://me:hunter2@127.0.0.1:1/", "names no database"),
        ("mongodb://me:hunter2@:127.0.0.1:x/db", "cannot be read"),
        ("mongodb://me:hunter2", "cannot be read"),
        ("nonsense hunter2", "cannot be read"),
    ] {
        let refused = MongoStore::connect(url, &schema, MongoOptions::default()).await;
        let Err(StorageError::Failed(why)) = refused else { panic!("{url}: {refused:?}") };
        assert!(why.contains(wanted) && !why.contains("hunter2"), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_tasks_one_consumes() {
    for atomicity in WAYS {
        let opened = Arc::new(server::open(&core(), atomicity).await);
        opened.store.write(Batch::new().insert("verification", verification("v"))).await.unwrap();
        let won = at_once(&opened, || Batch::new().consume("verification", Filter::eq("id", "v"), Expect::Rows(1)));
        assert_eq!(won.await, 1, "{atomicity:?}");
    }
}

/// How many of 64 batches at once are kept. The others must run into a conflict.
async fn at_once(opened: &Arc<server::Opened>, batch: impl Fn() -> Batch) -> usize {
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (opened, batch) = (Arc::clone(opened), batch());
            tokio::spawn(async move { opened.store.write(batch).await })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(error.conflict().is_some(), "{error}"),
        }
    }
    won
}
