//! Rows to begin with, and short ways to ask and to say what is expected.

use crate::{
    store::{Batch, ConflictKind, Expect, Filter, Query, Row, Rows, Storage, StorageError, Value},
    wire::date::Timestamp,
};

/// The middle of the day that all moments are of.
pub(super) const NOON: i64 = 43_200_000;

/// So many milliseconds after a day began, 123 ms late. Not every database knows moments of long ago.
pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_699_920_000_123 + millis)
}

/// A person with `id`, and an address made from it.
pub(super) fn person(id: &str) -> Row {
    Row::new()
        .with("id", id)
        .with("name", format!("Person {id}"))
        .with("email", format!("{id}@example.com"))
        .with("active", true)
        .with("createdAt", at(NOON))
}

pub(super) fn ticket(id: &str, person: &str, expires_at: i64) -> Row {
    Row::new()
        .with("id", id)
        .with("token", format!("token-{id}"))
        .with("expiresAt", at(expires_at))
        .with("personId", person)
}

pub(super) fn note(id: &str, person: Option<&str>) -> Row {
    Row::new().with("id", id).with("body", "…").with("personId", person)
}

pub(super) fn badge(id: &str, series: &str, number: i64, owner: &str) -> Row {
    Row::new()
        .with("id", id)
        .with("series", series)
        .with("number", number)
        .with("ownerEmail", format!("{owner}@example.com"))
}

/// Stores `rows`.
pub(super) async fn fill(store: &dyn Storage, table: &'static str, rows: impl IntoIterator<Item = Row>) {
    let batch = rows.into_iter().fold(Batch::new(), |batch, row| batch.insert(table, row));
    write(store, batch).await;
}

pub(super) async fn write(store: &dyn Storage, batch: Batch) -> Vec<Rows> {
    store.write(batch).await.expect("the batch is kept")
}

/// The conflict that keeps `batch` from being applied: the statement and the kind.
pub(super) async fn conflict(store: &dyn Storage, batch: Batch) -> (usize, ConflictKind) {
    match store.write(batch).await {
        Err(StorageError::Conflict(conflict)) => (conflict.statement, conflict.kind),
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

/// Asserts that the store refuses `batch` as nonsense.
pub(super) async fn refused(store: &dyn Storage, batch: Batch) {
    let answer = store.write(batch).await;
    assert!(matches!(answer, Err(StorageError::Failed(_))), "{answer:?}");
}

pub(super) async fn read(store: &dyn Storage, query: Query) -> Vec<Row> {
    let Rows { rows, count } = store.read(query).await.expect("the query is answered");
    assert_eq!(rows.len() as u64, count, "a query counts the rows it answers");
    rows
}

/// The row of `table` with `id`.
pub(super) async fn get(store: &dyn Storage, table: &'static str, id: &str) -> Option<Row> {
    read(store, Query::one(table, Filter::eq("id", id))).await.pop()
}

/// The sorted ids of the rows that `filter` accepts; the count of them must agree.
pub(super) async fn found(store: &dyn Storage, table: &'static str, filter: Filter) -> Vec<String> {
    let mut ids = ids(&read(store, Query::many(table, filter.clone())).await);
    ids.sort();
    let counted = store.read(Query::count(table, filter)).await.expect("the query is answered");
    assert_eq!((counted.rows.len(), counted.count), (0, ids.len() as u64), "a count agrees with the list");
    ids
}

/// All ids of a table, sorted.
pub(super) async fn all(store: &dyn Storage, table: &'static str) -> Vec<String> {
    found(store, table, Filter::All).await
}

pub(super) fn ids(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| row.id().to_owned()).collect()
}

/// Asserts that `row` has all fields of `expected`, with the same values.
pub(super) fn assert_has(row: &Row, expected: &Row) {
    for (name, value) in expected.fields() {
        assert!(row.find(name) == Some(value), "{name} is {:?}, not {value:?}", row.find(name));
    }
}

/// An update of one field.
pub(super) fn set(id: &str, field: &'static str, value: impl Into<Value>) -> Batch {
    let row = Row::new().with(field, value);
    Batch::new().update("person", Filter::eq("id", id), row, Expect::Rows(1))
}
