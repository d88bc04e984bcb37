//! Statements: the same form makes the same text, and values never become part of it.

use proptest::prelude::*;
use serde_json::json;

use crate::{
    schema::{Schema, core_tables},
    store::{
        Batch, CaseMode, Direction, Expect, Filter, Op, Query, Row, Statement, StorageError, Value, With, contract,
        contract::Step,
        sql::{Cells, Dialect, Param, Raw, Sql, Translator, Write},
    },
    wire::date::Timestamp,
};

const DIALECTS: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];

fn core(dialect: Dialect) -> Translator {
    Translator::new(dialect, &Schema::new(core_tables(true)))
}

fn read(dialect: Dialect, query: &Query) -> String {
    core(dialect).read(query).unwrap().sql.text
}

fn write(dialect: Dialect, batch: Batch) -> String {
    let statement = batch.statements.into_iter().next().unwrap();
    match core(dialect).write(statement).unwrap() {
        Write::Insert { run, .. } | Write::Number { run, .. } | Write::Change { run } => run.text,
        Write::Count { ask } | Write::Take { ask, .. } => ask.text,
        Write::LockAndTake { ask, run, .. } => format!("{}; {}", ask.text, run.text),
    }
}

fn user() -> With {
    With { name: "user".into(), table: "user".into(), local: "userId".into(), foreign: "id".into() }
}

#[test]
fn a_session_with_its_user_is_one_select() {
    let query = Query::one("session", Filter::eq("token", "x")).with(user());
    assert_eq!(
        read(Dialect::Sqlite, &query),
        "SELECT t.\"expiresAt\", t.\"token\", t.\"createdAt\", t.\"updatedAt\", t.\"ipAddress\", t.\"userAgent\", \
         t.\"userId\", t.\"id\", r0.\"name\", r0.\"email\", r0.\"emailVerified\", r0.\"image\", r0.\"createdAt\", \
         r0.\"updatedAt\", r0.\"id\" FROM \"session\" AS t LEFT JOIN \"user\" AS r0 ON r0.\"id\" = t.\"userId\" \
         WHERE t.\"token\" = ? LIMIT 1"
    );
    assert!(read(Dialect::Postgres, &query).ends_with("WHERE t.\"token\" = $1 LIMIT 1"));
    assert!(read(Dialect::MySql, &query).ends_with("WHERE t.`token` = ? AND CAST(t.`token` AS BINARY) = ? LIMIT 1"));
}

#[test]
fn a_window_is_cut_before_many_rows_are_joined() {
    let sessions =
        With { name: "sessions".into(), table: "session".into(), local: "id".into(), foreign: "userId".into() };
    let query = Query::all("user").with(sessions).order_by("name", Direction::Descending).limit(5);
    let text = read(Dialect::Postgres, &query);
    let end = "FROM (SELECT t.* FROM \"user\" AS t ORDER BY t.\"name\" COLLATE \"C\" DESC NULLS LAST LIMIT $1) AS t \
               LEFT JOIN \"session\" AS r0 ON r0.\"userId\" = t.\"id\" ORDER BY t.\"name\" COLLATE \"C\" DESC NULLS LAST";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn patterns_in_each_dialect() {
    let filter = |op, case| Filter::Compare { field: "name".into(), op, value: "A%".into(), case };
    let condition = |dialect, op, case| {
        let text = read(dialect, &Query::count("user", filter(op, case)));
        text.split_once(" WHERE ").unwrap().1.to_owned()
    };
    use CaseMode::{Insensitive, Sensitive};
    for (op, case, sqlite, postgres, mysql) in [
        (
            Op::Contains,
            Sensitive,
            "instr(\"name\", ?) > 0",
            "strpos(\"name\", $1) > 0",
            "locate(?, CAST(`name` AS BINARY)) > 0",
        ),
        (
            Op::Contains,
            Insensitive,
            "instr(lower(\"name\"), ?) > 0",
            "strpos(lower(\"name\" COLLATE \"C\"), $1) > 0",
            &format!("locate(?, {}) > 0", Dialect::MySql.folded("`name`")),
        ),
        (
            Op::StartsWith,
            Sensitive,
            "substr(\"name\", 1, ?) = ?",
            "left(\"name\", $1) = $2",
            "left(CAST(`name` AS BINARY), ?) = ?",
        ),
        (
            Op::EndsWith,
            Sensitive,
            "substr(\"name\", ?) = ?",
            "right(\"name\", $1) = $2",
            "right(CAST(`name` AS BINARY), ?) = ?",
        ),
        (Op::Lt, Sensitive, "\"name\" < ?", "\"name\" COLLATE \"C\" < $1", "CAST(`name` AS BINARY) < ?"),
    ] {
        assert_eq!(condition(Dialect::Sqlite, op, case), sqlite);
        assert_eq!(condition(Dialect::Postgres, op, case), postgres);
        assert_eq!(condition(Dialect::MySql, op, case), mysql);
    }
}

#[test]
fn mysql_folds_letter_by_letter() {
    let folded = Dialect::MySql.folded("`name`");
    assert!(folded.starts_with("REPLACE(REPLACE(") && folded.ends_with(", 0x59, 0x79), 0x5a, 0x7a)"), "{folded}");
    assert!(folded.contains("REPLACE(CAST(`name` AS BINARY), 0x41, 0x61)"));
    assert_eq!(folded.matches("REPLACE").count(), 26);
}

#[test]
fn lists_come_in_few_lengths() {
    let text = |count: i64| read(Dialect::Sqlite, &Query::count("rateLimit", Filter::any_of("count", 0..count)));
    assert_eq!(text(3), "SELECT count(*) FROM \"rateLimit\" WHERE \"count\" IN (?, ?, ?, ?)");
    assert_eq!(text(3), text(4));
    assert_ne!(text(4), text(5));
    let query = Query::count("rateLimit", Filter::any_of("count", 0..40_000_i64));
    assert!(matches!(core(Dialect::Sqlite).read(&query), Err(StorageError::Failed(_))));
}

#[test]
fn statements_in_each_dialect() {
    let filter = || Filter::eq("count", 1);
    let by = vec![("count".into(), 1)];
    let set = Row::new().with("lastRequest", 5_i64);
    let increment = Batch::new().then(Statement::Increment {
        table: "rateLimit".into(),
        filter: filter(),
        by,
        set,
        expect: Expect::Any,
    });
    let expected =
        "UPDATE \"rateLimit\" SET \"count\" = coalesce(\"count\", 0) + ?, \"lastRequest\" = ? WHERE \"count\" = ?";
    assert_eq!(write(Dialect::Sqlite, increment), expected);
    let consume = || Batch::new().consume("rateLimit", filter(), Expect::Any);
    assert_eq!(
        write(Dialect::Postgres, consume()),
        "DELETE FROM \"rateLimit\" WHERE \"count\" = $1 RETURNING \"key\", \"count\", \"lastRequest\", \"id\""
    );
    assert_eq!(
        write(Dialect::MySql, consume()),
        "SELECT `key`, `count`, `lastRequest`, `id` FROM `rateLimit` WHERE `count` = ? FOR UPDATE; \
         DELETE FROM `rateLimit` WHERE `count` = ?"
    );
    let sweep = || {
        let (table, order) = ("rateLimit".into(), "lastRequest".into());
        Batch::new().then(Statement::Sweep { table, filter: filter(), order, limit: 9 })
    };
    assert_eq!(
        write(Dialect::Sqlite, sweep()),
        "DELETE FROM \"rateLimit\" WHERE \"id\" IN (SELECT \"id\" FROM \"rateLimit\" WHERE \"count\" = ? ORDER BY \
         \"lastRequest\" ASC LIMIT ?)"
    );
    assert_eq!(
        write(Dialect::MySql, sweep()),
        "DELETE FROM `rateLimit` WHERE `count` = ? ORDER BY `lastRequest` ASC LIMIT ?"
    );
    let nothing = Batch::new().update("rateLimit", Filter::All, Row::new(), Expect::Any);
    assert_eq!(write(Dialect::Sqlite, nothing), "UPDATE \"rateLimit\" SET \"id\" = \"id\"");
}

#[test]
fn the_order_of_fields_does_not_change_the_text() {
    let update = |row| write(Dialect::Sqlite, Batch::new().update("user", Filter::All, row, Expect::Any));
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(
        update(Row::new().with("name", "x").with("updatedAt", now)),
        update(Row::new().with("updatedAt", now).with("name", "y"))
    );
}

#[test]
fn parameters_are_what_the_reference_binds() {
    let row = Row::new()
        .with("id", "1")
        .with("name", "n")
        .with("email", "e")
        .with("emailVerified", true)
        .with("createdAt", Timestamp::UNIX_EPOCH)
        .with("updatedAt", Timestamp::UNIX_EPOCH);
    let statement = Statement::Insert { table: "user".into(), row };
    let Write::Insert { run: Sql { params, .. }, .. } = core(Dialect::Sqlite).write(statement).unwrap() else {
        panic!()
    };
    let epoch = || Param::Text("1970-01-01T00:00:00.000Z".to_owned());
    let text = |text: &str| Param::Text(text.to_owned());
    assert_eq!(params, [text("n"), text("e"), Param::Int(1), Param::Null, epoch(), epoch(), text("1")]);
}

/// A row of a result made up of values.
struct Made(Vec<Raw<'static>>);

impl Cells for Made {
    fn cell(&self, at: usize) -> Result<Raw<'_>, StorageError> {
        self.0.get(at).cloned().ok_or_else(|| StorageError::Failed("there is no such cell".to_owned()))
    }
}

#[test]
fn joined_rows_are_gathered_by_id() {
    let schema = contract::schema();
    let translator = Translator::new(Dialect::Postgres, &schema);
    let with = |name: &'static str, local: &'static str, foreign: &'static str| With {
        name: name.into(),
        table: "note".into(),
        local: local.into(),
        foreign: foreign.into(),
    };
    let query = Query::all("note").with(with("same", "personId", "personId")).with(with("self", "id", "id"));
    let read = translator.read(&query).unwrap();
    let mut answer = read.answer();
    let text = |text: &'static str| Raw::Text(text.into());
    let note = |id| vec![text("body"), text("p"), text(id)];
    for (own, same) in [("1", "1"), ("2", "1"), ("1", "2"), ("2", "2")] {
        answer.add(&Made([note(own), note(same), note(own)].concat())).unwrap();
    }
    assert!(answer.more().unwrap().is_empty());
    let rows = answer.finish().rows;
    let found: Vec<_> =
        rows.iter().map(|row| (row.id(), row.related("same").len(), row.related("self").len())).collect();
    assert_eq!(found, [("1", 2, 1), ("2", 2, 1)]);
}

#[test]
fn a_cell_that_cannot_be_read_is_an_error() {
    let translator = core(Dialect::Sqlite);
    let read = translator.read(&Query::all("user")).unwrap();
    assert!(read.answer().add(&Made(vec![Raw::Int(1)])).is_err());
}

proptest! {
    /// Whatever is asked, there are as many placeholders as parameters, and no text of the asker's in the statement.
    #[test]
    fn values_are_parameters(script in contract::script()) {
        for dialect in DIALECTS {
            let translator = Translator::new(dialect, &contract::schema());
            for step in script.steps.clone() {
                let statements = match step {
                    Step::Read(query) => translator.read(&query).ok().map(|read| read.sql).into_iter().collect::<Vec<_>>(),
                    Step::Write(batch) => batch.statements.into_iter().filter_map(|statement| {
                        match translator.write(statement).ok()? {
                            Write::Insert { run, .. } | Write::Number { run, .. } | Write::Change { run } => Some(run),
                            Write::Count { ask } | Write::Take { ask, .. } | Write::LockAndTake { ask, .. } => Some(ask),
                        }
                    }).collect(),
                };
                for Sql { text, params } in statements {
                    let placeholder = if dialect == Dialect::Postgres { '$' } else { '?' };
                    prop_assert_eq!(text.matches(placeholder).count(), params.len());
                    prop_assert!(!text.contains(['%', '\\', 'É', '🦀', '\'']), "{}", text);
                }
            }
        }
    }

    #[test]
    fn case_190_hostile_text_stays_a_parameter(hostile in "[^\0]+") {
        let update = |dialect, text: &str| {
            let filter = Filter::compare("name", Op::StartsWith, text);
            write(dialect, Batch::new().update("user", filter, Row::new().with("name", text), Expect::Any))
        };
        for dialect in DIALECTS {
            prop_assert_eq!(update(dialect, &hostile), update(dialect, "x"));
        }
    }
}

#[test]
fn documents_are_json_where_the_database_knows_it() {
    let schema = contract::schema();
    for (dialect, expected) in
        [(Dialect::Sqlite, Param::Text("{}".to_owned())), (Dialect::Postgres, Param::Json("{}".to_owned()))]
    {
        let translator = Translator::new(dialect, &schema);
        let set = Row::new().with("profile", Value::Json(json!({})));
        let statement = Statement::Update { table: "person".into(), filter: Filter::All, set, expect: Expect::Any };
        let Write::Change { run } = translator.write(statement).unwrap() else { panic!() };
        assert_eq!(run.params, [expected]);
    }
}
