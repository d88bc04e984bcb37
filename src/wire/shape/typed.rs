//! Rust types that know their shape.

use std::fmt;
use std::ops::Deref;

use serde_json::{Map, Value};
use thiserror::Error;

use super::issue::Weight;
use super::{Issue, Issues, Shape, TextRule, text};

/// A type that can be read from a request.
///
/// Implemented for the plain types here and, through the `input!`, `choice!`, `one_of!` and `text!` macros, for the
/// types of a route.
pub trait Shaped: Sized {
    /// What the input may look like.
    const SHAPE: Shape;

    /// Builds the type from what [`Shape::parse`] gave.
    ///
    /// # Errors
    /// [`Mismatch`] when the value does not have the type's own shape.
    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch>;

    /// The value as a client would send it; `None` when its key would be absent.
    fn to_json(&self) -> Option<Value>;
}

/// A value reached a type it does not fit. It cannot happen to a value that passed the type's own shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the value does not have the declared shape")]
pub struct Mismatch;

/// Checks and reads an input; `None` is an absent body.
///
/// # Errors
/// What the client did wrong.
pub fn read<T: Shaped>(value: Option<&Value>) -> Result<T, Issues> {
    let parsed = T::SHAPE.parse(value)?;
    T::from_parsed(parsed).map_err(|Mismatch| Issues(vec![Issue::new(None, Weight::Type, "Invalid input")]))
}

/// The fields of a parsed object; for types that implement [`Shaped`] by hand.
///
/// # Errors
/// [`Mismatch`] when the value is not an object.
pub fn fields_of(value: Option<Value>) -> Result<Map<String, Value>, Mismatch> {
    match value {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err(Mismatch),
    }
}

text! {
    /// An email address as `z.email()` accepts it, in the case the client wrote it.
    pub struct EmailText = [TextRule::Email];
}

text! {
    /// A string with at least one character.
    pub struct NonEmptyText = [TextRule::Min(1)];
}

/// Any value as text, as `z.coerce.string()` reads it: `5` is `"5"`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CoercedText(pub String);

/// A flag by JavaScript truthiness, as `z.coerce.boolean()` reads it: in a query, `flag=false` is true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Truthy(pub bool);

/// A key that may be absent, `null`, or there: `.nullish()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nullish<T> {
    /// The key is not in the input.
    #[default]
    Absent,
    /// The key is `null`.
    Null,
    /// The key has a value.
    Value(T),
}

/// An object with free keys, in the order in which the input keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record<T>(pub Vec<(String, T)>);

/// One input read in two ways: `a.and(b)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Both<A, B>(pub A, pub B);

impl<T> Nullish<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl Deref for CoercedText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CoercedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CoercedText(..)")
    }
}

impl Shaped for String {
    const SHAPE: Shape = Shape::String(&[]);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        match value {
            Some(Value::String(text)) => Ok(text),
            _ => Err(Mismatch),
        }
    }

    fn to_json(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

impl Shaped for CoercedText {
    const SHAPE: Shape = Shape::CoercedString(&[]);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        String::from_parsed(value).map(Self)
    }

    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

impl Shaped for bool {
    const SHAPE: Shape = Shape::Boolean;

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        value.as_ref().and_then(Value::as_bool).ok_or(Mismatch)
    }

    fn to_json(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Shaped for Truthy {
    const SHAPE: Shape = Shape::CoercedBoolean;

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        bool::from_parsed(value).map(Self)
    }

    fn to_json(&self) -> Option<Value> {
        // Text would be true whatever it says.
        self.0.to_json()
    }
}

impl Shaped for f64 {
    const SHAPE: Shape = Shape::Number(&[]);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        value.as_ref().and_then(Value::as_f64).ok_or(Mismatch)
    }

    fn to_json(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Shaped for i64 {
    const SHAPE: Shape = Shape::Number(&[super::NumberRule::Int]);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        let value = value.ok_or(Mismatch)?;
        if let Some(number) = value.as_i64() {
            return Ok(number);
        }
        // An integer may also be written `1.0` or `1e3`; the shape keeps it within what a double holds exactly.
        let number = value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_991.0);
        #[allow(clippy::cast_possible_truncation)]
        number.map(|number| number as Self).ok_or(Mismatch)
    }

    fn to_json(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Shaped for Value {
    const SHAPE: Shape = Shape::Any;

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        value.ok_or(Mismatch)
    }

    fn to_json(&self) -> Option<Value> {
        Some(self.clone())
    }
}

impl Shaped for Map<String, Value> {
    const SHAPE: Shape = Shape::Record(&Shape::Any);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        fields_of(value)
    }

    fn to_json(&self) -> Option<Value> {
        Some(Value::Object(self.clone()))
    }
}

impl<T: Shaped> Shaped for Option<T> {
    const SHAPE: Shape = Shape::Optional(&T::SHAPE);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        value.map(|value| T::from_parsed(Some(value))).transpose()
    }

    fn to_json(&self) -> Option<Value> {
        self.as_ref().and_then(T::to_json)
    }
}

impl<T: Shaped> Shaped for Nullish<T> {
    const SHAPE: Shape = Shape::Optional(&Shape::Nullable(&T::SHAPE));

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        match value {
            None => Ok(Self::Absent),
            Some(Value::Null) => Ok(Self::Null),
            value => T::from_parsed(value).map(Self::Value),
        }
    }

    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Null => Some(Value::Null),
            Self::Value(value) => value.to_json(),
        }
    }
}

impl<T: Shaped> Shaped for Vec<T> {
    const SHAPE: Shape = Shape::Array(&T::SHAPE, &[]);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        match value {
            Some(Value::Array(items)) => items.into_iter().map(|item| T::from_parsed(Some(item))).collect(),
            _ => Err(Mismatch),
        }
    }

    fn to_json(&self) -> Option<Value> {
        Some(self.iter().filter_map(T::to_json).collect())
    }
}

impl<T: Shaped> Shaped for Record<T> {
    const SHAPE: Shape = Shape::Record(&T::SHAPE);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        let entries = fields_of(value)?.into_iter();
        entries.map(|(key, value)| Ok((key, T::from_parsed(Some(value))?))).collect::<Result<_, _>>().map(Self)
    }

    fn to_json(&self) -> Option<Value> {
        let entries = self.0.iter().filter_map(|(key, value)| Some((key.clone(), value.to_json()?)));
        Some(Value::Object(entries.collect()))
    }
}

impl<A: Shaped, B: Shaped> Shaped for Both<A, B> {
    const SHAPE: Shape = Shape::Both(&A::SHAPE, &B::SHAPE);

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        Ok(Self(A::from_parsed(value.clone())?, B::from_parsed(value)?))
    }

    fn to_json(&self) -> Option<Value> {
        match (self.0.to_json(), self.1.to_json()) {
            (Some(Value::Object(mut both)), Some(Value::Object(more))) => {
                both.extend(more);
                Some(Value::Object(both))
            }
            (first, second) => first.or(second),
        }
    }
}
