//! What a store accepts.

use serde_json::json;

use super::*;
use crate::schema::Field;

fn shape() -> Shape {
    Shape::of(&Table::new(
        "thing",
        [
            Field::required("name", FieldType::Text),
            Field::optional("size", FieldType::Number),
            Field::optional("seen", FieldType::Date),
            Field::optional("tags", FieldType::TextList),
        ],
    ))
}

#[test]
fn a_record_has_every_field_in_schema_order_and_the_id_last() {
    let shape = shape();
    let record = shape.record(Row::new().with("id", "1").with("size", 2.0).with("name", "x")).unwrap();
    assert_eq!(record, [Value::from("x"), Value::Int(2), Value::Null, Value::Null, Value::from("1")]);
    let names: Vec<_> = shape.row(record).fields().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["name", "size", "seen", "tags", "id"]);
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let shape = shape();
    let good = || Row::new().with("id", "1").with("name", "x");
    assert!(shape.record(good()).is_ok());
    for bad in [
        Row::new().with("name", "x"),
        Row::new().with("id", "1"),
        good().with("nobody", 1),
        good().with("name", 1),
        good().with("name", "a\0b"),
        good().with("size", f64::NAN),
        good().with("size", "2"),
        good().with("seen", Timestamp::from_millis(LAST_DATE + 1)),
        good().with("tags", json!(["a", 1])),
        good().with("tags", json!("a")),
    ] {
        assert!(matches!(shape.record(bad), Err(StorageError::Failed(_))));
    }
    assert!(shape.settable("id").is_err() && shape.settable("size").is_ok());
    assert!(shape.sortable("tags").is_err() && shape.countable("name").is_err());
}

#[test]
fn numbered_ids_are_kept_as_numbers_and_shown_as_text() {
    let mut table = Table::new("thing", [Field::optional("of", FieldType::Id(IdKind::Serial))]);
    table.ids = IdKind::Serial;
    let shape = Shape::of(&table);
    let given = Row::new().with("id", "~x").with("of", "12");
    assert!(shape.numbered() && shape.unnumbered(given.clone()) == Ok(("~x".to_owned(), vec![Value::Int(12)])));
    assert!(shape.row([Value::Int(12), Value::Int(3)]) == Row::new().with("of", "12").with("id", "3"));
    for refused in [given.clone().with("id", "7"), given.clone().with("id", ""), given.with("of", "x"), Row::new()] {
        assert!(shape.unnumbered(refused).is_err());
    }
    assert!(shape.countable("of").is_err());
    let compare = |op, value: Value| shape.comparand(0, op, &value).map(|it| it.map(Cow::into_owned));
    assert_eq!(compare(Op::Lt, "-7".into()), Ok(Some(Value::Int(-7))));
    for none in ["", "x", "07", "+7", " 7", "7 ", "1e3", "0x7", "7.0", "-0", "9223372036854775808"] {
        assert_eq!(compare(Op::Eq, none.into()), Ok(None), "{none}");
        assert_eq!(compare(Op::Ne, none.into()), Ok(Some(Value::Null)), "{none}");
    }
    assert!(compare(Op::Eq, 7.into()).is_err() && compare(Op::Contains, "7".into()).is_err());
}

#[test]
fn comparands_follow_the_field() {
    let shape = shape();
    let compare = |field: &str, op, value: Value| {
        shape.comparand(shape.position(field).unwrap(), op, &value).map(|it| it.map(Cow::into_owned))
    };
    assert_eq!(compare("size", Op::Lt, 3.0.into()), Ok(Some(Value::Int(3))));
    assert_eq!(compare("size", Op::Eq, Value::Null), Ok(Some(Value::Null)));
    assert_eq!(compare("size", Op::Lt, Value::Null), Ok(None));
    assert!(compare("size", Op::Contains, "1".into()).is_err());
    assert!(compare("size", Op::Eq, "1".into()).is_err());
    assert!(compare("tags", Op::Eq, json!([]).into()).is_err());
    assert_eq!(compare("name", Op::Eq, "a\0".into()), Ok(None));
    assert_eq!(compare("tags", Op::Ne, Value::Null), Ok(Some(Value::Null)));
}
