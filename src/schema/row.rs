//! Rows and the names of their fields.

use std::{borrow::Cow, fmt, ops::Deref, sync::Arc};

use super::Value;
use crate::wire::date::Timestamp;

/// The name of a table or a field, as the code and the wire know it (not the column's name in a database).
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name(Cow<'static, str>);

impl Name {
    /// A name known at compile time.
    #[must_use]
    pub const fn constant(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// One row: fields in order, and the rows that were asked for with it.
///
/// Cloning is cheap: clones share their fields until one of them is changed.
///
/// A `Row` may hold secrets (password hashes, tokens), so its `Debug` prints field names only.
#[derive(Clone, Default, PartialEq)]
pub struct Row {
    fields: Arc<Vec<(Name, Value)>>,
    related: Vec<(Name, Vec<Self>)>,
}

impl Row {
    /// An empty row.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty row with room for `fields` fields.
    #[must_use]
    pub fn with_capacity(fields: usize) -> Self {
        Self { fields: Arc::new(Vec::with_capacity(fields)), related: Vec::new() }
    }

    /// Adds or replaces a field, for building rows in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Adds or replaces a field.
    pub fn set(&mut self, name: impl Into<Name>, value: impl Into<Value>) {
        let name = name.into();
        let value = value.into();
        let fields = Arc::make_mut(&mut self.fields);
        match fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot = value,
            None => fields.push((name, value)),
        }
    }

    /// Adds a field that is known not to be there yet, without looking.
    pub fn push(&mut self, name: Name, value: Value) {
        Arc::make_mut(&mut self.fields).push((name, value));
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.fields.iter().position(|(known, _)| *known == *name)?;
        Some(Arc::make_mut(&mut self.fields).remove(at).1)
    }

    /// The field, if the row has it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| *known == *name).map(|(_, value)| value)
    }

    /// The field, or [`Value::Null`].
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        self.find(name).unwrap_or(&Value::Null)
    }

    /// The field as text; empty when it is absent or something else.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.get(name).as_text().unwrap_or_default()
    }

    /// The field as a moment.
    #[must_use]
    pub fn date(&self, name: &str) -> Option<Timestamp> {
        self.get(name).as_date()
    }

    /// The field as a boolean; false when it is absent.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).as_bool().unwrap_or_default()
    }

    /// The row's primary key.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// All fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// How many fields the row has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// True when the row has no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Attaches the rows that a [`With`](crate::store::With) asked for.
    pub fn attach(&mut self, name: Name, rows: Vec<Self>) {
        self.related.push((name, rows));
    }

    /// Takes the rows that a [`With`](crate::store::With) named `name` brought.
    pub fn detach(&mut self, name: &str) -> Vec<Self> {
        let at = self.related.iter().position(|(known, _)| *known == *name);
        at.map(|at| self.related.remove(at).1).unwrap_or_default()
    }

    /// The rows that a [`With`](crate::store::With) named `name` brought.
    #[must_use]
    pub fn related(&self, name: &str) -> &[Self] {
        self.related.iter().find(|(known, _)| *known == *name).map_or(&[], |(_, rows)| rows)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.fields.iter().map(|(name, _)| name)).finish()
    }
}

impl IntoIterator for Row {
    type IntoIter = std::vec::IntoIter<(Name, Value)>;
    type Item = (Name, Value);

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.fields).into_iter()
    }
}

impl FromIterator<(Name, Value)> for Row {
    fn from_iter<I: IntoIterator<Item = (Name, Value)>>(fields: I) -> Self {
        Self { fields: Arc::new(fields.into_iter().collect()), related: Vec::new() }
    }
}
