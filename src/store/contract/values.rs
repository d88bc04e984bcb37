//! Values come back as they went in.

use serde_json::json;

use super::{
    Case,
    given::{NOON, assert_has, at, fill, found, get, person, write},
    rules,
};
use crate::{
    store::{Batch, Direction, Expect, Filter, Query, Row, Storage, Value},
    wire::date::Timestamp,
};

pub(super) const CASES: &[Case] = rules![
    texts_come_back_exactly,
    numbers_come_back_exactly,
    dates_come_back_to_the_millisecond,
    documents_come_back_exactly,
    booleans_come_back_as_booleans,
    absent_is_not_empty,
    updated_values_come_back_exactly,
];

pub(super) const EXTREMES: &[Case] = rules![moments_of_all_ages_come_back, long_texts_come_back];
pub(super) const FRACTIONS: &[Case] = rules![fractions_come_back_exactly];

async fn round_trip(store: &dyn Storage, field: &'static str, values: impl IntoIterator<Item = Value>) {
    for (number, value) in values.into_iter().enumerate() {
        let id = format!("{field}-{number}");
        let row = person(&id).with(field, value);
        fill(store, "person", [row.clone()]).await;
        assert_has(&get(store, "person", &id).await.expect("the row is there"), &row);
    }
}

async fn texts_come_back_exactly(store: &dyn Storage) {
    let texts = [
        "",
        " ",
        " padded ",
        "O'Brien \"quoted\" `ticked`",
        "back\\slash \\n \\0",
        "line\nbreak\r\n\ttab",
        "percent % under _ dollar $1 ? colon :a at @b",
        "null",
        "0123",
        "1e5",
        "true",
        "2024-01-01T00:00:00.000Z",
        "Zoë e\u{301} 日本語 🦀👩‍👩‍👧",
        "\u{feff}bom \u{200b} \u{10ffff}",
        "\u{1}\u{1f}\u{7f}",
        "{\"json\":1}",
    ];
    round_trip(store, "name", texts.map(Value::from)).await;
    for text in texts {
        assert_eq!(found(store, "person", Filter::eq("name", text)).await.len(), 1, "{text:.40}");
    }
}

async fn numbers_come_back_exactly(store: &dyn Storage) {
    let whole = [0, 1, -1, i64::from(i32::MAX), i64::from(i32::MIN)];
    round_trip(store, "age", whole.map(Value::from)).await;
    let big = [i64::MAX, i64::MIN, 9_007_199_254_740_993, 1_700_000_000_123];
    round_trip(store, "score", big.map(Value::from)).await;
    for number in big {
        assert_eq!(found(store, "person", Filter::eq("score", number)).await.len(), 1, "{number}");
    }
}

async fn moments_of_all_ages_come_back(store: &dyn Storage) {
    let moments = [0, 1, -1, 999, -62_167_219_200_000, 253_402_300_799_999].map(Timestamp::from_millis);
    round_trip(store, "born", moments.map(Value::from)).await;
    for moment in moments {
        assert_eq!(found(store, "person", Filter::eq("born", moment)).await.len(), 1, "{moment:?}");
    }
}

async fn long_texts_come_back(store: &dyn Storage) {
    let long = "x".repeat(70_000);
    round_trip(store, "name", [Value::from(long.as_str())]).await;
    assert_eq!(found(store, "person", Filter::eq("name", long.as_str())).await.len(), 1);
}

async fn fractions_come_back_exactly(store: &dyn Storage) {
    let numbers = [0.5, -2.25, 1e-7, 1e15 + 0.5];
    round_trip(store, "age", numbers.map(Value::from)).await;
    for number in numbers {
        assert_eq!(found(store, "person", Filter::eq("age", number)).await.len(), 1, "{number}");
    }
    let by_age = Query::all("person").order_by("age", Direction::Ascending);
    let rows = store.read(by_age).await.expect("the query is answered").rows;
    let ages: Vec<_> = rows.iter().map(|row| row.get("age").clone()).collect();
    assert!(ages == [-2.25, 1e-7, 0.5, 1e15 + 0.5].map(Value::from));
}

async fn dates_come_back_to_the_millisecond(store: &dyn Storage) {
    let millis = [0, 1, -1, 877, 999, NOON, 10_000_000_000];
    round_trip(store, "born", millis.map(|millis| at(millis).into())).await;
    for moment in millis {
        assert_eq!(found(store, "person", Filter::eq("born", at(moment))).await.len(), 1, "{moment}");
    }
}

async fn documents_come_back_exactly(store: &dyn Storage) {
    let documents = [
        json!({}),
        json!([]),
        json!("text"),
        json!(7),
        json!(false),
        json!({"a": {"b": [1, -2.5, null, true, "O'Brien \"x\" \\ 🦀"]}, "": 0}),
        json!([[], {}, "2024-01-01T00:00:00.000Z"]),
    ];
    round_trip(store, "profile", documents.map(Value::Json)).await;
    let lists = [json!([]), json!(["a"]), json!(["", "O'Brien", "\"", "🦀", "null"])];
    round_trip(store, "tags", lists.map(Value::Json)).await;
    round_trip(store, "marks", [json!([]), json!([1, -2, 2.5])].map(Value::Json)).await;
}

async fn booleans_come_back_as_booleans(store: &dyn Storage) {
    round_trip(store, "active", [true, false].map(Value::from)).await;
}

async fn absent_is_not_empty(store: &dyn Storage) {
    let empty = person("empty").with("nick", "").with("age", 0).with("profile", json!({})).with("tags", json!([]));
    let null = person("null").with("profile", json!(null));
    fill(store, "person", [empty.clone(), null]).await;
    assert_has(&get(store, "person", "empty").await.expect("the row is there"), &empty);
    let row = get(store, "person", "null").await.expect("the row is there");
    for field in ["nick", "age", "score", "born", "profile", "tags", "marks"] {
        assert!(row.find(field) == Some(&Value::Null), "{field}");
    }
}

async fn updated_values_come_back_exactly(store: &dyn Storage) {
    fill(store, "person", [person("a")]).await;
    let set = Row::new()
        .with("name", "O'Brien 🦀 \\ % _")
        .with("age", -5)
        .with("score", i64::MAX)
        .with("active", false)
        .with("born", at(-1))
        .with("profile", json!({"a": [1, "'"]}))
        .with("tags", json!(["'"]))
        .with("marks", json!([0.5]));
    write(store, Batch::new().update("person", Filter::All, set.clone(), Expect::Rows(1))).await;
    assert_has(&get(store, "person", "a").await.expect("the row is there"), &set);
    let whole = store.read(Query::all("person")).await.expect("the query is answered");
    assert_has(&whole.rows[0], &set);
}
