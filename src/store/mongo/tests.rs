//! What is said to MongoDB, written out.

use serde_json::{Value as Json, json};

use super::*;
use crate::{
    schema::{Names, TableNames},
    store::{
        Batch, CaseMode, ConflictKind, Direction, Expect, Filter, Op, Query, Row, Statement, StorageError, Value, With,
        contract,
    },
    wire::date::Timestamp,
};

const ID: &str = "0123456789abcdef01234567";

fn translator() -> Translator {
    Translator::new(&contract::schema(), IdFormat::ObjectId).unwrap()
}

/// A document in the notation of MongoDB's extended JSON, as far as it is needed.
fn shown(document: &Document) -> Json {
    document.iter().map(|(name, value)| (name.to_owned(), show(value))).collect::<serde_json::Map<_, _>>().into()
}

fn show(value: &Bson) -> Json {
    match value {
        Bson::Null => Json::Null,
        Bson::Bool(flag) => json!(flag),
        Bson::Int32(number) => json!(number),
        Bson::Int64(number) => json!({ "$long": number }),
        Bson::Double(number) => json!({ "$double": number.to_string() }),
        Bson::Text(text) => json!(text),
        Bson::Date(moment) => json!({ "$date": moment.as_millis() }),
        Bson::ObjectId(_) | Bson::Uuid(_) => json!({ "$binary": 1 }),
        Bson::Pattern(pattern) => json!({ "$pattern": pattern }),
        Bson::List(list) => list.iter().map(show).collect(),
        Bson::Document(document) => shown(document),
    }
}

fn matched(filter: Filter) -> Json {
    let translator = translator();
    let read = translator.read(&Query::many("person", filter)).unwrap();
    shown(&read.pipeline[0])["$match"].clone()
}

fn change(batch: Batch) -> String {
    let translator = translator();
    let statement = batch.statements.into_iter().next().unwrap();
    let change = translator.write(statement).unwrap();
    match change {
        Change::Insert(insert) => shown(&insert.document).to_string(),
        Change::Edit(edit) => {
            let forms = edit.updates.iter().map(|form| json!([shown(&form.filter), shown(&form.update)]));
            forms.collect::<Json>().to_string()
        }
        Change::Remove(remove) => json!([shown(&remove.filter), remove.single, remove.answered]).to_string(),
        Change::Check { filter, .. } => shown(&filter).to_string(),
    }
}

#[test]
fn comparisons_leave_absent_values_out() {
    assert_eq!(matched(Filter::eq("nick", "x")), json!({ "nick": { "$eq": "x" } }));
    assert_eq!(matched(Filter::compare("nick", Op::Ne, "x")), json!({ "nick": { "$nin": ["x", null] } }));
    assert_eq!(matched(Filter::eq("nick", Value::Null)), json!({ "nick": { "$in": [null] } }));
    assert_eq!(matched(Filter::eq("profile", Value::Null)), json!({ "profile": { "$in": [null, "null"] } }));
    assert_eq!(matched(Filter::compare("age", Op::Lt, Value::Null)), json!({ "_id": { "$in": [] } }));
    let none = Filter::In { field: "age".into(), values: vec![1.into(), Value::Null], negated: true };
    assert_eq!(matched(none), json!({ "age": { "$nin": [1, null] } }));
}

#[test]
fn ids_and_what_points_at_them_are_binary() {
    assert_eq!(matched(Filter::eq("id", ID)), json!({ "_id": { "$eq": { "$binary": 1 } } }));
    assert_eq!(matched(Filter::eq("id", "u1")), json!({ "_id": { "$eq": "u1" } }));
    assert_eq!(matched(Filter::eq("name", ID)), json!({ "name": { "$eq": ID } }));
    let ticket = Row::new().with("id", ID).with("token", ID).with("expiresAt", Timestamp::from_millis(1));
    assert_eq!(
        change(Batch::new().insert("ticket", ticket.with("personId", ID))),
        json!({ "_id": { "$binary": 1 }, "token": ID, "expiresAt": { "$date": 1 }, "uses": null, "personId": { "$binary": 1 } })
            .to_string()
    );
}

#[test]
fn case_190_text_is_never_an_expression() {
    let starts = Filter::compare("name", Op::StartsWith, ".*");
    assert_eq!(matched(starts), json!({ "name": { "$regex": r"\A\.\*" } }));
    let same = |field: &'static str, value: &str, op| {
        matched(Filter::Compare { field: field.into(), op, value: value.into(), case: CaseMode::Insensitive })
    };
    assert_eq!(same("name", "a.", Op::Eq), json!({ "name": { "$in": [{ "$pattern": r"\A[aA]\.\z" }] } }));
    let id = same("id", &ID.to_uppercase(), Op::Ne);
    assert_eq!(id["_id"]["$nin"].as_array().unwrap()[1..], [json!({ "$binary": 1 }), Json::Null]);
}

#[test]
fn a_query_is_one_aggregation() {
    let with = With { name: "tickets".into(), table: "ticket".into(), local: "id".into(), foreign: "personId".into() };
    let query = Query { offset: 4, ..Query::many("person", Filter::All).limit(3) }
        .order_by("name", Direction::Descending)
        .order_by("name", Direction::Ascending)
        .with(with);
    let translator = translator();
    let read = translator.read(&query).unwrap();
    let stages: Vec<_> = read.pipeline.iter().map(shown).collect();
    assert_eq!(
        stages,
        [
            json!({ "$match": {} }),
            json!({ "$sort": { "name": -1 } }),
            json!({ "$skip": { "$long": 4 } }),
            json!({ "$limit": { "$long": 3 } }),
            json!({ "$lookup": { "from": "ticket", "localField": "_id", "foreignField": "personId", "as": "_with0" } }),
        ]
    );
    let none = translator.read(&Query::all("person").limit(0)).unwrap();
    assert_eq!(shown(&none.pipeline[1]), json!({ "$match": { "_id": { "$in": [] } } }));
}

#[test]
fn an_absent_counter_has_a_form_of_its_own() {
    let by = vec![("uses".into(), 2)];
    let set = Row::new().with("token", "t");
    let counted =
        Statement::Increment { table: "ticket".into(), filter: Filter::eq("id", "1"), by, set, expect: Expect::Any };
    let one = json!({ "_id": { "$eq": "1" } });
    assert_eq!(
        change(Batch::new().then(counted)),
        json!([
            [{ "$and": [one, { "uses": { "$ne": null } }] }, { "$set": { "token": "t" }, "$inc": { "uses": 2 } }],
            [{ "$and": [one, { "uses": null }] }, { "$set": { "token": "t", "uses": 2 } }],
        ])
        .to_string()
    );
}

#[test]
fn whoever_asks_for_a_unique_value_means_one_document() {
    let consume = |filter| change(Batch::new().consume("ticket", filter, Expect::Rows(1)));
    let live = Filter::eq("token", "t").and(Filter::compare("uses", Op::Gt, 1));
    assert!(consume(live).ends_with(",true,true]"));
    assert!(consume(Filter::eq("personId", "a")).ends_with(",false,true]"));
    assert!(consume(Filter::Or(vec![Filter::eq("token", "t")])).ends_with(",false,true]"));
}

#[test]
fn a_change_of_a_document_can_be_taken_back() {
    let by = vec![("uses".into(), 2)];
    let set = Row::new().with("token", "new").with("expiresAt", Timestamp::from_millis(9));
    let counted = Statement::Increment { table: "ticket".into(), filter: Filter::All, by, set, expect: Expect::Any };
    let translator = translator();
    let Ok(Change::Edit(edit)) = translator.write(counted) else { panic!("an increment is an edit") };
    let before = Document::of("_id", "1").with("token", "old").with("uses", 5);
    let undo: Vec<_> =
        edit.undo(&before).iter().map(|form| json!([shown(&form.filter), shown(&form.update)])).collect();
    assert_eq!(
        undo,
        [
            json!([{ "_id": "1", "token": "new" }, { "$set": { "token": "old" } }]),
            json!([{ "_id": "1", "expiresAt": { "$date": 9 } }, { "$unset": { "expiresAt": "" } }]),
            json!([{ "_id": "1" }, { "$inc": { "uses": -2 } }]),
        ]
    );
}

#[test]
fn indexes_are_those_of_the_reference() {
    let translator = translator();
    let models: Vec<_> = translator.collections().flat_map(|(_, models)| models).collect();
    let shown: Vec<_> = models
        .iter()
        .map(|model| json!([model.name, model.paths, model.unique, model.partial.as_ref().map(shown)]))
        .collect();
    assert_eq!(
        shown,
        [
            json!(["person_email_uidx", ["email"], true, null]),
            json!(["person_nick_uidx", ["nick"], true, { "nick": { "$gte": "" } }]),
            json!(["ticket_token_uidx", ["token"], true, null]),
            json!(["ticket_expiresAt_idx", ["expiresAt"], false, null]),
            json!(["ticket_personId_idx", ["personId"], false, null]),
            json!(["badge_ownerEmail_idx", ["ownerEmail"], false, null]),
            json!(["badge_series_number_uidx", ["series", "number"], true, null]),
        ]
    );
}

#[test]
fn violations_are_named_by_their_index() {
    let translator = Translator::new(&contract::renamed_schema(), IdFormat::ObjectId).unwrap();
    let (person, _) = translator.collections().next().unwrap();
    let unique = |field: &'static str| Some(ConflictKind::Unique { table: "person".into(), field: field.into() });
    let violated = |message: &str| translator.violated(person, message);
    let message = |index: &str, key: &str| {
        format!(
            "E11000 duplicate key error collection: db.group index: {index} dup key: {{ {key}: \"x index: _id_\" }}"
        )
    };
    assert_eq!(violated(&message("group_email_uidx", "email")), unique("email"));
    assert_eq!(violated(&message("group_select_uidx", "select")), unique("nick"));
    assert_eq!(violated(&message("_id_", "_id")), unique("id"));
    assert_eq!(violated(&message("made_by_hand", "na\"me")), unique("name"));
    assert_eq!(violated(&message("made_by_hand", "else")), None);
    assert_eq!(violated("something else"), None);
}

#[test]
fn rows_are_read_as_they_are_stored() {
    let translator = translator();
    let with = With { name: "person".into(), table: "person".into(), local: "personId".into(), foreign: "id".into() };
    let read = translator.read(&Query::all("note").with(with)).unwrap();
    let stray = Document::of("_id", "p").with("name", "N").with("_lock", Bson::Int64(3));
    let note = |owner: Bson| {
        Document::of("_id", "n").with("personId", owner).with("body", "…").with("_with0", vec![stray.clone().into()])
    };
    let rows = read.answer(vec![note("p".into()), note(Bson::Null)]).unwrap().rows;
    assert_eq!((rows[0].id(), rows[0].text("body")), ("n", "…"));
    assert_eq!(rows[0].related("person")[0].text("name"), "N");
    assert!(rows[1].related("person").is_empty(), "what is absent points at nothing");
    let broken = Document::of("_id", "n").with("body", true);
    assert!(matches!(read.answer(vec![broken]), Err(StorageError::Failed(_))));
}

#[test]
fn names_that_mongodb_reads_as_something_else_are_refused() {
    let named = |table: Option<&str>, column: &str| {
        let columns = [("name".to_owned(), column.to_owned())].into();
        let own = [("person".to_owned(), TableNames { table: table.map(str::to_owned), columns })].into();
        let mut schema = contract::schema();
        schema.name(&Names { own, ..Names::default() }).is_ok() && Translator::new(&schema, IdFormat::Text).is_ok()
    };
    for column in ["", "a.b", "$set", "a\0b", "_id", "_lock", "_with0"] {
        assert!(!named(None, column), "{column:?}");
    }
    for table in ["", "a$b", "system.users"] {
        assert!(!named(Some(table), "name"), "{table:?}");
    }
    assert!(named(Some("people.of"), "full name"));
}
