//! Reading what secondary storage holds.

use serde_json::{Map, Value};

use super::World;
use crate::{domain::fields::row_from_json, store::Row};

/// The sessions: by user, each user's in the order of their index.
///
/// # Panics
/// When a session is not named in the index of its user, so that it could not be revoked.
pub(super) fn sessions(world: &World) -> Vec<Row> {
    let kept = world.outside.cache.snapshot();
    let mut users = world.outside.store.snapshot().remove("user").unwrap_or_default();
    let order = |id: &str| users.iter().position(|user| user.id() == id);
    let mut indexes: Vec<_> = kept
        .iter()
        .filter_map(|(key, index)| Some((key.strip_prefix("active-sessions-")?, index)))
        .map(|(user_id, index)| (order(user_id), index))
        .collect();
    indexes.sort_by_key(|(at, _)| *at);
    users.clear();
    let listed = indexes.iter().flat_map(|(_, index)| match serde_json::from_str(index) {
        Ok(Value::Array(members)) => members,
        other => panic!("an index is no list: {other:?}"),
    });
    let tokens: Vec<String> = listed.filter_map(|member| Some(member.get("token")?.as_str()?.to_owned())).collect();
    let rows: Vec<_> = tokens.iter().filter_map(|token| session(world, kept.get(token)?)).collect();
    let all = kept.values().filter(|value| session(world, value).is_some()).count();
    assert_eq!(rows.len(), all, "a session is not listed");
    rows
}

/// The one-time values, by identifier.
pub(super) fn verifications(world: &World) -> Vec<Row> {
    let kept = world.outside.cache.snapshot();
    let values = kept.iter().filter(|(key, _)| key.starts_with("verification:"));
    values.filter_map(|(_, value)| row(world, "verification", &serde_json::from_str(value).ok()?)).collect()
}

fn session(world: &World, value: &str) -> Option<Row> {
    let value: Value = serde_json::from_str(value).ok()?;
    row(world, "session", value.get("session")?.as_object()?)
}

fn row(world: &World, table: &str, object: &Map<String, Value>) -> Option<Row> {
    Some(row_from_json(world.engine.installation().schema.table(table)?, object))
}
