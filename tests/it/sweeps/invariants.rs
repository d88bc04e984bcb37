//! What holds of the stores whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use kernia::store::{Row, Value};
use serde_json::Value as Json;

use super::super::{Place, World, place};

/// What is stored: rows by table, and what secondary storage holds.
#[derive(Debug, PartialEq)]
pub(super) struct State {
    tables: BTreeMap<String, Vec<Row>>,
    secondary: Secondary,
}

/// What secondary storage holds that somebody can use.
#[derive(Debug, PartialEq)]
pub(super) struct Secondary {
    /// Each session's value by its token.
    sessions: BTreeMap<String, Json>,
    /// The keys of one-time values.
    values: BTreeSet<String>,
    /// The tokens that indexes name.
    listed: BTreeSet<String>,
}

impl Secondary {
    fn of(world: &World) -> Self {
        let kept = world.outside.cache.snapshot();
        let parsed = || kept.iter().map(|(key, value)| (key, serde_json::from_str(value).unwrap_or(Json::Null)));
        let indexes = parsed().filter(|(key, _)| key.starts_with("active-sessions-"));
        let members = indexes.flat_map(|(_, index)| index.as_array().cloned().unwrap());
        Self {
            sessions: parsed()
                .filter(|(_, value)| value.get("session").is_some())
                .map(|(key, value)| (key.clone(), value))
                .collect(),
            values: kept.keys().filter(|key| key.starts_with("verification:")).cloned().collect(),
            listed: members.map(|member| member["token"].as_str().unwrap().to_owned()).collect(),
        }
    }
}

impl State {
    pub(super) fn of(world: &World) -> Self {
        let tables = world.outside.store.snapshot().into_iter().map(|(name, rows)| (name.to_string(), rows)).collect();
        Self { tables, secondary: Secondary::of(world) }
    }

    fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// Whether the database is the same.
    pub(super) fn same_tables(&self, other: &Self) -> bool {
        self.tables == other.tables
    }

    /// Whether the database is the same, but that one-time values are gone.
    pub(super) fn same_but_spent(&self, other: &Self) -> bool {
        let others = |state: &Self| {
            let mut tables = state.tables.clone();
            (tables.remove("verification").unwrap_or_default(), tables)
        };
        let ((mine, tables), (theirs, same)) = (others(self), others(other));
        tables == same && mine.iter().all(|row| theirs.contains(row))
    }

    /// Panics when what is stored contradicts itself.
    pub(super) fn check(&self, context: &str) {
        let users: BTreeSet<_> = self.rows("user").iter().map(Row::id).collect();
        for user in self.rows("user") {
            let has_account = self.rows("account").iter().any(|account| account.text("userId") == user.id());
            // Whoever has proven an address or a number needs no account to sign in, and whoever is nobody has none.
            let needs_none = ["emailVerified", "phoneNumberVerified", "isAnonymous"].iter().any(|flag| user.flag(flag));
            assert!(has_account || needs_none, "{context}: a user who cannot sign in");
        }
        for table in ["account", "passkey", "session"] {
            for row in self.rows(table) {
                assert!(users.contains(row.text("userId")), "{context}: a row of {table} without its user");
            }
        }
        let emails: BTreeSet<_> = self.rows("user").iter().map(|user| user.text("email")).collect();
        assert_eq!(emails.len(), users.len(), "{context}: two users share an address");
        let tokens: BTreeSet<_> = self.rows("session").iter().map(|session| session.text("token")).collect();
        assert_eq!(tokens.len(), self.rows("session").len(), "{context}: two sessions share a token");
        for account in self.rows("account").iter().filter(|account| account.text("providerId") == "credential") {
            assert_ne!(account.get("password"), &Value::Null, "{context}: a credential account without a password");
        }
        for (token, value) in &self.secondary.sessions {
            assert!(self.secondary.listed.contains(token), "{context}: a session that nobody could revoke");
            let owner = value["user"]["id"].as_str().unwrap();
            assert!(users.contains(owner), "{context}: the session of a user who is gone");
            assert_eq!(value["session"]["userId"], owner, "{context}: a session of two users");
        }
    }

    /// Panics when a copy differs from its original. Copies may be late while a request is under way, and not after it.
    pub(super) fn check_copies(&self, context: &str) {
        for value in self.secondary.sessions.values() {
            let user = self.rows("user").iter().find(|user| value["user"]["id"] == user.id()).unwrap();
            for (name, original) in user.fields() {
                assert_eq!(value["user"][name.as_str()], serde_json::to_value(original).unwrap(), "{context}: {name}");
            }
        }
    }

    /// Panics unless this is a place to stop at on the way from `before` to `after`; `last` is where a request that was
    /// stopped one effect earlier stood.
    pub(super) fn check_between(&self, before: &Self, after: &Self, last: &Self, spends_first: bool, context: &str) {
        // One batch a change: the database is as before or as after, nothing between.
        let changed = !(self.same_tables(before) || spends_first && self.same_but_spent(before));
        assert!(!changed || self.same_tables(after), "{context}: the database is neither before nor after");
        if place() == Place::Database {
            return;
        }
        let (now, was, will) = (&self.secondary.sessions, &before.secondary.sessions, &after.secondary.sessions);
        for token in now.keys() {
            let begins = !was.contains_key(token);
            assert!(!begins || will.contains_key(token), "{context}: a session that nobody asked for");
            assert!(!begins || self.same_tables(after), "{context}: a session before what it rests on");
            assert!(begins || last.secondary.sessions.contains_key(token), "{context}: a session came back");
        }
        let spent = |state: &Self| &before.secondary.values - &state.secondary.values;
        if changed && !before.same_tables(after) {
            let ended = was.keys().filter(|token| !will.contains_key(*token));
            assert!(ended.clone().all(|token| !now.contains_key(token)), "{context}: a session lives too long");
            if place() == Place::Secondary {
                assert!(spent(after).is_subset(&spent(self)), "{context}: a value that is used and not spent");
            }
        }
        // One that is counted down is there again in the end.
        let back = &spent(last) - &spent(self);
        assert!(back.is_subset(&after.secondary.values), "{context}: a spent value came back");
    }
}
