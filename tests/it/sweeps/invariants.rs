//! What holds of the database whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use kernia::{
    store::{Row, Value},
    testing::World,
};

/// The database: rows by table, each as text without ids and secrets that differ from run to run.
#[derive(Debug, PartialEq)]
pub(super) struct State {
    tables: BTreeMap<String, Vec<Row>>,
}

impl State {
    pub(super) fn of(world: &World) -> Self {
        let tables = world.outside.store.snapshot().into_iter().map(|(name, rows)| (name.to_string(), rows)).collect();
        Self { tables }
    }

    fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// Panics when the database contradicts itself.
    pub(super) fn check(&self, context: &str) {
        let users: BTreeSet<_> = self.rows("user").iter().map(Row::id).collect();
        for user in &users {
            let accounts = self.rows("account").iter().filter(|account| account.text("userId") == *user).count();
            assert!(accounts > 0, "{context}: a user without an account");
        }
        for table in ["account", "session"] {
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
    }
}
