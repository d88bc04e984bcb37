//! What each statement does.

use super::{
    Case,
    given::{NOON, all, assert_has, at, fill, found, get, ids, note, person, read, refused, ticket, write},
    rules,
};
use crate::store::{Batch, Expect, Filter, Op, Query, Row, Rows, Statement, Storage};

pub(super) const CASES: &[Case] = rules![
    an_insert_answers_the_row_as_stored,
    an_update_changes_what_the_filter_accepts,
    an_update_can_make_values_absent,
    an_update_of_nothing_counts,
    an_increment_adds_and_sets,
    an_increment_keeps_the_limit_in_its_filter,
    a_delete_counts_what_it_removes,
    a_consume_answers_what_it_removes_once,
    a_check_counts_and_changes_nothing,
    a_sweep_removes_the_smallest_first,
    later_statements_see_earlier_ones,
    a_removed_unique_value_can_be_used_again,
    removing_a_row_removes_what_belongs_to_it,
    removing_a_row_releases_what_pointed_at_it,
    an_empty_batch_answers_nothing,
    statements_that_make_no_sense_are_refused,
];

async fn one(store: &dyn Storage, batch: Batch) -> Rows {
    let mut answers = write(store, batch).await;
    assert_eq!(answers.len(), 1, "one statement, one answer");
    answers.remove(0)
}

fn increment(filter: Filter, by: &[(&'static str, i64)], set: Row, expect: Expect) -> Batch {
    let by = by.iter().map(|(field, step)| ((*field).into(), *step)).collect();
    Batch::new().then(Statement::Increment { table: "ticket".into(), filter, by, set, expect })
}

fn sweep(filter: Filter, limit: u32) -> Batch {
    Batch::new().then(Statement::Sweep { table: "ticket".into(), filter, order: "expiresAt".into(), limit })
}

async fn an_insert_answers_the_row_as_stored(store: &dyn Storage) {
    let row = person("a").with("age", 3.0);
    let answer = one(store, Batch::new().insert("person", row)).await;
    assert_eq!((answer.count, answer.rows.len()), (1, 1));
    assert_has(&answer.rows[0], &person("a").with("age", 3).with("nick", None::<&str>));
    assert!(get(store, "person", "a").await == answer.first());
}

async fn an_update_changes_what_the_filter_accepts(store: &dyn Storage) {
    fill(store, "person", ["a", "b", "c"].map(person)).await;
    let some = Filter::any_of("id", ["a", "c", "x"]);
    let set = Row::new().with("name", "new").with("age", 4).with("born", at(NOON)).with("active", false);
    let answer = one(store, Batch::new().update("person", some, set.clone(), Expect::Any)).await;
    assert_eq!((answer.count, answer.rows.len()), (2, 0));
    assert_has(
        &get(store, "person", "a").await.expect("the row is there"),
        &set.clone().with("email", "a@example.com"),
    );
    assert_has(&get(store, "person", "b").await.expect("the row is there"), &person("b"));
    let same = one(store, Batch::new().update("person", Filter::eq("id", "a"), set, Expect::Rows(1))).await;
    assert_eq!(same.count, 1, "a row that stays the same counts as changed");
    let none = Batch::new().update("person", Filter::eq("id", "x"), Row::new().with("age", 1), Expect::Any);
    assert_eq!(one(store, none).await.count, 0);
}

async fn an_update_can_make_values_absent(store: &dyn Storage) {
    fill(store, "person", [person("a").with("nick", "x").with("born", at(1)).with("tags", serde_json::json!(["t"]))])
        .await;
    let set = Row::new().with("nick", None::<&str>).with("born", None::<&str>).with("tags", None::<&str>);
    one(store, Batch::new().update("person", Filter::All, set.clone(), Expect::Rows(1))).await;
    assert_has(&get(store, "person", "a").await.expect("the row is there"), &set);
}

async fn an_update_of_nothing_counts(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    let batch = Batch::new().update("person", Filter::All, Row::new(), Expect::Rows(2));
    assert_eq!(one(store, batch).await.count, 2);
    assert_has(&get(store, "person", "a").await.expect("the row is there"), &person("a"));
}

async fn an_increment_adds_and_sets(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    fill(store, "ticket", [ticket("1", "a", 5), ticket("2", "a", 5).with("uses", 10)]).await;
    let answer =
        one(store, increment(Filter::All, &[("uses", 3)], Row::new().with("expiresAt", at(6)), Expect::Rows(2))).await;
    assert_eq!((answer.count, answer.rows.len()), (2, 0));
    let first = get(store, "ticket", "1").await.expect("the row is there");
    assert_has(&first, &ticket("1", "a", 6).with("uses", 3));
    one(store, increment(Filter::eq("id", "2"), &[("uses", -20)], Row::new(), Expect::Rows(1))).await;
    assert_has(&get(store, "ticket", "2").await.expect("the row is there"), &ticket("2", "a", 6).with("uses", -7));
}

async fn an_increment_keeps_the_limit_in_its_filter(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    fill(store, "ticket", [ticket("1", "a", 5).with("uses", 0)]).await;
    let guard = || Filter::eq("id", "1").and(Filter::compare("uses", Op::Lt, 2));
    for counted in [1, 1, 0] {
        assert_eq!(one(store, increment(guard(), &[("uses", 1)], Row::new(), Expect::Any)).await.count, counted);
    }
    assert_has(&get(store, "ticket", "1").await.expect("the row is there"), &Row::new().with("uses", 2));
}

async fn a_delete_counts_what_it_removes(store: &dyn Storage) {
    fill(store, "person", ["a", "b", "c"].map(person)).await;
    let delete = || Batch::new().delete("person", Filter::any_of("id", ["a", "c"]), Expect::Any);
    let answer = one(store, delete()).await;
    assert_eq!((answer.count, answer.rows.len()), (2, 0));
    assert_eq!(one(store, delete()).await.count, 0);
    assert_eq!(all(store, "person").await, ["b"]);
}

async fn a_consume_answers_what_it_removes_once(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "ticket", [ticket("1", "a", 5), ticket("2", "a", 9), ticket("3", "a", 9)]).await;
    let live = |id: &str| Filter::eq("id", id).and(Filter::compare("expiresAt", Op::Gt, at(7)));
    let consume = |filter| Batch::new().consume("ticket", filter, Expect::Any);
    assert_eq!(one(store, consume(live("1"))).await, Rows::found(Vec::new()));
    let stored = get(store, "ticket", "2").await;
    let answer = one(store, consume(live("2"))).await;
    assert!(answer.count == 1 && answer.first() == stored);
    assert_eq!(one(store, consume(live("2"))).await, Rows::found(Vec::new()));
    let rest = one(store, consume(Filter::All)).await;
    let mut removed = ids(&rest.rows);
    removed.sort();
    assert_eq!((rest.count, removed), (2, vec!["1".to_owned(), "3".to_owned()]));
}

async fn a_check_counts_and_changes_nothing(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    let answer = one(store, Batch::new().check("person", Filter::eq("active", true), Expect::AtLeast(1))).await;
    assert_eq!((answer.count, answer.rows.len()), (2, 0));
    assert_eq!(one(store, Batch::new().check("person", Filter::eq("id", "x"), Expect::Rows(0))).await.count, 0);
    assert_eq!(all(store, "person").await, ["a", "b"]);
}

async fn a_sweep_removes_the_smallest_first(store: &dyn Storage) {
    fill(store, "person", [person("p")]).await;
    let rows = [("a", 40), ("b", 10), ("c", 30), ("d", 20), ("e", 50)];
    fill(store, "ticket", rows.map(|(id, expires_at)| ticket(id, "p", expires_at))).await;
    let expired = || Filter::compare("expiresAt", Op::Lt, at(45));
    let answer = one(store, sweep(expired(), 2)).await;
    assert_eq!((answer.count, answer.rows.len()), (2, 0));
    assert_eq!(all(store, "ticket").await, ["a", "c", "e"]);
    assert_eq!(one(store, sweep(expired(), 0)).await.count, 0);
    assert_eq!(one(store, sweep(expired(), 100)).await.count, 2);
    assert_eq!(all(store, "ticket").await, ["e"]);
}

async fn later_statements_see_earlier_ones(store: &dyn Storage) {
    let batch = Batch::new()
        .insert("person", person("a"))
        .insert("ticket", ticket("1", "a", 5))
        .update("person", Filter::eq("id", "a"), Row::new().with("name", "second"), Expect::Rows(1))
        .check("person", Filter::eq("name", "second"), Expect::Rows(1))
        .consume("ticket", Filter::eq("token", "token-1"), Expect::Rows(1))
        .check("ticket", Filter::All, Expect::Rows(0))
        .insert("ticket", ticket("1", "a", 6));
    let answers = write(store, batch).await;
    assert_eq!(answers.iter().map(|answer| answer.count).collect::<Vec<_>>(), [1, 1, 1, 1, 1, 0, 1]);
    assert_has(&answers[4].rows[0], &ticket("1", "a", 5));
    assert_has(&get(store, "ticket", "1").await.expect("the row is there"), &ticket("1", "a", 6));
}

async fn a_removed_unique_value_can_be_used_again(store: &dyn Storage) {
    fill(store, "person", [person("a").with("nick", "x")]).await;
    let batch = Batch::new()
        .delete("person", Filter::eq("id", "a"), Expect::Rows(1))
        .insert("person", person("a").with("nick", "x"))
        .update("person", Filter::eq("id", "a"), Row::new().with("nick", "y"), Expect::Rows(1))
        .insert("person", person("b").with("nick", "x"));
    write(store, batch).await;
    assert_eq!(found(store, "person", Filter::any_of("nick", ["x", "y"])).await, ["a", "b"]);
}

async fn removing_a_row_removes_what_belongs_to_it(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "ticket", [ticket("1", "a", 5), ticket("2", "b", 5), ticket("3", "a", 5)]).await;
    let answer = one(store, Batch::new().delete("person", Filter::eq("id", "a"), Expect::Rows(1))).await;
    assert_eq!(answer.count, 1, "rows that go along do not count");
    assert_eq!(all(store, "ticket").await, ["2"]);
    one(store, Batch::new().consume("person", Filter::eq("id", "b"), Expect::Rows(1))).await;
    assert!(all(store, "ticket").await.is_empty());
    assert!(read(store, Query::many("ticket", Filter::eq("token", "token-1"))).await.is_empty());
}

async fn removing_a_row_releases_what_pointed_at_it(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "note", [note("1", Some("a")), note("2", Some("b"))]).await;
    write(store, Batch::new().delete("person", Filter::eq("id", "a"), Expect::Rows(1))).await;
    assert!(get(store, "note", "1").await.expect("the row is there").get("personId").is_null());
    assert_eq!(found(store, "note", Filter::eq("personId", "b")).await, ["2"]);
    assert!(found(store, "note", Filter::eq("personId", "a")).await.is_empty());
}

async fn an_empty_batch_answers_nothing(store: &dyn Storage) {
    assert!(write(store, Batch::new()).await.is_empty());
}

async fn statements_that_make_no_sense_are_refused(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "ticket", [ticket("1", "a", 5)]).await;
    let new = || person("c");
    let set = |row: Row| Batch::new().update("person", Filter::All, row, Expect::Any);
    for batch in [
        Batch::new().insert("nobody", new()),
        Batch::new().insert("person", new().with("nobody", 1)),
        Batch::new().insert("person", new().with("name", None::<&str>)),
        Batch::new().insert("person", new().with("age", "7")),
        Batch::new().insert("person", new().with("name", "a\0b")),
        Batch::new().insert("person", new().with("tags", serde_json::json!([1]))),
        set(Row::new().with("nobody", 1)),
        set(Row::new().with("id", "x")),
        set(Row::new().with("name", None::<&str>)),
        set(Row::new().with("active", 1)),
        Batch::new().delete("person", Filter::eq("nobody", 1), Expect::Any),
        increment(Filter::All, &[("token", 1)], Row::new(), Expect::Any),
        increment(Filter::All, &[("uses", 1), ("uses", 1)], Row::new(), Expect::Any),
        increment(Filter::All, &[("uses", 1)], Row::new().with("uses", 1), Expect::Any),
        Batch::new().delete("ticket", Filter::All, Expect::Any).insert("nobody", new()),
    ] {
        refused(store, batch).await;
    }
    assert_eq!((all(store, "person").await.len(), all(store, "ticket").await.len()), (2, 1));
    assert_has(&get(store, "person", "a").await.expect("the row is there"), &person("a"));
}
