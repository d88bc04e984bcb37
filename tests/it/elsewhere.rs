//! Changing secondary storage behind the engine's back.

use kernia::{
    engine::{Effect, Outcome},
    store::{CacheOp, Filter, Row, Statement, memory::accepts},
    testing::World,
};
use serde_json::{Map, Value};

/// Does to the copies in secondary storage what `statement` does to rows.
pub(crate) fn write(world: &World, statement: &Statement) {
    match statement {
        Statement::Insert { table, row } if *table == "verification" => put(world, row),
        Statement::Update { table, filter, set, .. } if *table == "verification" => {
            for mut row in found(world, table, filter) {
                delete(world, format!("verification:{}", row.text("identifier")));
                for (name, value) in set.fields() {
                    row.set(name.clone(), value.clone());
                }
                put(world, &row);
            }
        }
        Statement::Delete { table, filter, .. } if *table == "verification" => {
            for row in found(world, table, filter) {
                delete(world, format!("verification:{}", row.text("identifier")));
            }
        }
        Statement::Delete { table, filter, .. } if *table == "session" => {
            for row in found(world, table, filter) {
                let tokens = vec![row.text("token").to_owned()];
                delete(world, tokens[0].clone());
                let (key, now) = (format!("active-sessions-{}", row.text("userId")), now(world));
                perform(world, CacheOp::IndexDrop { key, tokens, now });
            }
        }
        other => panic!("no test has needed this yet: {other:?}"),
    }
}

fn found(world: &World, table: &str, filter: &Filter) -> Vec<Row> {
    let shape = world.engine.installation().schema.table(table).unwrap();
    world.rows(table).into_iter().filter(|row| accepts(shape, filter, row).unwrap()).collect()
}

fn now(world: &World) -> kernia::wire::date::Timestamp {
    use kernia::wire::date::Clock as _;
    world.clock.now()
}

fn put(world: &World, row: &Row) {
    let object: Map<String, Value> =
        row.fields().map(|(name, value)| (name.to_string(), serde_json::to_value(value).unwrap())).collect();
    let key = format!("verification:{}", row.text("identifier"));
    perform(world, CacheOp::Set { key, value: Value::Object(object).to_string(), ttl_secs: 86_400 });
}

fn delete(world: &World, key: String) {
    perform(world, CacheOp::Delete { key });
}

fn perform(world: &World, op: CacheOp) {
    match world.outside.perform_now(Effect::Cache(op)) {
        Outcome::Cache(Ok(_)) => {}
        other => panic!("{other:?}"),
    }
}
