//! Generated scripts: small domains, so that rows meet.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};
use serde_json::json;

use super::script::{Script, Step};
use crate::{
    store::{Batch, CaseMode, Direction, Expect, Filter, Name, Op, Order, Query, Row, Statement, Value, With},
    wire::date::Timestamp,
};

const TABLES: [&str; 4] = ["person", "ticket", "note", "badge"];
const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const TEXTS: [&str; 12] = ["", "a", "A", "ab", "aB%", "a_b", r"\", "É", "é", "🦀a", "100%", "B"];
const DOCUMENTS: [&str; 3] = ["profile", "tags", "marks"];
/// Comparisons: of any field the first two, of those that are not documents the first six, of text all.
const OPS: [Op; 9] = [Op::Eq, Op::Ne, Op::Lt, Op::Lte, Op::Gt, Op::Gte, Op::Contains, Op::StartsWith, Op::EndsWith];

/// Scripts over the contract's tables: inserts, changes and removals that often meet the same few rows, and queries.
pub fn script() -> impl Strategy<Value = Script> {
    let step = prop_oneof![3 => batch().prop_map(Step::Write), 2 => query().prop_map(Step::Read)];
    (vec(inserts(), 3), vec(step, 1..16)).prop_map(|(inserts, steps)| {
        let first = inserts.into_iter().map(Step::Write);
        Script { steps: first.chain(steps).collect() }
    })
}

/// As [`script`], for stores whose numbers are whole. What is asked for may still be a fraction.
pub fn whole_script() -> impl Strategy<Value = Script> {
    script().prop_map(|mut script| {
        for step in &mut script.steps {
            let Step::Write(batch) = step else { continue };
            for statement in &mut batch.statements {
                match statement {
                    Statement::Insert { row, .. }
                    | Statement::Update { set: row, .. }
                    | Statement::Increment { set: row, .. } => *row = whole(row),
                    _ => {}
                }
            }
        }
        script
    })
}

fn whole(row: &Row) -> Row {
    let whole = |value: &Value| match value {
        Value::Float(number) => Value::Int(number.floor() as i64),
        other => other.clone(),
    };
    row.fields().map(|(name, value)| (name.clone(), whole(value))).collect()
}

/// The fields of a table and what they may be given.
fn fields(table: &str) -> Vec<(&'static str, BoxedStrategy<Value>)> {
    let id = || select(&IDS[..]).prop_map(Value::from).boxed();
    let address = || select(&IDS[..]).prop_map(|id| Value::from(format!("{id}@x"))).boxed();
    let text = || select(&TEXTS[..]).prop_map(Value::from).boxed();
    let number = || {
        let whole = (-2_i64..4).prop_map(Value::from);
        prop_oneof![whole, select(&[0.5, -1.5, 2.0][..]).prop_map(Value::from)].boxed()
    };
    let moment = || {
        (-3_i64..4).prop_map(|step| Timestamp::from_millis(1_699_920_000_000 + step * 86_400_000 - 1).into()).boxed()
    };
    match table {
        "person" => vec![
            ("name", text()),
            ("email", address()),
            ("nick", absent(text())),
            ("age", absent(number())),
            ("score", absent((-4_i64..4).prop_map(|step| Value::Int(step << 40)).boxed())),
            ("active", any::<bool>().prop_map(Value::from).boxed()),
            ("born", absent(moment())),
            (
                "profile",
                absent(select(vec![json!({"a": [1, "x"]}), json!([]), json!("t")]).prop_map(Value::from).boxed()),
            ),
            ("tags", absent(select(vec![json!([]), json!(["a", "'"])]).prop_map(Value::from).boxed())),
            ("marks", absent(select(vec![json!([]), json!([1, 2.5])]).prop_map(Value::from).boxed())),
            ("createdAt", moment()),
        ],
        "ticket" => vec![
            ("token", select(&["t1", "t2", "t3", "t4", "T1"][..]).prop_map(Value::from).boxed()),
            ("expiresAt", moment()),
            ("uses", absent((0_i64..3).prop_map(Value::from).boxed())),
            ("personId", id()),
        ],
        "note" => vec![("body", text()), ("personId", absent(id()))],
        _ => vec![
            ("series", select(&["x", "y"][..]).prop_map(Value::from).boxed()),
            ("number", (0_i64..3).prop_map(Value::from).boxed()),
            ("ownerEmail", address()),
        ],
    }
}

fn absent(values: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 2 => values].boxed()
}

fn table() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("person"), 3 => Just("ticket"), 1 => Just("note"), 2 => Just("badge")]
}

fn row(table: &'static str) -> BoxedStrategy<Row> {
    let (names, values): (Vec<_>, Vec<_>) = fields(table).into_iter().unzip();
    (select(&IDS[..]), values)
        .prop_map(move |(id, values)| {
            let row = Row::new().with("id", id);
            let row = names.iter().zip(values).fold(row, |row, (name, value)| row.with(*name, value));
            // Half of the people have the address of their id, so that not every second insert collides.
            if table == "person" && id < "d" { row.with("email", format!("{id}@x")) } else { row }
        })
        .boxed()
}

fn inserts() -> impl Strategy<Value = Batch> {
    let statement =
        table().prop_flat_map(|table| row(table).prop_map(move |row| Statement::Insert { table: table.into(), row }));
    vec(statement, 1..3).prop_map(|statements| Batch { statements })
}

fn batch() -> impl Strategy<Value = Batch> {
    vec(table().prop_flat_map(statement), 1..4).prop_map(|mut statements| {
        // Of a batch that makes no sense and runs into something too, a store may say either. So those come alone.
        if statements.len() > 1 {
            statements.iter_mut().for_each(make_sense);
        }
        Batch { statements }
    })
}

fn statement(table: &'static str) -> BoxedStrategy<Statement> {
    let name = move || Name::from(table);
    let filter = || filter(table);
    let counter = match table {
        "person" => select(&["age", "score"][..]).boxed(),
        // A number that is unique would be changed in no fixed order, so badges are not counted.
        _ => Just("uses").boxed(),
    };
    let increment = (filter(), counter, -2_i64..3, some_fields(table), expect()).prop_map(
        move |(filter, field, step, set, expect)| Statement::Increment {
            table: name(),
            filter,
            by: vec![(field.into(), step)],
            set,
            expect,
        },
    );
    let sweep = (filter(), option::of(0_u32..3)).prop_map(move |(filter, limit)| {
        // Rows that tie may be swept in any order, so only the order of ids is cut short.
        let by_time = limit.is_none() && table == "ticket";
        let order = if by_time { "expiresAt" } else { "id" };
        Statement::Sweep { table: name(), filter, order: order.into(), limit: limit.unwrap_or(100) }
    });
    prop_oneof![
        4 => row(table).prop_map(move |row| Statement::Insert { table: name(), row }),
        2 => (filter(), some_fields(table), expect())
            .prop_map(move |(filter, set, expect)| Statement::Update { table: name(), filter, set, expect }),
        1 => increment,
        1 => (filter(), expect()).prop_map(move |(filter, expect)| Statement::Delete { table: name(), filter, expect }),
        1 => (filter(), expect()).prop_map(move |(filter, expect)| Statement::Consume { table: name(), filter, expect }),
        1 => (filter(), expect()).prop_map(move |(filter, expect)| Statement::Check { table: name(), filter, expect }),
        1 => sweep,
    ]
    .boxed()
}

fn make_sense(statement: &mut Statement) {
    if let Statement::Increment { table, by, set, .. } = statement {
        let counts = *table == "person" || *table == "ticket";
        by.retain(|(field, _)| counts && set.find(field).is_none());
    }
}

fn some_fields(table: &'static str) -> BoxedStrategy<Row> {
    let (names, values): (Vec<_>, Vec<_>) = fields(table).into_iter().unzip();
    let every: Vec<_> = (0..names.len()).collect();
    (subsequence(every, 0..3), values)
        .prop_map(move |(chosen, values)| {
            chosen.into_iter().fold(Row::new(), |row, at| row.with(names[at], values[at].clone()))
        })
        .boxed()
}

fn expect() -> impl Strategy<Value = Expect> {
    prop_oneof![5 => Just(Expect::Any), 1 => (0_u64..2).prop_map(Expect::Rows), 1 => (0_u64..3).prop_map(Expect::AtLeast)]
}

fn filter(table: &'static str) -> BoxedStrategy<Filter> {
    let mut known = fields(table);
    known.push(("id", select(&IDS[..]).prop_map(Value::from).boxed()));
    let leaves: Vec<_> = known.into_iter().map(|(field, values)| leaf(field, values)).collect();
    let leaf = prop_oneof![1 => Just(Filter::All), 9 => proptest::strategy::Union::new(leaves)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![vec(inner.clone(), 0..3).prop_map(Filter::And), vec(inner, 0..3).prop_map(Filter::Or)]
    })
    .boxed()
}

fn leaf(field: &'static str, values: BoxedStrategy<Value>) -> BoxedStrategy<Filter> {
    let (ops, values) = match field {
        _ if DOCUMENTS.contains(&field) => (&OPS[..2], Just(Value::Null).boxed()),
        "name" | "email" | "nick" | "token" | "body" | "series" => (&OPS[..], values),
        _ => (&OPS[..6], values),
    };
    let case = select(&[CaseMode::Sensitive, CaseMode::Insensitive][..]);
    let compare = (select(ops), values.clone(), case).prop_map(move |(op, value, case)| Filter::Compare {
        field: field.into(),
        op,
        value,
        case,
    });
    let list = (vec(absent(values), 0..4), any::<bool>()).prop_map(move |(values, negated)| Filter::In {
        field: field.into(),
        values,
        negated,
    });
    prop_oneof![3 => compare, 1 => list].boxed()
}

fn query() -> impl Strategy<Value = Query> {
    select(&TABLES[..]).prop_flat_map(|table| {
        let fields = fields(table).into_iter().map(|(field, _)| field);
        let fields: Vec<_> = fields.filter(|field| !DOCUMENTS.contains(field)).collect();
        let key = (select(fields), direction()).prop_map(|(field, direction)| Order { field: field.into(), direction });
        let window = (vec(key, 0..2), direction(), option::of(0_u32..4), 0_u32..3);
        (filter(table), window, any::<bool>(), subsequence(relations(table), 0..=relations(table).len()), 0_u8..8)
            .prop_map(move |(filter, (mut order, by_id, limit, offset), windowed, with, count)| {
                let query = Query { with, count: count == 0, ..Query::many(table, filter) };
                if !windowed {
                    return Query { order, ..query };
                }
                order.push(Order { field: "id".into(), direction: by_id });
                Query { order, limit, offset, ..query }
            })
    })
}

fn direction() -> impl Strategy<Value = Direction> {
    select(&[Direction::Ascending, Direction::Descending][..])
}

fn relations(table: &str) -> Vec<With> {
    let with = |name: &'static str, table: &'static str, local: &'static str, foreign: &'static str| With {
        name: name.into(),
        table: table.into(),
        local: local.into(),
        foreign: foreign.into(),
    };
    match table {
        "person" => vec![
            with("tickets", "ticket", "id", "personId"),
            with("notes", "note", "id", "personId"),
            with("badges", "badge", "email", "ownerEmail"),
        ],
        "badge" => vec![with("owner", "person", "ownerEmail", "email")],
        _ => vec![with("owner", "person", "personId", "id"), with("siblings", "ticket", "personId", "personId")],
    }
}
