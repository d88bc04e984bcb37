//! One field of a table.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Name, Value};
use crate::{crypto::entropy::Entropy, wire::date::Timestamp};

/// The application's own say in a value that a client sends.
#[derive(Clone)]
pub struct InputRule(Arc<dyn Fn(serde_json::Value) -> Result<serde_json::Value, String> + Send + Sync>);

impl InputRule {
    /// What is stored of a value, or why it is refused, for people to read.
    #[must_use]
    pub fn new(rule: impl Fn(serde_json::Value) -> Result<serde_json::Value, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    /// What is stored of `value`.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn apply(&self, value: serde_json::Value) -> Result<serde_json::Value, String> {
        (self.0)(value)
    }
}

/// What clients see of a stored value.
#[derive(Clone)]
pub struct OutputRule(Arc<dyn Fn(serde_json::Value) -> serde_json::Value + Send + Sync>);

impl OutputRule {
    /// What is shown of a value. It must leave alone what it has made: it sees a value that was kept in a cookie twice.
    #[must_use]
    pub fn new(rule: impl Fn(serde_json::Value) -> serde_json::Value + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    /// What is shown of `value`.
    #[must_use]
    pub fn apply(&self, value: serde_json::Value) -> serde_json::Value {
        (self.0)(value)
    }
}

type Make = dyn Fn(Timestamp, &dyn Entropy) -> Value + Send + Sync;

/// Makes a value for a row that is written.
#[derive(Clone)]
pub struct MakeRule(Arc<Make>);

impl MakeRule {
    /// What `rule` makes of the request's moment and of randomness. Both are given to it, so that a request can be replayed.
    #[must_use]
    pub fn new(rule: impl Fn(Timestamp, &dyn Entropy) -> Value + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    /// A value.
    #[must_use]
    pub fn make(&self, now: Timestamp, entropy: &dyn Entropy) -> Value {
        (self.0)(now, entropy)
    }
}

macro_rules! rules {
    ($($rule:ident)+) => {
        $(
            impl PartialEq for $rule {
                fn eq(&self, other: &Self) -> bool {
                    Arc::ptr_eq(&self.0, &other.0)
                }
            }

            impl fmt::Debug for $rule {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(stringify!($rule))
                }
            }
        )+
    };
}

rules! { InputRule MakeRule OutputRule }

/// What a field holds. How a database stores each is the dialect's business.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FieldType {
    /// Text.
    Text,
    /// A number that fits 32 bits.
    Number,
    /// A whole number of 64 bits.
    BigNumber,
    /// A boolean.
    Boolean,
    /// A moment.
    Date,
    /// A JSON document.
    Json,
    /// A list of texts.
    TextList,
    /// A list of numbers.
    NumberList,
    /// The id of a row whose table has ids of this kind. Text to everybody but the database.
    Id(IdKind),
}

/// What the ids of rows are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum IdKind {
    /// Any text, made by whoever inserts the row.
    #[default]
    Text,
    /// A UUID in lower case, made by whoever inserts the row.
    Uuid,
    /// A number, made by the database. The `id` of a row to be inserted is a placeholder, which stands for the number in the
    /// statements behind it; see [`Assigned`](crate::store::Assigned).
    Serial,
}

impl IdKind {
    /// What a field with such an id holds.
    #[must_use]
    pub fn field_type(self) -> FieldType {
        match self {
            Self::Text => FieldType::Text,
            Self::Uuid | Self::Serial => FieldType::Id(self),
        }
    }
}

/// The value that a field gets when a row is written and nobody names one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DefaultValue {
    /// Always this.
    Value(Value),
    /// The request's moment.
    Now,
    /// What the application makes.
    Made(MakeRule),
}

impl DefaultValue {
    /// The value.
    #[must_use]
    pub fn value(&self, now: Timestamp, entropy: &dyn Entropy) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Now => now.into(),
            Self::Made(rule) => rule.make(now, entropy),
        }
    }
}

/// A field, under its logical name and its column's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name in code and on the wire.
    pub name: Name,
    /// The column's name.
    pub column: Name,
    /// What it holds.
    pub kind: FieldType,
    /// True when a row without it is refused.
    pub required: bool,
    /// True when no two rows may hold the same value. Absent values do not count.
    pub unique: bool,
    /// True when look-ups by this field must be fast.
    pub index: bool,
    /// True when lists may be sorted by it (a bounded text type where the database needs one).
    pub sortable: bool,
    /// The row it points at.
    pub references: Option<Reference>,
    /// The value when none is given.
    pub default: Option<DefaultValue>,
    /// What every update sets it to that does not name it.
    pub on_update: Option<DefaultValue>,
    /// False when clients must not set it.
    pub input: bool,
    /// False when it never leaves the server.
    pub returned: bool,
    /// The application's own say in what clients send.
    pub accepts: Option<InputRule>,
    /// What clients see of it, if not the value itself.
    pub shows: Option<OutputRule>,
}

/// The row a field points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The table.
    pub table: Name,
    /// The field of that table.
    pub field: Name,
    /// What happens when that row goes.
    pub on_delete: OnDelete,
}

/// What happens to a row when the one it points at is removed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum OnDelete {
    /// It goes too.
    #[default]
    Cascade,
    /// It stays, and points at nothing.
    #[serde(rename = "set null")]
    SetNull,
    /// The removal is refused.
    #[serde(alias = "no action")]
    Restrict,
}

impl Field {
    /// A required field that clients may set and see.
    #[must_use]
    pub fn required(name: impl Into<Name>, kind: FieldType) -> Self {
        let name = name.into();
        Self {
            column: name.clone(),
            name,
            kind,
            required: true,
            unique: false,
            index: false,
            sortable: false,
            references: None,
            default: None,
            on_update: None,
            input: true,
            returned: true,
            accepts: None,
            shows: None,
        }
    }

    /// A field that may be absent.
    #[must_use]
    pub fn optional(name: impl Into<Name>, kind: FieldType) -> Self {
        Self { required: false, ..Self::required(name, kind) }
    }

    /// No two rows may share a value.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Look-ups by this field are fast.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.index = true;
        self
    }

    /// Lists may be sorted by it.
    #[must_use]
    pub fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// Points at `table.field`, and goes when that row goes.
    #[must_use]
    pub fn references(self, table: impl Into<Name>, field: impl Into<Name>) -> Self {
        self.references_with(table, field, OnDelete::Cascade)
    }

    /// Points at `table.field`.
    #[must_use]
    pub fn references_with(mut self, table: impl Into<Name>, field: impl Into<Name>, on_delete: OnDelete) -> Self {
        self.references = Some(Reference { table: table.into(), field: field.into(), on_delete });
        self
    }

    /// The value when none is given.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(DefaultValue::Value(value.into()));
        self
    }

    /// The request's moment when none is given.
    #[must_use]
    pub fn default_now(mut self) -> Self {
        self.default = Some(DefaultValue::Now);
        self
    }

    /// Every update sets it to the request's moment.
    #[must_use]
    pub fn touched(mut self) -> Self {
        self.on_update = Some(DefaultValue::Now);
        self
    }

    /// Clients must not set it.
    #[must_use]
    pub fn no_input(mut self) -> Self {
        self.input = false;
        self
    }

    /// It never leaves the server.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.returned = false;
        self
    }
}
