//! Ids that are not any text: what a store makes of them by itself.

use super::{
    Case,
    given::{all, at, conflict, found, get, person, read, refused, ticket, write},
    raw_rules,
};
use crate::{
    schema::IdKind,
    store::{Batch, Expect, Filter, Op, Query, Row, Statement, Storage, Value},
};

pub(super) const CASES: &[Case] = raw_rules![
    Serial: new_rows_are_numbered,
    Serial: a_placeholder_stands_for_the_number_in_its_batch,
    Serial: numbers_sort_as_numbers,
    Serial: no_number_is_given_twice,
    Serial: a_refused_batch_leaves_no_placeholder,
    Serial: text_that_is_no_number_is_no_id,
    Serial: a_row_does_not_choose_its_number,
    Uuid: text_that_is_no_uuid_is_no_id,
];

/// Inserts a person under the placeholder `~name` and answers the id.
async fn numbered(store: &dyn Storage, name: &str) -> String {
    let row = person(name).with("id", format!("~{name}"));
    write(store, Batch::new().insert("person", row)).await[0].rows[0].id().to_owned()
}

async fn new_rows_are_numbered(store: &dyn Storage) {
    let (a, b) = (numbered(store, "a").await, numbered(store, "b").await);
    assert!(a.parse::<u32>().is_ok() && b.parse::<u32>().is_ok() && a != b, "{a} {b}");
    assert_eq!(get(store, "person", &a).await.expect("the row is there").text("email"), "a@example.com");
    assert_eq!(found(store, "person", Filter::any_of("id", [&a, &b])).await.len(), 2);
}

async fn a_placeholder_stands_for_the_number_in_its_batch(store: &dyn Storage) {
    let other = numbered(store, "other").await;
    let about = serde_json::json!({"ids": ["~a", "a"]});
    let batch = Batch::new()
        .insert("person", person("a").with("id", "~a").with("name", "~a"))
        .insert("ticket", ticket("1", "~a", 5).with("id", "~t"))
        .update("person", Filter::eq("id", "~a"), Row::new().with("nick", "~a").with("profile", about), Expect::Rows(1))
        .check("ticket", Filter::eq("personId", "~a").and(Filter::any_of("id", ["~t"])), Expect::Rows(1))
        .then(Statement::Increment {
            table: "ticket".into(),
            filter: Filter::eq("id", "~t"),
            by: vec![("uses".into(), 2)],
            set: Row::new().with("token", "~a"),
            expect: Expect::Rows(1),
        })
        .check("person", Filter::eq("nick", "~a"), Expect::Rows(1))
        .consume("ticket", Filter::eq("personId", "~a"), Expect::Rows(1))
        .delete("person", Filter::eq("id", &other), Expect::Rows(1));
    let answers = write(store, batch).await;
    let (a, t) = (answers[0].rows[0].id(), answers[1].rows[0].id());
    assert_eq!(answers[0].rows[0].text("name"), "~a", "nothing stood for it yet");
    assert_eq!(answers[1].rows[0].text("personId"), a);
    let taken = &answers[6].rows[0];
    assert_eq!((taken.id(), taken.text("personId"), taken.text("token")), (t, a, a));
    let row = get(store, "person", a).await.expect("the row is there");
    assert_eq!(row.text("nick"), a);
    assert!(*row.get("profile") == Value::Json(serde_json::json!({"ids": [a, "a"]})));
}

async fn numbers_sort_as_numbers(store: &dyn Storage) {
    let mut made = Vec::new();
    for number in 0..12 {
        made.push(numbered(store, &number.to_string()).await);
    }
    let rows = read(store, Query::all("person").order_by("id", crate::store::Direction::Ascending)).await;
    assert_eq!(rows.iter().map(Row::id).collect::<Vec<_>>(), made);
    let behind = Filter::compare("id", Op::Gt, &made[9]);
    assert_eq!(found(store, "person", behind).await.len(), 2);
}

async fn no_number_is_given_twice(store: &dyn Storage) {
    let first = numbered(store, "a").await;
    write(store, Batch::new().delete("person", Filter::All, Expect::Rows(1))).await;
    assert_ne!(numbered(store, "a").await, first, "what named the old row must not name the new one");
}

async fn a_refused_batch_leaves_no_placeholder(store: &dyn Storage) {
    let batch =
        Batch::new().insert("person", person("a").with("id", "~a")).check("person", Filter::All, Expect::Rows(0));
    conflict(store, batch).await;
    let later = Batch::new().insert("person", person("b").with("id", "~b").with("name", "~a"));
    assert_eq!(write(store, later).await[0].rows[0].text("name"), "~a");
    assert_eq!(all(store, "person").await.len(), 1);
}

async fn text_that_is_no_number_is_no_id(store: &dyn Storage) {
    let a = numbered(store, "a").await;
    let padded = format!("0{a}");
    for text in ["", "x", "~a", " ", "1e3", "1.0", "99999999999", "99999999999999999999", "-1", &padded] {
        for filter in [
            Filter::eq("id", text),
            Filter::any_of("id", [text]),
            Filter::eq("id", "x").and(Filter::eq("id", text)),
            Filter::Or(vec![Filter::eq("id", text), Filter::eq("name", "nobody")]),
        ] {
            assert!(found(store, "person", filter).await.is_empty(), "{text:?}");
        }
        assert_eq!(found(store, "person", Filter::compare("id", Op::Ne, text)).await, [a.as_str()], "{text:?}");
        assert!(found(store, "ticket", Filter::eq("personId", text)).await.is_empty(), "{text:?}");
        let gone = write(store, Batch::new().delete("person", Filter::eq("id", text), Expect::Any)).await;
        assert_eq!(gone[0].count, 0, "{text:?}");
    }
    let none_of = |values: &[&str]| {
        let values = values.iter().map(|value| (*value).into()).collect();
        Filter::In { field: "id".into(), values, negated: true }
    };
    assert_eq!(found(store, "person", none_of(&["x", "99999999999"])).await, [a.as_str()]);
    assert!(found(store, "person", none_of(&["x", &a])).await.is_empty());
}

async fn a_row_does_not_choose_its_number(store: &dyn Storage) {
    refused(store, Batch::new().insert("person", person("a").with("id", "7"))).await;
    let row = Row::new().with("name", "a").with("email", "a@x").with("active", true).with("createdAt", at(1));
    refused(store, Batch::new().insert("person", row)).await;
    refused(store, Batch::new().insert("note", Row::new().with("id", "~n").with("body", "").with("personId", "x")))
        .await;
    assert!(all(store, "person").await.is_empty());
}

async fn text_that_is_no_uuid_is_no_id(store: &dyn Storage) {
    let id = "0191f6a0-0000-7abc-8def-0123456789ab";
    let other = "ffffffff-ffff-4fff-bfff-ffffffffffff";
    write(
        store,
        Batch::new()
            .insert("person", person("a").with("id", id))
            .insert("ticket", ticket("1", id, 5).with("id", other)),
    )
    .await;
    assert_eq!(get(store, "person", id).await.expect("the row is there").id(), id);
    assert_eq!(found(store, "ticket", Filter::eq("personId", id)).await, [other]);
    for text in ["", "x", "7", "0191f6a0", &id.to_uppercase(), &id.replace('-', ""), &format!("{{{id}}}"), other] {
        assert!(found(store, "person", Filter::eq("id", text)).await.is_empty(), "{text:?}");
        assert!(found(store, "person", Filter::any_of("id", [text])).await.is_empty(), "{text:?}");
        assert!(found(store, "ticket", Filter::eq("personId", text)).await.is_empty(), "{text:?}");
        assert_eq!(found(store, "person", Filter::compare("id", Op::Ne, text)).await, [id], "{text:?}");
        let none_of = Filter::In { field: "id".into(), values: vec![text.into()], negated: true };
        assert_eq!(found(store, "person", none_of).await, [id], "{text:?}");
    }
    assert_eq!(found(store, "person", Filter::any_of("id", ["x", id])).await, [id]);
}
