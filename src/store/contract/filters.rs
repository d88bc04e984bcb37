//! Which rows a filter accepts.

use super::{
    Case,
    given::{NOON, at, fill, found, person, read},
    rules,
};
use crate::store::{CaseMode, Filter, Op, Query, Storage, StorageError, Value};

pub(super) const CASES: &[Case] = rules![
    comparisons_of_numbers,
    comparisons_of_dates_and_booleans,
    comparisons_of_text_go_by_bytes,
    absent_values_are_found_only_by_asking_for_them,
    patterns_are_case_sensitive_unless_told,
    patterns_take_wildcards_literally,
    patterns_know_more_than_ascii,
    only_ascii_letters_are_folded,
    lists_of_values,
    lists_with_absent_and_no_values,
    long_lists_of_values,
    combined_filters,
    filters_that_make_no_sense_are_refused,
];

fn compare(field: &'static str, op: Op, value: impl Into<Value>) -> Filter {
    Filter::compare(field, op, value)
}

fn folded(field: &'static str, op: Op, value: &str) -> Filter {
    Filter::Compare { field: field.into(), op, value: value.into(), case: CaseMode::Insensitive }
}

async fn people(store: &dyn Storage, names: &[(&str, &str)]) {
    fill(store, "person", names.iter().map(|(id, name)| person(id).with("name", *name))).await;
}

async fn expect(store: &dyn Storage, cases: impl IntoIterator<Item = (Filter, &'static str)>) {
    for (filter, ids) in cases {
        let expected: Vec<_> = ids.split_whitespace().map(str::to_owned).collect();
        assert_eq!(found(store, "person", filter.clone()).await, expected, "{filter:?}");
    }
}

async fn comparisons_of_numbers(store: &dyn Storage) {
    let aged = |(id, age): (&str, i64)| person(id).with("age", age).with("score", age << 40);
    fill(store, "person", [("a", -1), ("b", 0), ("c", 7), ("d", 10)].map(aged)).await;
    fill(store, "person", [person("e").with("age", 8), person("n")]).await;
    expect(
        store,
        [
            (compare("age", Op::Eq, 7), "c"),
            (compare("age", Op::Eq, 7.0), "c"),
            (compare("age", Op::Eq, 7.5), ""),
            (compare("age", Op::Lt, 7.5), "a b c"),
            (compare("age", Op::Ne, 7), "a b d e"),
            (compare("age", Op::Lt, 7), "a b"),
            (compare("age", Op::Lte, 7), "a b c"),
            (compare("age", Op::Gt, 7), "d e"),
            (compare("age", Op::Gte, 7.5), "d e"),
            (compare("age", Op::Lt, 7_i64 << 40), "a b c d e"),
            (compare("age", Op::Eq, 7_i64 << 40), ""),
            (Filter::any_of("age", [Value::Int(7_i64 << 40), 7.into(), 7.5.into()]), "c"),
            (compare("score", Op::Gt, 7_i64 << 40), "d"),
            (compare("score", Op::Eq, -1_i64 << 40), "a"),
        ],
    )
    .await;
}

async fn comparisons_of_dates_and_booleans(store: &dyn Storage) {
    let born = |(id, born, active): (&str, i64, bool)| person(id).with("born", at(born)).with("active", active);
    let rows = [("a", -40_000_000_000, true), ("b", NOON - 1, true), ("c", NOON, false), ("d", NOON + 1, false)];
    fill(store, "person", rows.map(born)).await;
    fill(store, "person", [person("n")]).await;
    expect(
        store,
        [
            (compare("born", Op::Eq, at(NOON)), "c"),
            (compare("born", Op::Ne, at(NOON)), "a b d"),
            (compare("born", Op::Lt, at(NOON)), "a b"),
            (compare("born", Op::Lte, at(NOON)), "a b c"),
            (compare("born", Op::Gt, at(NOON)), "d"),
            (compare("born", Op::Gte, at(NOON)), "c d"),
            (compare("active", Op::Eq, true), "a b n"),
            (compare("active", Op::Ne, true), "c d"),
        ],
    )
    .await;
}

async fn comparisons_of_text_go_by_bytes(store: &dyn Storage) {
    people(store, &[("a", ""), ("b", "B"), ("c", "a"), ("d", "aa"), ("e", "z"), ("f", "é"), ("g", "10")]).await;
    expect(
        store,
        [
            (compare("name", Op::Eq, "a"), "c"),
            (compare("name", Op::Eq, ""), "a"),
            (compare("name", Op::Eq, "b"), ""),
            (compare("name", Op::Ne, "a"), "a b d e f g"),
            (compare("name", Op::Lt, "a"), "a b g"),
            (compare("name", Op::Lte, "a"), "a b c g"),
            (compare("name", Op::Gt, "a"), "d e f"),
            (compare("name", Op::Gte, "aa"), "d e f"),
            (compare("name", Op::Gt, "9"), "b c d e f"),
        ],
    )
    .await;
}

async fn absent_values_are_found_only_by_asking_for_them(store: &dyn Storage) {
    fill(store, "person", [person("a").with("nick", "x").with("age", 1), person("b").with("nick", ""), person("n")])
        .await;
    expect(
        store,
        [
            (compare("nick", Op::Eq, Value::Null), "n"),
            (compare("nick", Op::Ne, Value::Null), "a b"),
            (compare("nick", Op::Eq, ""), "b"),
            (compare("nick", Op::Ne, "x"), "b"),
            (compare("nick", Op::Contains, ""), "a b"),
            (compare("age", Op::Lt, Value::Null), ""),
            (compare("age", Op::Gte, Value::Null), ""),
            (compare("nick", Op::StartsWith, Value::Null), ""),
            (compare("profile", Op::Eq, Value::Null), "a b n"),
            (compare("tags", Op::Ne, Value::Null), ""),
        ],
    )
    .await;
}

async fn patterns_are_case_sensitive_unless_told(store: &dyn Storage) {
    people(store, &[("a", "Ada Lovelace"), ("b", "ada"), ("c", "Grace Hopper"), ("d", "")]).await;
    expect(
        store,
        [
            (compare("name", Op::Contains, "a"), "a b c"),
            (compare("name", Op::Contains, "A"), "a"),
            (compare("name", Op::Contains, ""), "a b c d"),
            (compare("name", Op::StartsWith, "Ada"), "a"),
            (compare("name", Op::StartsWith, "ada"), "b"),
            (compare("name", Op::StartsWith, ""), "a b c d"),
            (compare("name", Op::EndsWith, "e"), "a"),
            (compare("name", Op::EndsWith, "ADA"), ""),
            (compare("name", Op::EndsWith, ""), "a b c d"),
            (compare("name", Op::EndsWith, "xxxxxxxxxxxxxxxxxxxxx Grace Hopper"), ""),
            (folded("name", Op::Eq, "ADA"), "b"),
            (folded("name", Op::Ne, "ADA"), "a c d"),
            (folded("name", Op::Contains, "LOVE"), "a"),
            (folded("name", Op::StartsWith, "aDA"), "a b"),
            (folded("name", Op::EndsWith, "HOPPER"), "c"),
            (folded("name", Op::EndsWith, ""), "a b c d"),
            (folded("name", Op::Lt, "B"), "a b d"),
            (folded("name", Op::Gte, "ADA L"), "a c"),
        ],
    )
    .await;
}

async fn patterns_take_wildcards_literally(store: &dyn Storage) {
    let names = [("a", "100%"), ("b", "1000"), ("c", "a_b"), ("d", "axb"), ("e", r"c\d"), ("f", "c|d"), ("g", "[a]*?")];
    people(store, &names).await;
    let metacharacters =
        [("%", "a"), ("_", "c"), (r"\", "e"), ("|", "f"), ("*", "g"), ("?", "g"), ("[a]", "g"), ("'", "")];
    for (needle, ids) in metacharacters {
        expect(store, [(compare("name", Op::Contains, needle), ids), (folded("name", Op::Contains, needle), ids)])
            .await;
    }
    expect(
        store,
        [
            (compare("name", Op::StartsWith, "a_"), "c"),
            (compare("name", Op::StartsWith, "%"), ""),
            (compare("name", Op::EndsWith, "0%"), "a"),
            (folded("name", Op::EndsWith, "_B"), "c"),
            (folded("name", Op::StartsWith, r"C\"), "e"),
            (compare("name", Op::Eq, "100%"), "a"),
        ],
    )
    .await;
}

async fn patterns_know_more_than_ascii(store: &dyn Storage) {
    people(store, &[("a", "Zoë 🦀"), ("b", "Zoe\u{308}"), ("c", "日本語"), ("d", "🦀")]).await;
    expect(
        store,
        [
            (compare("name", Op::Contains, "ë"), "a"),
            (compare("name", Op::EndsWith, "🦀"), "a d"),
            (compare("name", Op::StartsWith, "日本"), "c"),
            (compare("name", Op::EndsWith, "本語"), "c"),
            (compare("name", Op::EndsWith, "\u{308}"), "b"),
            (compare("name", Op::Eq, "Zoë 🦀"), "a"),
            (folded("name", Op::StartsWith, "zOë"), "a"),
        ],
    )
    .await;
}

async fn only_ascii_letters_are_folded(store: &dyn Storage) {
    people(store, &[("a", "École"), ("b", "école"), ("c", "ECOLE")]).await;
    expect(
        store,
        [
            (folded("name", Op::Eq, "ÉCOLE"), "a"),
            (folded("name", Op::Eq, "éCOLE"), "b"),
            (folded("name", Op::StartsWith, "É"), "a"),
            (folded("name", Op::Contains, "École"), "a"),
        ],
    )
    .await;
}

async fn lists_of_values(store: &dyn Storage) {
    let rows = [("a", 1), ("b", 2), ("c", 3)].map(|(id, age)| person(id).with("age", age).with("born", at(NOON + age)));
    fill(store, "person", rows).await;
    fill(store, "person", [person("n")]).await;
    let none_of = |field: &'static str, values: Vec<Value>| Filter::In { field: field.into(), values, negated: true };
    expect(
        store,
        [
            (Filter::any_of("age", [1, 3, 3, 9]), "a c"),
            (Filter::any_of("id", ["a", "n", "a"]), "a n"),
            (Filter::any_of("email", ["b@example.com", "B@example.com"]), "b"),
            (Filter::any_of("born", [at(NOON + 2)]), "b"),
            (Filter::any_of("active", [true]), "a b c n"),
            (none_of("age", vec![1.into(), 3.into()]), "b"),
            (none_of("id", vec!["a".into()]), "b c n"),
        ],
    )
    .await;
}

async fn lists_with_absent_and_no_values(store: &dyn Storage) {
    fill(store, "person", [person("a").with("age", 1), person("b").with("age", 2), person("n")]).await;
    let list = |values: &[Value], negated| Filter::In { field: "age".into(), values: values.to_vec(), negated };
    expect(
        store,
        [
            (list(&[], false), ""),
            (list(&[], true), "a b"),
            (list(&[Value::Null], false), ""),
            (list(&[Value::Null], true), "a b"),
            (list(&[Value::Null, 1.into()], false), "a"),
            (list(&[Value::Null, 1.into()], true), "b"),
        ],
    )
    .await;
}

async fn long_lists_of_values(store: &dyn Storage) {
    fill(store, "person", [person("a").with("age", 1), person("b").with("age", 999), person("c").with("age", 5000)])
        .await;
    expect(store, [(Filter::any_of("age", 0..1000), "a b")]).await;
}

async fn combined_filters(store: &dyn Storage) {
    fill(store, "person", ["a", "b", "c"].map(person)).await;
    let is = |id: &str| Filter::eq("id", id);
    expect(
        store,
        [
            (Filter::All, "a b c"),
            (Filter::And(vec![]), "a b c"),
            (Filter::Or(vec![]), ""),
            (Filter::Or(vec![is("a"), is("c"), is("a")]), "a c"),
            (Filter::And(vec![is("a"), is("b")]), ""),
            (Filter::And(vec![Filter::eq("active", true), Filter::Or(vec![is("a"), is("b")])]), "a b"),
            (Filter::Or(vec![Filter::And(vec![]), is("a")]), "a b c"),
            (Filter::And(vec![Filter::Or(vec![]), is("a")]), ""),
            (Filter::Or(vec![Filter::And(vec![is("a"), is("b")]), is("c")]), "c"),
        ],
    )
    .await;
    assert_eq!(read(store, Query::one("person", is("b"))).await.len(), 1);
}

async fn filters_that_make_no_sense_are_refused(store: &dyn Storage) {
    for (table, filter) in [
        ("nobody", Filter::All),
        ("person", Filter::eq("nobody", 1)),
        ("person", Filter::eq("age", "1")),
        ("person", Filter::eq("name", 1)),
        ("person", Filter::eq("active", 1)),
        ("person", Filter::eq("born", "2024-01-01")),
        ("person", compare("age", Op::Contains, "1")),
        ("person", Filter::eq("profile", serde_json::json!({}))),
        ("person", Filter::any_of("name", [1])),
        ("person", Filter::Or(vec![Filter::All, Filter::eq("nobody", 1)])),
    ] {
        let answer = store.read(Query::many(table, filter.clone())).await;
        assert!(matches!(answer, Err(StorageError::Failed(_))), "{filter:?}: {answer:?}");
    }
}
