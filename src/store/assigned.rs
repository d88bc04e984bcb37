//! Ids that a database makes, while a batch runs.

use std::collections::HashMap;

use super::{Filter, Row, Statement, Value};

/// The ids that a database has made for the rows of one batch, by the placeholders that stood for them.
///
/// Whoever writes a batch need not wait for an id: the new row has a placeholder for one, text that nothing else has, and what
/// comes behind it in the batch names the row by that. A store gives each statement to [`settle`](Self::settle) before it runs it.
#[derive(Clone, Debug, Default)]
pub struct Assigned {
    ids: HashMap<String, String>,
}

impl Assigned {
    /// From here on `placeholder` stands for `id`.
    pub fn note(&mut self, placeholder: String, id: impl Into<String>) {
        self.ids.insert(placeholder, id.into());
    }

    /// The id that `placeholder` stands for.
    #[must_use]
    pub fn id(&self, placeholder: &str) -> Option<&str> {
        self.ids.get(placeholder).map(String::as_str)
    }

    /// Puts ids where a row that is kept elsewhere has placeholders, its own `id` included.
    pub fn settle_elsewhere(&self, row: &mut Row) {
        if let Some(id) = self.id(row.id()).map(str::to_owned) {
            row.set("id", id);
        }
        self.settle_row(row);
    }

    /// Puts ids where `statement` has placeholders: in filters and in values, whatever field they are for, and as texts inside of
    /// documents. What an insert has as its own `id` stays.
    pub fn settle(&self, statement: &mut Statement) {
        if self.ids.is_empty() {
            return;
        }
        match statement {
            Statement::Insert { row, .. } => self.settle_row(row),
            Statement::Update { filter, set, .. } | Statement::Increment { filter, set, .. } => {
                self.settle_filter(filter);
                self.settle_row(set);
            }
            Statement::Delete { filter, .. }
            | Statement::Consume { filter, .. }
            | Statement::Check { filter, .. }
            | Statement::Sweep { filter, .. } => self.settle_filter(filter),
        }
    }

    fn settle_row(&self, row: &mut Row) {
        let settled = std::mem::take(row).into_iter().map(|(name, mut value)| {
            if name != "id" {
                self.settle_value(&mut value);
            }
            (name, value)
        });
        *row = settled.collect();
    }

    fn settle_filter(&self, filter: &mut Filter) {
        match filter {
            Filter::All => {}
            Filter::Compare { value, .. } => self.settle_value(value),
            Filter::In { values, .. } => values.iter_mut().for_each(|value| self.settle_value(value)),
            Filter::And(parts) | Filter::Or(parts) => parts.iter_mut().for_each(|part| self.settle_filter(part)),
        }
    }

    fn settle_value(&self, value: &mut Value) {
        match value {
            Value::Text(text) => self.settle_text(text),
            Value::Json(document) => self.settle_document(document),
            _ => {}
        }
    }

    fn settle_document(&self, document: &mut serde_json::Value) {
        match document {
            serde_json::Value::String(text) => self.settle_text(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.settle_document(item)),
            serde_json::Value::Object(members) => {
                members.values_mut().for_each(|member| self.settle_document(member));
            }
            _ => {}
        }
    }

    fn settle_text(&self, text: &mut String) {
        if let Some(id) = self.ids.get(text.as_str()) {
            text.clone_from(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::{Batch, Expect};

    #[test]
    fn placeholders_are_replaced_wherever_they_are() {
        let mut assigned = Assigned::default();
        assigned.note("~a".to_owned(), "7");
        let given = Batch::new()
            .insert("t", Row::new().with("id", "~a").with("of", "~a").with("about", json!({"x": ["~a", "~b", 1]})))
            .update(
                "t",
                Filter::Or(vec![Filter::eq("id", "~a"), Filter::any_of("of", ["~b", "~a"])]),
                Row::new().with("of", "~a "),
                Expect::Any,
            )
            .delete("t", Filter::eq("id", "~a").and(Filter::eq("n", 7)), Expect::Any);
        let wanted = Batch::new()
            .insert("t", Row::new().with("id", "~a").with("of", "7").with("about", json!({"x": ["7", "~b", 1]})))
            .update(
                "t",
                Filter::Or(vec![Filter::eq("id", "7"), Filter::any_of("of", ["~b", "7"])]),
                Row::new().with("of", "~a "),
                Expect::Any,
            )
            .delete("t", Filter::eq("id", "7").and(Filter::eq("n", 7)), Expect::Any);
        let mut settled = given.clone();
        settled.statements.iter_mut().for_each(|statement| assigned.settle(statement));
        assert!(settled == wanted);
        let mut alone = given.clone();
        alone.statements.iter_mut().for_each(|statement| Assigned::default().settle(statement));
        assert!(alone == given);
    }
}
