//! What a request's input may look like, held as data.
//!
//! A [`Shape`] is written once beside the route that takes the input. Four things are read from it: the check with
//! the texts a client sees, the conversion (unknown keys dropped, defaults filled in), the typed struct, and the
//! OpenAPI fragment. The rules and the texts are those of zod 4 as the reference's endpoints use it, including its
//! habits at the edges: absent is not `null`, a key may be absent only where the shape says so, and a length rule
//! still speaks about an array that should have been a string.

mod check;
mod coerce;
mod convert;
mod declare;
mod issue;
mod json_schema;
mod rules;
mod typed;

use serde_json::{Map, Value};

pub use crate::{choice, input, one_of, text};
pub(in crate::wire) use json_schema::nullable;

pub use issue::{Issue, Issues, Root, Segment};
pub use rules::{ListRule, NumberRule, TextRule};
pub use typed::{
    Both, CoercedText, EmailText, Mismatch, NonEmptyText, Nullish, Record, Shaped, Truthy, fields_of, read,
};

/// Any JSON value; the name the input macros use.
pub type JsonValue = Value;

/// The keys and values of a JSON object; the name the input macros use.
pub type JsonMap = Map<String, Value>;

/// What one value may be.
///
/// Shapes are constants: every part is `'static`, so a shape costs nothing to build, copy or share.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A string that satisfies each rule, in order.
    String(&'static [TextRule]),
    /// Any value, turned into a string as JavaScript's `String(x)` does, then held against the rules.
    CoercedString(&'static [TextRule]),
    /// A finite number.
    Number(&'static [NumberRule]),
    /// Any value, turned into a number as JavaScript's `Number(x)` does; what is not a number then is refused.
    CoercedNumber(&'static [NumberRule]),
    /// `true` or `false`, and nothing that merely looks like it.
    Boolean,
    /// Any value by JavaScript truthiness: the text `false` is true, the empty text is false.
    CoercedBoolean,
    /// Exactly this value.
    Literal(Literal),
    /// One of these strings.
    Enum(&'static [&'static str]),
    /// A list whose items all have one shape.
    Array(&'static Self, &'static [ListRule]),
    /// An object with free keys whose values all have one shape.
    Record(&'static Self),
    /// An object with named fields.
    Object(ObjectShape),
    /// The first option that fits.
    Union(&'static [Self]),
    /// Exactly one of the options fits.
    ExactlyOne(&'static [Self]),
    /// Both shapes fit; the results are merged.
    Both(&'static Self, &'static Self),
    /// Anything that is present.
    Any,
    /// Nothing; useful as `Optional(&Never)` for a key that must stay away.
    Never,
    /// The inner shape, or absent. `null` is not absent.
    Optional(&'static Self),
    /// The inner shape, or `null`.
    Nullable(&'static Self),
    /// The inner shape; a fixed value stands in when the input is absent.
    Default(&'static Self, Literal),
    /// The inner shape plus one rule about the whole value.
    Refined(&'static Self, Refinement),
}

/// The fields of an object and what happens to keys it does not name.
#[derive(Clone, Copy, Debug)]
pub struct ObjectShape {
    /// The named fields, in the order in which problems are reported.
    pub fields: &'static [Field],
    /// What happens to all other keys.
    pub unknown: Unknown,
}

/// One named field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key on the wire.
    pub name: &'static str,
    /// What its value may be.
    pub shape: Shape,
    /// One line for the API document; may be empty.
    pub about: &'static str,
}

/// What an object shape does with keys it does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Drop them.
    Strip,
    /// Refuse the input.
    Strict,
    /// Keep them as they are.
    Passthrough,
}

/// A fixed value in a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Number(i64),
    /// A string.
    Text(&'static str),
}

/// A rule about a whole value, run when the value's own shape holds.
#[derive(Clone, Copy, Debug)]
pub struct Refinement {
    /// Whether the rule holds.
    pub holds: fn(&Value) -> bool,
    /// The text when it does not.
    pub message: &'static str,
    /// Where the problem is reported, below the value's own place.
    pub path: &'static [&'static str],
}

impl Shape {
    /// Whether `value` fits; `None` is JavaScript's `undefined`.
    ///
    /// # Errors
    /// Every problem found, in the order the reference reports them, at most [`Issues::LIMIT`].
    pub fn check(&self, value: Option<&Value>) -> Result<(), Issues> {
        check::run(self, value)
    }

    /// Checks `value` and gives what a handler sees: unknown keys dropped where the shape says so, defaults filled
    /// in, coercions done. `None` comes back when the input is absent and may be.
    ///
    /// # Errors
    /// As [`Shape::check`].
    pub fn parse(&self, value: Option<&Value>) -> Result<Option<Value>, Issues> {
        self.check(value)?;
        Ok(convert::convert(self, value))
    }

    /// The shape as a JSON Schema 2020-12 fragment, which is what OpenAPI 3.1 embeds.
    #[must_use]
    pub fn json_schema(&self) -> Value {
        json_schema::render(self)
    }

    /// Whether a JSON body or a key of this shape may be left out.
    #[must_use]
    pub fn may_be_absent(&self) -> bool {
        self.absence() != Absence::Refused
    }

    /// What the shape makes of an absent value.
    fn absence(&self) -> Absence {
        match self {
            Self::Default(..) => Absence::Filled,
            // Not by `max`: rustc 1.95 turns that into a loop, optimized, and takes a required value for one that may be absent.
            Self::Optional(inner) => match inner.absence() {
                Absence::Refused => Absence::Allowed,
                absence => absence,
            },
            Self::Nullable(inner) | Self::Refined(inner, _) => inner.absence(),
            Self::Union(options) | Self::ExactlyOne(options) => {
                options.iter().map(Self::absence).max().unwrap_or(Absence::Refused)
            }
            _ => Absence::Refused,
        }
    }

    /// Whether the *result* may be absent, which is what lets an object forgive a missing key altogether.
    fn result_may_be_absent(&self) -> bool {
        match self {
            Self::Optional(_) => true,
            Self::Nullable(inner) | Self::Refined(inner, _) => inner.result_may_be_absent(),
            Self::Union(options) | Self::ExactlyOne(options) => options.iter().any(Self::result_may_be_absent),
            _ => false,
        }
    }
}

impl Literal {
    /// The literal as a JSON value.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(flag),
            Self::Number(number) => Value::from(number),
            Self::Text(text) => Value::from(text),
        }
    }

    fn equals(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(left), Value::Bool(right)) => left == *right,
            #[allow(clippy::cast_precision_loss)]
            (Self::Number(left), Value::Number(right)) => right.as_f64() == Some(left as f64),
            (Self::Text(left), Value::String(right)) => left == right,
            _ => false,
        }
    }
}

/// How a shape meets an absent value, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Absence {
    Refused,
    Allowed,
    Filled,
}

#[cfg(test)]
mod tests;
