//! BSON as plain data, so that no driver is needed to make or to read it.

use std::fmt;

use crate::wire::date::Timestamp;

/// A BSON value. `Debug` prints no content.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Bson {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number of 32 bits.
    Int32(i32),
    /// A whole number of 64 bits.
    Int64(i64),
    /// A number with a fraction.
    Double(f64),
    /// Text.
    Text(String),
    /// A moment.
    Date(Timestamp),
    /// An ObjectId.
    ObjectId([u8; 12]),
    /// Binary data of the subtype for UUIDs.
    Uuid([u8; 16]),
    /// A regular expression without options.
    Pattern(String),
    /// A list.
    List(Vec<Self>),
    /// A document.
    Document(Document),
}

/// Fields in order. `Debug` prints their names only.
#[derive(Clone, Default, PartialEq)]
pub struct Document {
    fields: Vec<(String, Bson)>,
}

impl Document {
    /// A document without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A document of one field.
    #[must_use]
    pub fn of(name: impl Into<String>, value: impl Into<Bson>) -> Self {
        Self::new().with(name, value)
    }

    /// Adds a field, for building documents in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Bson>) -> Self {
        self.push(name, value);
        self
    }

    /// Adds a field that is not there yet.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Bson>) {
        self.fields.push((name.into(), value.into()));
    }

    /// The field called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Bson> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Takes the field called `name` out; the order of the others may change.
    pub fn take(&mut self, name: &str) -> Option<Bson> {
        let at = self.fields.iter().position(|(known, _)| known == name)?;
        Some(self.fields.swap_remove(at).1)
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bson)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// True without fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

impl IntoIterator for Document {
    type IntoIter = std::vec::IntoIter<(String, Bson)>;
    type Item = (String, Bson);

    fn into_iter(self) -> Self::IntoIter {
        self.fields.into_iter()
    }
}

impl FromIterator<(String, Bson)> for Document {
    fn from_iter<I: IntoIterator<Item = (String, Bson)>>(fields: I) -> Self {
        Self { fields: fields.into_iter().collect() }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Bson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool",
            Self::Int32(_) => "Int32",
            Self::Int64(_) => "Int64",
            Self::Double(_) => "Double",
            Self::Text(_) => "Text",
            Self::Date(_) => "Date",
            Self::ObjectId(_) => "ObjectId",
            Self::Uuid(_) => "Uuid",
            Self::Pattern(_) => "Pattern",
            Self::List(list) => return list.fmt(f),
            Self::Document(document) => return document.fmt(f),
        })
    }
}

macro_rules! bson_from {
    ($($source:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$source> for Bson {
            fn from(content: $source) -> Self {
                Self::$variant(content.into())
            }
        })+
    };
}

bson_from! {
    bool => Bool,
    i32 => Int32,
    i64 => Int64,
    f64 => Double,
    &str => Text,
    String => Text,
    Timestamp => Date,
    Vec<Bson> => List,
    Document => Document,
}
