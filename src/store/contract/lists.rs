//! Order, windows, and related rows.

use super::{
    Case,
    given::{NOON, at, badge, fill, get, ids, note, person, read, ticket},
    rules,
};
use crate::store::{Direction, Filter, Query, Row, Storage, StorageError, With};

pub(super) const CASES: &[Case] = rules![
    rows_are_ordered_by_each_kind,
    absent_values_sort_first,
    several_keys_order_in_turn,
    windows_cut_what_was_ordered,
    a_count_ignores_order_and_window,
    rows_have_every_field_in_order,
    one_related_row_comes_along,
    many_related_rows_come_along,
    related_rows_do_not_change_the_window,
    several_relations_come_along,
    rows_without_relations_have_empty_ones,
    relations_by_other_fields_than_the_id,
    lists_that_make_no_sense_are_refused,
];

use Direction::{Ascending, Descending};

fn owner() -> With {
    With { name: "owner".into(), table: "person".into(), local: "personId".into(), foreign: "id".into() }
}

fn tickets() -> With {
    With { name: "tickets".into(), table: "ticket".into(), local: "id".into(), foreign: "personId".into() }
}

fn notes() -> With {
    With { name: "notes".into(), table: "note".into(), local: "id".into(), foreign: "personId".into() }
}

fn related(row: &Row, name: &str) -> Vec<String> {
    let mut related = ids(row.related(name));
    related.sort();
    related
}

async fn ordered(store: &dyn Storage, keys: &[(&'static str, Direction)]) -> String {
    let query = keys.iter().fold(Query::all("person"), |query, (field, way)| query.order_by(*field, *way));
    ids(&read(store, query).await).join(" ")
}

async fn rows_are_ordered_by_each_kind(store: &dyn Storage) {
    fill(
        store,
        "person",
        [
            person("a").with("name", "b").with("age", 11).with("born", at(NOON)).with("active", true),
            person("b").with("name", "a").with("age", 10).with("born", at(-1)).with("active", false),
            person("c").with("name", "é").with("age", -3).with("born", at(NOON + 1)).with("active", true),
            person("d").with("name", "B").with("age", 9).with("born", at(0)).with("active", false),
        ],
    )
    .await;
    assert_eq!(ordered(store, &[("name", Ascending)]).await, "d b a c");
    assert_eq!(ordered(store, &[("name", Descending)]).await, "c a b d");
    assert_eq!(ordered(store, &[("age", Ascending)]).await, "c d b a");
    assert_eq!(ordered(store, &[("born", Descending)]).await, "c a d b");
    assert_eq!(ordered(store, &[("active", Ascending), ("id", Descending)]).await, "d b c a");
    assert_eq!(ordered(store, &[("id", Ascending)]).await, "a b c d");
}

async fn absent_values_sort_first(store: &dyn Storage) {
    fill(store, "person", [person("a").with("age", 1), person("n"), person("b").with("age", -1)]).await;
    assert_eq!(ordered(store, &[("age", Ascending)]).await, "n b a");
    assert_eq!(ordered(store, &[("age", Descending)]).await, "a b n");
}

async fn several_keys_order_in_turn(store: &dyn Storage) {
    let rows = [("a", 1, "x"), ("b", 2, "x"), ("c", 1, "y")];
    fill(store, "person", rows.map(|(id, age, name)| person(id).with("age", age).with("name", name))).await;
    assert_eq!(ordered(store, &[("age", Ascending), ("name", Descending)]).await, "c a b");
    assert_eq!(ordered(store, &[("name", Descending), ("age", Descending)]).await, "c b a");
}

async fn windows_cut_what_was_ordered(store: &dyn Storage) {
    fill(store, "person", ["d", "b", "a", "c"].map(person)).await;
    for (limit, offset, expected) in [
        (None, 0, "a b c d"),
        (Some(2), 0, "a b"),
        (Some(2), 1, "b c"),
        (Some(9), 3, "d"),
        (Some(2), 4, ""),
        (Some(0), 0, ""),
        (None, 2, "c d"),
        (None, 9, ""),
        (Some(1), 2, "c"),
    ] {
        let query = Query { limit, offset, ..Query::all("person").order_by("email", Ascending) };
        assert_eq!(ids(&read(store, query).await).join(" "), expected, "limit {limit:?} offset {offset}");
    }
    let unordered = Query::all("person").limit(3);
    assert_eq!(read(store, unordered).await.len(), 3);
}

async fn a_count_ignores_order_and_window(store: &dyn Storage) {
    fill(store, "person", ["a", "b", "c"].map(person)).await;
    fill(store, "ticket", [ticket("1", "a", 0), ticket("2", "a", 0)]).await;
    let counted = Query { count: true, offset: 2, ..Query::all("person").limit(1).with(tickets()) };
    let answer = store.read(counted.order_by("name", Ascending)).await.expect("the query is answered");
    assert_eq!((answer.count, answer.rows.len()), (3, 0));
}

async fn rows_have_every_field_in_order(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    fill(store, "ticket", [ticket("1", "a", 5)]).await;
    let row = get(store, "ticket", "1").await.expect("the row is there");
    let names: Vec<_> = row.fields().map(|(name, _)| name.as_str().to_owned()).collect();
    assert_eq!(names, ["token", "expiresAt", "uses", "personId", "id"]);
    assert!(row.get("uses").is_null());
}

async fn one_related_row_comes_along(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "ticket", [ticket("1", "b", 5), ticket("2", "a", 5)]).await;
    let query = Query::one("ticket", Filter::eq("token", "token-1")).with(owner());
    let mut rows = read(store, query).await;
    assert_eq!(ids(&rows), ["1"]);
    let owner = rows[0].detach("owner");
    assert_eq!(ids(&owner), ["b"]);
    assert!(get(store, "person", "b").await.as_ref() == owner.first(), "a related row is as if it had been read alone");
    assert_eq!(read(store, Query::all("ticket").with(self::owner())).await.len(), 2);
}

async fn many_related_rows_come_along(store: &dyn Storage) {
    fill(store, "person", ["a", "b", "c"].map(person)).await;
    fill(store, "ticket", [ticket("1", "a", 5), ticket("2", "b", 5), ticket("3", "a", 5)]).await;
    let rows = read(store, Query::all("person").with(tickets()).order_by("id", Descending)).await;
    assert_eq!(ids(&rows), ["c", "b", "a"]);
    let found: Vec<_> = rows.iter().map(|row| related(row, "tickets").join(" ")).collect();
    assert_eq!(found, ["", "2", "1 3"]);
}

async fn related_rows_do_not_change_the_window(store: &dyn Storage) {
    fill(store, "person", ["a", "b", "c", "d"].map(person)).await;
    let all = ["a1", "a2", "a3", "b1", "b2", "c1"].map(|id| ticket(id, &id[..1], 5));
    fill(store, "ticket", all).await;
    let query = Query { offset: 1, ..Query::all("person").with(tickets()).order_by("id", Ascending).limit(2) };
    let rows = read(store, query).await;
    let found: Vec<_> = rows.iter().map(|row| format!("{}: {}", row.id(), related(row, "tickets").join(" "))).collect();
    assert_eq!(found, ["b: b1 b2", "c: c1"]);
}

async fn several_relations_come_along(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "ticket", [ticket("t1", "a", 5), ticket("t2", "a", 5), ticket("t3", "b", 5)]).await;
    fill(store, "note", [note("n1", Some("a")), note("n2", Some("a")), note("n3", None)]).await;
    let rows = read(store, Query::all("person").with(tickets()).with(notes()).order_by("id", Ascending)).await;
    let found: Vec<_> =
        rows.iter().map(|row| (related(row, "tickets").join(" "), related(row, "notes").join(" "))).collect();
    assert_eq!(found, [("t1 t2".to_owned(), "n1 n2".to_owned()), ("t3".to_owned(), String::new())]);
}

async fn rows_without_relations_have_empty_ones(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    fill(store, "note", [note("n1", None)]).await;
    let rows = read(store, Query::all("note").with(owner())).await;
    assert_eq!((rows.len(), rows[0].related("owner").len()), (1, 0));
    let rows = read(store, Query::all("person").with(tickets()).with(notes()).limit(1)).await;
    assert_eq!((rows.len(), rows[0].related("tickets").len(), rows[0].related("notes").len()), (1, 0, 0));
    let by_email = With { local: "ownerEmail".into(), foreign: "email".into(), ..owner() };
    assert!(read(store, Query::all("badge").with(by_email)).await.is_empty());
}

async fn relations_by_other_fields_than_the_id(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "badge", [badge("1", "x", 1, "b"), badge("2", "x", 2, "b")]).await;
    let owner = With { local: "ownerEmail".into(), foreign: "email".into(), ..owner() };
    let rows = read(store, Query::all("badge").with(owner).order_by("id", Ascending)).await;
    assert_eq!(rows.iter().map(|row| related(row, "owner").join(" ")).collect::<Vec<_>>(), ["b", "b"]);
    let namesakes =
        With { name: "same".into(), table: "person".into(), local: "active".into(), foreign: "active".into() };
    let rows = read(store, Query::one("person", Filter::eq("id", "a")).with(namesakes)).await;
    assert_eq!(related(&rows[0], "same"), ["a", "b"]);
}

async fn lists_that_make_no_sense_are_refused(store: &dyn Storage) {
    for query in [
        Query::all("person").order_by("nobody", Ascending),
        Query::all("person").order_by("profile", Ascending),
        Query::all("ticket").with(With { table: "nobody".into(), ..owner() }),
        Query::all("ticket").with(With { local: "nobody".into(), ..owner() }),
        Query::all("ticket").with(With { foreign: "nobody".into(), ..owner() }),
        Query::all("ticket").with(With { foreign: "age".into(), ..owner() }),
    ] {
        let answer = store.read(query.clone()).await;
        assert!(matches!(answer, Err(StorageError::Failed(_))), "{query:?}: {answer:?}");
    }
}
