//! The JSON Schema of a type, found out by having it read from what it asks for.
//!
//! A type that serde can read says, while it is read, which members it wants and of what kind. That is its one declaration, so its
//! schema is taken from there. Where a type asks for something that is not enough (a text that must be a date, an object whose
//! members it does not name), it is read again with another choice, until it is satisfied.

use std::{cell::RefCell, fmt};

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
    value::{MapDeserializer, StrDeserializer},
};
use serde_json::{Map, Value, json};

use super::shape::nullable;

/// How often a type is read, and how deep it may be.
const ATTEMPTS: usize = 200;
const DEPTH: usize = 16;

/// An object that a type may ask for without naming its members.
#[derive(Clone, Debug)]
pub struct Named {
    /// Where its schema is.
    pub reference: &'static str,
    /// One of its kind.
    pub example: Value,
}

/// The JSON Schema 2020-12 of what `T` is read from, where `named` objects are references. Anything, for a type that is satisfied
/// with nothing.
#[must_use]
pub fn read_schema<T: DeserializeOwned>(named: &[Named]) -> Value {
    let attempt = RefCell::new(Attempt::default());
    for _ in 0..ATTEMPTS {
        let place = RefCell::new(json!({}));
        let reader = Reader { attempt: &attempt, named, place: &place, depth: 0 };
        if T::deserialize(reader).is_ok() {
            return place.into_inner();
        }
        if !attempt.borrow_mut().next() {
            break;
        }
    }
    json!({})
}

/// The texts that types may want, and the formats that they are.
const TEXTS: &[(&str, Option<&str>)] = &[("", None), ("2026-01-01T00:00:00.000Z", Some("date-time"))];

/// The choices made so far: of how many, and which.
#[derive(Default)]
struct Attempt {
    choices: Vec<(usize, usize)>,
    at: usize,
}

impl Attempt {
    fn choose(&mut self, of: usize) -> usize {
        if self.at == self.choices.len() {
            self.choices.push((of, 0));
        }
        self.at += 1;
        self.choices.get(self.at - 1).map_or(0, |(_, chosen)| *chosen)
    }

    /// Goes on to the next combination. False when there is none.
    fn next(&mut self) -> bool {
        self.choices.truncate(self.at);
        self.at = 0;
        while let Some((of, chosen)) = self.choices.pop() {
            if chosen + 1 < of {
                self.choices.push((of, chosen + 1));
                return true;
            }
        }
        false
    }
}

/// A value that is what it is asked to be, and writes down what that was.
#[derive(Clone, Copy)]
struct Reader<'r> {
    attempt: &'r RefCell<Attempt>,
    named: &'r [Named],
    place: &'r RefCell<Value>,
    depth: usize,
}

/// The type is not satisfied.
#[derive(Debug)]
struct Unsatisfied;

impl fmt::Display for Unsatisfied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the type wants something else")
    }
}

impl std::error::Error for Unsatisfied {}

impl de::Error for Unsatisfied {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'r> Reader<'r> {
    fn is(self, schema: Value) {
        *self.place.borrow_mut() = schema;
    }

    fn choose(self, of: usize) -> usize {
        self.attempt.borrow_mut().choose(of)
    }

    /// Reads what is inside, and answers its schema beside it.
    fn inside<T>(self, read: impl FnOnce(Reader<'_>) -> Result<T, Unsatisfied>) -> Result<(T, Value), Unsatisfied> {
        if self.depth >= DEPTH {
            return Err(Unsatisfied);
        }
        let place = RefCell::new(json!({}));
        let inner = Reader { place: &place, depth: self.depth + 1, ..self };
        let value = read(inner)?;
        Ok((value, place.into_inner()))
    }
}

macro_rules! plain {
    ($( $ask:ident $visit:ident $value:expr, $kind:literal; )*) => {
        $( fn $ask<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
            self.is(json!({ "type": $kind }));
            visitor.$visit($value)
        } )*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Unsatisfied;

    plain! {
        deserialize_bool visit_bool false, "boolean";
        deserialize_i8 visit_i8 0, "integer";
        deserialize_i16 visit_i16 0, "integer";
        deserialize_i32 visit_i32 0, "integer";
        deserialize_i64 visit_i64 0, "integer";
        deserialize_u8 visit_u8 0, "integer";
        deserialize_u16 visit_u16 0, "integer";
        deserialize_u32 visit_u32 0, "integer";
        deserialize_u64 visit_u64 0, "integer";
        deserialize_f32 visit_f32 0.0, "number";
        deserialize_f64 visit_f64 0.0, "number";
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        self.is(json!({ "type": "null" }));
        visitor.visit_unit()
    }

    /// The type takes one of several: nothing more is known than that it is satisfied.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        let examples = self.named.iter().map(|named| &named.example);
        let all: Vec<Value> = [json!(null), json!(""), json!({})].into_iter().chain(examples.cloned()).collect();
        let chosen = all.into_iter().nth(self.choose(3 + self.named.len())).unwrap_or_default();
        chosen.deserialize_any(visitor).map_err(|_| Unsatisfied)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        self.is(json!({ "type": "string" }));
        visitor.visit_char('a')
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        let (text, format) = TEXTS[self.choose(TEXTS.len()) % TEXTS.len()];
        self.is(match format {
            Some(format) => json!({ "type": "string", "format": format }),
            None => json!({ "type": "string" }),
        });
        visitor.visit_str(text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        let (value, schema) = self.inside(|inner| visitor.visit_some(inner))?;
        self.is(if takes_null(&schema) { schema } else { nullable(schema) });
        Ok(value)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unsatisfied> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unsatisfied> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        let mut items = Items { reader: self, left: 1, seen: json!({}) };
        let value = visitor.visit_seq(&mut items)?;
        self.is(json!({ "type": "array", "items": items.seen }));
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Unsatisfied> {
        let mut items = Items { reader: self, left: length, seen: json!({}) };
        let value = visitor.visit_seq(&mut items)?;
        self.is(json!({ "type": "array", "minItems": length, "maxItems": length }));
        Ok(value)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Unsatisfied> {
        self.deserialize_tuple(length, visitor)
    }

    /// The type does not name its members: it has none, or it is one of those that are named.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        let Some(at) = self.choose(1 + self.named.len()).checked_sub(1) else {
            self.is(json!({ "type": "object" }));
            return visitor.visit_map(MapDeserializer::<_, Unsatisfied>::new(std::iter::empty::<(String, u8)>()));
        };
        let Some(Named { reference, example }) = self.named.get(at) else { return Err(Unsatisfied) };
        self.is(json!({ "$ref": reference }));
        example.clone().deserialize_map(visitor).map_err(|_| Unsatisfied)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unsatisfied> {
        let mut members = Members { reader: self, fields: fields.iter(), next: "", seen: Map::new() };
        let value = visitor.visit_map(&mut members)?;
        // What may be null may be left out as well.
        let required: Vec<_> =
            members.seen.iter().filter(|(_, schema)| !takes_null(schema)).map(|(name, _)| name.clone()).collect();
        let mut schema = json!({ "type": "object", "properties": members.seen });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        self.is(schema);
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unsatisfied> {
        self.is(json!({ "type": "string", "enum": variants }));
        visitor.visit_enum(Variant(variants.first().copied().ok_or(Unsatisfied)?))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsatisfied> {
        visitor.visit_unit()
    }
}

fn takes_null(schema: &Value) -> bool {
    let listed = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(|kind| kind == "null"));
    schema["type"] == "null"
        || listed(&schema["type"])
        || schema["anyOf"].as_array().is_some_and(|any| any.iter().any(takes_null))
        || schema.as_object().is_some_and(Map::is_empty)
}

struct Items<'r> {
    reader: Reader<'r>,
    left: usize,
    seen: Value,
}

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Unsatisfied;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unsatisfied> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        let (value, schema) = self.reader.inside(|inner| seed.deserialize(inner))?;
        self.seen = schema;
        Ok(Some(value))
    }
}

struct Members<'r> {
    reader: Reader<'r>,
    fields: std::slice::Iter<'static, &'static str>,
    next: &'static str,
    seen: Map<String, Value>,
}

impl<'de> MapAccess<'de> for &mut Members<'_> {
    type Error = Unsatisfied;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unsatisfied> {
        let Some(next) = self.fields.next() else { return Ok(None) };
        self.next = next;
        let name: StrDeserializer<'_, Unsatisfied> = self.next.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unsatisfied> {
        let (value, schema) = self.reader.inside(|inner| seed.deserialize(inner))?;
        self.seen.insert(self.next.to_owned(), schema);
        Ok(value)
    }
}

/// A variant without content.
struct Variant(&'static str);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unsatisfied;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unsatisfied> {
        let name: StrDeserializer<'_, Unsatisfied> = self.0.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Unsatisfied;

    fn unit_variant(self) -> Result<(), Unsatisfied> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Unsatisfied> {
        Err(Unsatisfied)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Unsatisfied> {
        Err(Unsatisfied)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Unsatisfied> {
        Err(Unsatisfied)
    }
}

#[cfg(test)]
mod tests;
