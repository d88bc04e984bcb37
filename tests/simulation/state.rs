//! What both stores hold, read after every effect that may have changed it.

use std::collections::{BTreeMap, BTreeSet};

use kernia::{
    crypto::digest::sha256_base64url,
    domain::Places,
    store::{
        Row, Value,
        memory::{MemoryCache, MemoryStore},
    },
    wire::date::Timestamp,
};
use serde_json::Value as Json;

use crate::{
    actions::has_password,
    violation::{Checked, rule},
};

/// The rows of one table by id.
pub(crate) type Rows = BTreeMap<String, Row>;

/// A session that a server would find.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    pub(crate) user: String,
    /// Milliseconds, as stored.
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) expires: i64,
}

/// What both stores hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    tables: BTreeMap<String, Rows>,
    kept: BTreeMap<String, String>,
    /// Sessions in secondary storage by token, and the user that each brings along.
    sessions: BTreeMap<String, (Live, String)>,
    /// Tokens that indexes name.
    listed: BTreeSet<String>,
    /// The moments before which all sessions of a user are over.
    revoked: BTreeMap<String, i64>,
}

static NOTHING: Rows = Rows::new();

impl State {
    pub(crate) fn rows(&self, table: &str) -> &Rows {
        self.tables.get(table).unwrap_or(&NOTHING)
    }

    /// Reads the database anew. Answers how it was.
    pub(crate) fn read_database(&mut self, store: &MemoryStore) -> BTreeMap<String, Rows> {
        let by_id = |rows: Vec<Row>| rows.into_iter().map(|row| (row.id().to_owned(), row)).collect();
        let tables = store.snapshot().into_iter().map(|(name, rows)| (name.to_string(), by_id(rows))).collect();
        std::mem::replace(&mut self.tables, tables)
    }

    /// Reads secondary storage anew. Answers whether anything is other than it was.
    pub(crate) fn read_cache(&mut self, cache: &MemoryCache) -> bool {
        let kept = cache.snapshot();
        if kept == self.kept {
            return false;
        }
        self.sessions.retain(|token, _| kept.contains_key(token));
        for (key, value) in kept.iter().filter(|(key, value)| self.kept.get(*key) != Some(*value)) {
            if !key.contains('-') && !key.contains(':') {
                match session(value) {
                    Some(read) => self.sessions.insert(key.clone(), read),
                    None => self.sessions.remove(key),
                };
            }
        }
        let of =
            |prefix: &'static str| kept.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value)));
        self.listed = of("active-sessions-").flat_map(|(_, index)| members(index)).collect();
        self.revoked = of("revoked-sessions-before-")
            .filter_map(|(user, moment)| Some((user.to_owned(), moment.parse().ok()?)))
            .collect();
        self.kept = kept;
        true
    }

    /// The sessions that a server may find, by token, whether or not their time is over: in either store, where either will do.
    pub(crate) fn live(&self, places: Places) -> BTreeMap<String, Live> {
        let mut live = BTreeMap::new();
        if places.sessions.database_decides() {
            let rows = self.rows("session").values();
            live.extend(rows.map(|row| (row.text("token").to_owned(), of_row(row))));
        }
        if places.sessions.in_secondary() {
            for (token, (session, _)) in &self.sessions {
                if self.revoked.get(&session.user).is_none_or(|before| session.created >= *before) {
                    // What both have may end later in one of them.
                    let later = live.get(token).is_none_or(|row: &Live| row.expires < session.expires);
                    if later {
                        live.insert(token.clone(), session.clone());
                    }
                }
            }
        }
        live
    }

    /// What the one-time value under `identifier` says.
    pub(crate) fn value_of(&self, identifier: &str) -> Option<String> {
        let hashed = sha256_base64url(identifier.as_bytes());
        let mut rows = self.rows("verification").values();
        if let Some(row) = rows.find(|row| [identifier, &hashed].contains(&row.text("identifier"))) {
            return Some(row.text("value").to_owned());
        }
        let kept = [identifier, &hashed].into_iter().find_map(|form| self.kept.get(&format!("verification:{form}")))?;
        let value: Json = serde_json::from_str(kept).ok()?;
        Some(value["value"].as_str()?.to_owned())
    }

    /// Holds that what is stored does not contradict itself. `now` and `skew` are in milliseconds.
    pub(crate) fn check(&self, now: i64, skew: i64) -> Checked {
        let users = self.rows("user");
        for table in ["account", "session"] {
            for row in self.rows(table).values() {
                let user = row.text("userId");
                rule("no orphan rows", users.contains_key(user), || {
                    format!("a row of {table} of {user}, who is not there")
                })?;
            }
        }
        self.check_unique()?;
        for account in self.rows("account").values() {
            if let Some(hash) = account.get("password").as_text() {
                rule("passwords are hashed", hash.starts_with("$argon2id$"), || format!("stored: {hash}"))?;
            }
        }
        for (token, (session, user)) in &self.sessions {
            rule("a session has one user", session.user == *user, || {
                format!("{token} is of {} and {user}", session.user)
            })?;
            // Servers drop names from an index by their own clocks.
            let ending = session.expires <= now + 2 * skew + 1000;
            rule("sessions can be revoked", ending || self.listed.contains(token), || {
                format!("no index names {token}")
            })?;
        }
        Ok(())
    }

    fn check_unique(&self) -> Checked {
        for (table, field) in [("user", "email"), ("user", "username"), ("session", "token")] {
            let mut seen = BTreeSet::new();
            for row in self.rows(table).values().filter(|row| !row.text(field).is_empty()) {
                let value = row.text(field);
                let folded = if table == "user" { value.to_lowercase() } else { value.to_owned() };
                rule("unique values", table == "session" || folded == value, || format!("{table}.{field} {value}"))?;
                rule("unique values", seen.insert(folded), || format!("{table}.{field} {value} is there twice"))?;
            }
        }
        let mut credentials = BTreeSet::new();
        for account in self.rows("account").values() {
            let key = (account.text("userId"), account.text("providerId"), account.text("accountId"));
            rule("unique values", credentials.insert(key), || format!("two accounts {key:?}"))?;
        }
        Ok(())
    }

    /// Holds that no password is stored as it is.
    pub(crate) fn check_secret(&self) -> Checked {
        const PLAIN: &str = "no password in the clear";
        for (name, row) in self.tables.iter().flat_map(|(name, rows)| rows.values().map(move |row| (name, row))) {
            for (field, value) in row.fields().filter(|(field, _)| *field != "password") {
                let plain = matches!(value, Value::Text(text) if has_password(text));
                rule(PLAIN, !plain, || format!("{name}.{field}"))?;
            }
        }
        for (key, value) in &self.kept {
            rule(PLAIN, !has_password(value), || format!("secondary storage under {key}"))?;
        }
        Ok(())
    }
}

fn millis(moment: Option<Timestamp>) -> i64 {
    moment.map_or(0, Timestamp::as_millis)
}

fn of_row(row: &Row) -> Live {
    let [created, updated, expires] = ["createdAt", "updatedAt", "expiresAt"].map(|name| millis(row.date(name)));
    Live { user: row.text("userId").to_owned(), created, updated, expires }
}

fn session(text: &str) -> Option<(Live, String)> {
    let value: Json = serde_json::from_str(text).ok()?;
    let session = value.get("session")?;
    let date = |name: &str| millis(session[name].as_str().and_then(Timestamp::parse));
    let user = session["userId"].as_str()?.to_owned();
    let live = Live { user, created: date("createdAt"), updated: date("updatedAt"), expires: date("expiresAt") };
    Some((live, value["user"]["id"].as_str()?.to_owned()))
}

fn members(index: &str) -> Vec<String> {
    let value: Json = serde_json::from_str(index).unwrap_or_default();
    let members = value.as_array().into_iter().flatten();
    members.filter_map(|member| Some(member["token"].as_str()?.to_owned())).collect()
}
