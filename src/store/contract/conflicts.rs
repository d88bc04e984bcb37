//! What keeps a batch from being applied, and that nothing of it is left then.

use super::{
    Case, Ids,
    given::{all, assert_has, badge, conflict, fill, get, note, person, set, ticket, write},
    rules,
};
use crate::store::{Batch, ConflictKind, Expect, Filter, Op, Row, Statement, Storage};

/// A rule of stores that do not make ids by themselves.
pub(super) const MADE: &[Case] = &[Case {
    name: "a_taken_id_is_a_conflict",
    ids: Ids::Made,
    check: |store| Box::pin(a_taken_id_is_a_conflict(store)),
}];

pub(super) const CASES: &[Case] = rules![
    a_failed_expectation_names_its_statement,
    a_failed_expectation_takes_everything_back,
    expectations_of_every_kind_are_held,
    a_taken_unique_value_is_a_conflict,
    an_update_can_run_into_a_taken_value,
    two_rows_cannot_be_given_one_unique_value,
    absent_unique_values_do_not_collide,
    unique_values_are_case_sensitive,
    fields_can_be_unique_together,
    a_row_cannot_point_at_nothing,
    a_row_that_is_pointed_at_keeps_its_key,
    a_restricting_reference_keeps_its_row,
    a_token_is_consumed_once_in_a_batch_that_fails_otherwise,
];

fn unique(table: &'static str, field: &'static str) -> ConflictKind {
    ConflictKind::Unique { table: table.into(), field: field.into() }
}

fn reference(table: &'static str) -> ConflictKind {
    ConflictKind::Reference { table: table.into() }
}

fn expectation(found: u64) -> ConflictKind {
    ConflictKind::Expectation { found }
}

async fn a_failed_expectation_names_its_statement(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    let batch = Batch::new()
        .check("person", Filter::All, Expect::Rows(2))
        .delete("person", Filter::All, Expect::Rows(3))
        .check("person", Filter::All, Expect::Rows(7));
    assert_eq!(conflict(store, batch).await, (1, expectation(2)));
}

async fn a_failed_expectation_takes_everything_back(store: &dyn Storage) {
    fill(store, "person", ["a", "b", "c"].map(person)).await;
    fill(store, "ticket", [ticket("1", "a", 5).with("uses", 1), ticket("2", "b", 5), ticket("3", "c", 5)]).await;
    fill(store, "note", [note("1", Some("a"))]).await;
    let by = vec![("uses".into(), 1)];
    let batch = Batch::new()
        .insert("person", person("d"))
        .insert("ticket", ticket("4", "d", 5))
        .update("person", Filter::eq("id", "b"), Row::new().with("name", "x").with("nick", "y"), Expect::Rows(1))
        .then(Statement::Increment {
            table: "ticket".into(),
            filter: Filter::All,
            by,
            set: Row::new(),
            expect: Expect::Any,
        })
        .consume("ticket", Filter::eq("id", "2"), Expect::Rows(1))
        .delete("person", Filter::eq("id", "a"), Expect::Rows(1))
        .then(Statement::Sweep { table: "ticket".into(), filter: Filter::All, order: "expiresAt".into(), limit: 9 })
        .check("person", Filter::All, Expect::Rows(0));
    assert_eq!(conflict(store, batch).await, (7, expectation(3)));
    assert_eq!(all(store, "person").await, ["a", "b", "c"]);
    assert_eq!(all(store, "ticket").await, ["1", "2", "3"]);
    assert_has(&get(store, "person", "b").await.expect("the row is there"), &person("b").with("nick", None::<&str>));
    assert_has(&get(store, "ticket", "1").await.expect("the row is there"), &ticket("1", "a", 5).with("uses", 1));
    assert_has(&get(store, "note", "1").await.expect("the row is there"), &note("1", Some("a")));
    write(store, Batch::new().insert("person", person("d").with("nick", "y"))).await;
}

async fn expectations_of_every_kind_are_held(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "ticket", [ticket("1", "a", 5), ticket("2", "a", 5)]).await;
    let (table, two, none) = ("ticket", || Filter::All, || Filter::eq("id", "x"));
    let by = || vec![("uses".into(), 1)];
    let increment = |filter, expect| {
        Batch::new().then(Statement::Increment { table: table.into(), filter, by: by(), set: Row::new(), expect })
    };
    let row = || Row::new().with("uses", 1);
    for (batch, found) in [
        (Batch::new().check(table, two(), Expect::Rows(1)), 2),
        (Batch::new().check(table, two(), Expect::Rows(0)), 2),
        (Batch::new().check(table, none(), Expect::AtLeast(1)), 0),
        (Batch::new().update(table, none(), row(), Expect::Rows(1)), 0),
        (Batch::new().update(table, two(), row(), Expect::Rows(1)), 2),
        (Batch::new().update(table, two(), row(), Expect::AtLeast(3)), 2),
        (increment(none(), Expect::Rows(1)), 0),
        (increment(two(), Expect::Rows(1)), 2),
        (Batch::new().delete(table, two(), Expect::Rows(1)), 2),
        (Batch::new().delete(table, none(), Expect::AtLeast(1)), 0),
        (Batch::new().consume(table, two(), Expect::Rows(1)), 2),
        (Batch::new().consume(table, none(), Expect::Rows(1)), 0),
    ] {
        assert_eq!(conflict(store, batch.clone()).await, (0, expectation(found)), "{batch:?}");
        let row = get(store, table, "1").await.expect("the row is there");
        assert!(row.get("uses").is_null(), "{batch:?}");
    }
    for batch in [
        Batch::new().check(table, two(), Expect::AtLeast(2)),
        Batch::new().check(table, none(), Expect::Any),
        Batch::new().update(table, two(), row(), Expect::AtLeast(1)),
        increment(two(), Expect::Rows(2)),
        Batch::new().consume(table, two(), Expect::Rows(2)),
        Batch::new().delete(table, two(), Expect::Rows(0)),
    ] {
        write(store, batch).await;
    }
}

async fn a_taken_id_is_a_conflict(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    let batch =
        Batch::new().insert("person", person("b")).insert("person", person("a").with("email", "other@example.com"));
    assert_eq!(conflict(store, batch).await, (1, unique("person", "id")));
    assert_eq!(all(store, "person").await, ["a"]);
}

async fn a_taken_unique_value_is_a_conflict(store: &dyn Storage) {
    fill(store, "person", [person("a").with("nick", "x")]).await;
    fill(store, "ticket", [ticket("1", "a", 5)]).await;
    let same_address = Batch::new().insert("person", person("b").with("email", "a@example.com"));
    assert_eq!(conflict(store, same_address).await, (0, unique("person", "email")));
    let same_nick = Batch::new().insert("person", person("b")).insert("person", person("c").with("nick", "x"));
    assert_eq!(conflict(store, same_nick).await, (1, unique("person", "nick")));
    let same_token = Batch::new().insert("ticket", ticket("2", "a", 5).with("token", "token-1"));
    assert_eq!(conflict(store, same_token).await, (0, unique("ticket", "token")));
    let twice = Batch::new().insert("person", person("d")).insert("person", person("e").with("email", "d@example.com"));
    assert_eq!(conflict(store, twice).await, (1, unique("person", "email")));
    assert_eq!(all(store, "person").await, ["a"]);
}

async fn an_update_can_run_into_a_taken_value(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    let (statement, kind) = conflict(store, set("b", "email", "a@example.com")).await;
    assert_eq!((statement, kind), (0, unique("person", "email")));
    write(store, set("b", "email", "b@example.com")).await;
    assert_has(&get(store, "person", "b").await.expect("the row is there"), &person("b"));
}

async fn two_rows_cannot_be_given_one_unique_value(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    let both = Batch::new().update("person", Filter::All, Row::new().with("nick", "x"), Expect::Any);
    assert_eq!(conflict(store, both).await, (0, unique("person", "nick")));
    assert!(get(store, "person", "a").await.expect("the row is there").get("nick").is_null());
}

async fn absent_unique_values_do_not_collide(store: &dyn Storage) {
    fill(store, "person", ["a", "b", "c"].map(person)).await;
    fill(store, "person", [person("d").with("nick", "x")]).await;
    write(store, set("d", "nick", None::<&str>)).await;
    write(store, set("a", "nick", "x")).await;
    assert_eq!(conflict(store, set("d", "nick", "x")).await, (0, unique("person", "nick")));
}

async fn unique_values_are_case_sensitive(store: &dyn Storage) {
    fill(store, "person", [person("a"), person("A"), person("b").with("nick", "x"), person("c").with("nick", "X ")])
        .await;
    fill(store, "person", [person("d").with("nick", "X"), person("e").with("nick", "")]).await;
    assert_eq!(all(store, "person").await.len(), 6);
}

async fn fields_can_be_unique_together(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    fill(store, "badge", [badge("1", "x", 1, "a"), badge("2", "x", 2, "a"), badge("3", "y", 1, "a")]).await;
    let taken = Batch::new().insert("badge", badge("4", "x", 2, "a"));
    assert_eq!(conflict(store, taken).await, (0, unique("badge", "series")));
    let moved = Batch::new().update("badge", Filter::eq("id", "3"), Row::new().with("series", "x"), Expect::Any);
    assert_eq!(conflict(store, moved).await, (0, unique("badge", "series")));
    assert_eq!(all(store, "badge").await.len(), 3);
}

async fn a_row_cannot_point_at_nothing(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    fill(store, "ticket", [ticket("1", "a", 5)]).await;
    let orphan = Batch::new().insert("person", person("b")).insert("ticket", ticket("2", "x", 5));
    assert_eq!(conflict(store, orphan).await, (1, reference("ticket")));
    let lost = Batch::new().update("ticket", Filter::All, Row::new().with("personId", "x"), Expect::Any);
    assert_eq!(conflict(store, lost).await, (0, reference("ticket")));
    let badge = Batch::new().insert("badge", badge("1", "x", 1, "b"));
    assert_eq!(conflict(store, badge).await, (0, reference("badge")));
    write(store, Batch::new().insert("note", note("1", None)).insert("note", note("2", Some("a")))).await;
    let note = Batch::new().update("note", Filter::eq("id", "1"), Row::new().with("personId", "x"), Expect::Any);
    assert_eq!(conflict(store, note).await, (0, reference("note")));
    assert_eq!((all(store, "person").await.len(), all(store, "badge").await.len()), (1, 0));
}

async fn a_row_that_is_pointed_at_keeps_its_key(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "badge", [badge("1", "x", 1, "a")]).await;
    assert_eq!(conflict(store, set("a", "email", "new@example.com")).await, (0, reference("badge")));
    write(store, set("b", "email", "new@example.com")).await;
    write(store, set("a", "email", "a@example.com")).await;
}

async fn a_restricting_reference_keeps_its_row(store: &dyn Storage) {
    fill(store, "person", ["a", "b"].map(person)).await;
    fill(store, "ticket", [ticket("1", "a", 5)]).await;
    fill(store, "badge", [badge("1", "x", 1, "a")]).await;
    let delete = |id: &str| Batch::new().delete("person", Filter::eq("id", id), Expect::Any);
    assert_eq!(conflict(store, delete("a")).await, (0, reference("badge")));
    assert_eq!((all(store, "person").await.len(), all(store, "ticket").await.len()), (2, 1));
    write(store, delete("b")).await;
    let first = Batch::new().delete("badge", Filter::All, Expect::Rows(1));
    let batch = delete("a").statements.into_iter().fold(first, Batch::then);
    write(store, batch).await;
    assert!(all(store, "ticket").await.is_empty());
}

async fn a_token_is_consumed_once_in_a_batch_that_fails_otherwise(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    fill(store, "ticket", [ticket("1", "a", 50)]).await;
    let spend = || {
        let live = Filter::eq("token", "token-1").and(Filter::compare("expiresAt", Op::Gt, super::given::at(7)));
        Batch::new().consume("ticket", live, Expect::Rows(1)).update(
            "person",
            Filter::eq("id", "a"),
            Row::new().with("active", false),
            Expect::Rows(1),
        )
    };
    write(store, spend()).await;
    write(store, set("a", "active", true)).await;
    assert_eq!(conflict(store, spend()).await, (0, expectation(0)));
    assert!(get(store, "person", "a").await.expect("the row is there").flag("active"));
}
