//! Rows as clients see them.

use std::sync::Arc;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::Cx;
use crate::{
    schema::{ACCOUNT, SESSION, Schema, USER},
    store::{Name, Row},
};

/// A row without the fields that never leave the server, in the schema's order with `id` last.
///
/// A field that the row lacks is `null`, as the reference answers it from a SQL database.
#[derive(Clone, Debug)]
pub struct View {
    schema: Arc<Schema>,
    table: Name,
    row: Row,
    hidden: Option<&'static str>,
}

impl View {
    /// A row of `table`.
    #[must_use]
    pub fn of(cx: &Cx, table: Name, row: Row) -> Self {
        Self { schema: Arc::clone(&cx.app().schema), table, row, hidden: None }
    }

    /// A user.
    #[must_use]
    pub fn user(cx: &Cx, row: Row) -> Self {
        Self::of(cx, USER, row)
    }

    /// A session.
    #[must_use]
    pub fn session(cx: &Cx, row: Row) -> Self {
        Self::of(cx, SESSION, row)
    }

    /// An account.
    #[must_use]
    pub fn account(cx: &Cx, row: Row) -> Self {
        Self::of(cx, ACCOUNT, row)
    }

    /// The same without the field `name`, for an answer that says it in another form.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.hidden = Some(name);
        self
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(table) = self.schema.table(&self.table) {
            for field in table.returned().filter(|field| self.hidden.is_none_or(|hidden| field.name != hidden)) {
                let stored = self.row.get(&field.name);
                match &field.shows {
                    None => map.serialize_entry(&*field.name, stored)?,
                    Some(rule) => {
                        let stored = serde_json::to_value(stored).unwrap_or_default();
                        map.serialize_entry(&*field.name, &rule.apply(stored))?;
                    }
                }
            }
            map.serialize_entry("id", self.row.get("id"))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::core_tables;

    #[test]
    fn secrets_stay_and_the_id_comes_last() {
        let row = Row::new().with("id", "a").with("password", "s3cret").with("accountId", "ada");
        let view = View { schema: Arc::new(Schema::new(core_tables(true))), table: ACCOUNT, row, hidden: None };
        let shown = serde_json::to_string(&view).unwrap();
        assert!(!shown.contains("s3cret") && shown.contains("\"accountId\":\"ada\""), "{shown}");
        assert!(shown.ends_with(",\"id\":\"a\"}"), "{shown}");
    }
}
