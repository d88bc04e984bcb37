//! What a store accepts: the fields of a table in their fixed order, and values as they are kept.
//!
//! Every store goes through this file, so that a value that one of them refuses or rounds is refused or rounded by all.

use std::borrow::Cow;

use super::{Name, Op, Row, StorageError, Value};
use crate::{
    schema::{FieldType, IdKind, Table},
    wire::date::Timestamp,
};

/// 0000-01-01T00:00:00.000Z: ISO text sorts like time from here,
const FIRST_DATE: i64 = -62_167_219_200_000;
/// to 9999-12-31T23:59:59.999Z.
const LAST_DATE: i64 = 253_402_300_799_999;
/// 2^63: whole floats below it (and from its negative) are kept as whole numbers.
const INT_END: f64 = 9_223_372_036_854_775_808.0;

/// Kept as a number, shown as text.
const SERIAL: FieldType = FieldType::Id(IdKind::Serial);

/// A table as stores see it: its fields in schema order, then `id`.
///
/// Rows that a store answers have exactly these fields in this order.
#[derive(Clone, Debug)]
pub struct Shape {
    table: Name,
    slots: Vec<Slot>,
}

#[derive(Clone, Debug)]
struct Slot {
    name: Name,
    kind: FieldType,
    required: bool,
}

/// The fields that a statement changes, by position.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Fields and their new values.
    pub set: Vec<(usize, Value)>,
    /// Number fields and what is added to them.
    pub add: Vec<(usize, i64)>,
}

impl Shape {
    /// The shape of `table`.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let slot = |name: &Name, kind, required| Slot { name: name.clone(), kind, required };
        let mut slots: Vec<_> =
            table.fields.iter().map(|field| slot(&field.name, field.kind, field.required)).collect();
        slots.push(slot(&Name::constant("id"), table.ids.field_type(), true));
        Self { table: table.name.clone(), slots }
    }

    /// The table's name in code.
    #[must_use]
    pub fn table(&self) -> &Name {
        &self.table
    }

    /// How many fields a row has, `id` included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Never true: every table has an `id`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The position of `id`, which is the last.
    #[must_use]
    pub fn id(&self) -> usize {
        self.slots.len() - 1
    }

    /// Whether the store gives new rows their numbers.
    #[must_use]
    pub fn numbered(&self) -> bool {
        self.slots.last().is_some_and(|slot| slot.kind == SERIAL)
    }

    /// The name of the field at `at`.
    #[must_use]
    pub fn name(&self, at: usize) -> &Name {
        &self.slots[at].name
    }

    /// What the field at `at` holds.
    #[must_use]
    pub fn kind(&self, at: usize) -> FieldType {
        self.slots[at].kind
    }

    /// The position of `field`.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the table has no such field.
    pub fn position(&self, field: &str) -> Result<usize, StorageError> {
        let at = self.slots.iter().position(|slot| *slot.name == *field);
        at.ok_or_else(|| StorageError::Failed(format!("table {} has no field {field}", self.table)))
    }

    /// The position of a field that a change may set: any but `id`.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub fn settable(&self, field: &str) -> Result<usize, StorageError> {
        match self.position(field)? {
            at if at == self.id() => {
                Err(StorageError::Failed(format!("the id of table {} cannot be changed", self.table)))
            }
            at => Ok(at),
        }
    }

    /// The position of a field that can be sorted by: any but documents and lists.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub fn sortable(&self, field: &str) -> Result<usize, StorageError> {
        let at = self.position(field)?;
        if is_document(self.slots[at].kind) {
            return Err(self.refused(at, "cannot be sorted by"));
        }
        Ok(at)
    }

    /// The position of a field that holds numbers.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub fn countable(&self, field: &str) -> Result<usize, StorageError> {
        let at = self.settable(field)?;
        if !matches!(self.slots[at].kind, FieldType::Number | FieldType::BigNumber) {
            return Err(self.refused(at, "does not count"));
        }
        Ok(at)
    }

    /// The positions of `field` here and of `foreign` in `other`, if rows can be related by them: both hold the same kind.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub fn joinable(&self, field: &str, other: &Self, foreign: &str) -> Result<(usize, usize), StorageError> {
        let (at, foreign) = (self.sortable(field)?, other.sortable(foreign)?);
        if self.slots[at].kind != other.slots[foreign].kind {
            return Err(self.refused(at, "is related to a field of another kind"));
        }
        Ok((at, foreign))
    }

    /// `value` as it is kept at `at`: whole floats as whole numbers, the JSON document `null` as absent.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the field does not hold such values, or when a required field would be absent.
    pub fn admit(&self, at: usize, value: Value) -> Result<Value, StorageError> {
        let slot = &self.slots[at];
        let kept = keep(slot.kind, value).ok_or_else(|| self.refused(at, "does not hold such a value"))?;
        if kept.is_null() && slot.required {
            return Err(self.refused(at, "is required"));
        }
        Ok(kept)
    }

    /// The values of a row that is kept elsewhere, as they would be kept here; what would not be is absent.
    #[must_use]
    pub fn kept(&self, row: &Row) -> Vec<Value> {
        self.slots.iter().map(|slot| keep(slot.kind, row.get(&slot.name).clone()).unwrap_or_default()).collect()
    }

    /// The values of a new row, in the order of this shape; what the row does not have is absent.
    ///
    /// # Errors
    /// [`StorageError::Failed`] for a field that is unknown, missing though required, or of the wrong kind.
    pub fn record(&self, row: Row) -> Result<Vec<Value>, StorageError> {
        let mut record = vec![Value::Null; self.slots.len()];
        for (name, value) in row {
            record[self.position(&name)?] = value;
        }
        for (at, place) in record.iter_mut().enumerate() {
            *place = self.admit(at, std::mem::take(place))?;
        }
        Ok(record)
    }

    /// The values of a new row that the store gives a number, without their last, which is to be the number; and the placeholder
    /// that the row has for it.
    ///
    /// # Errors
    /// As [`record`](Self::record); and when the row has no placeholder, or a number of its own choice.
    pub fn unnumbered(&self, mut row: Row) -> Result<(String, Vec<Value>), StorageError> {
        let placeholder = match row.remove("id") {
            Some(Value::Text(text)) if !text.is_empty() && parse_serial(&text).is_none() => text,
            _ => return Err(self.refused(self.id(), "is made by the database")),
        };
        // Any number will do to have the others looked at.
        let mut record = self.record(row.with("id", "0"))?;
        record.pop();
        Ok((placeholder, record))
    }

    /// What an update or an increment changes, by position.
    ///
    /// # Errors
    /// [`StorageError::Failed`] for a field that cannot be changed so, or that is changed twice.
    pub fn changes(&self, by: Vec<(Name, i64)>, set: Row) -> Result<Changes, StorageError> {
        let mut changes = Changes { set: Vec::with_capacity(set.len()), add: Vec::with_capacity(by.len()) };
        for (name, value) in set {
            let at = self.settable(&name)?;
            changes.set.push((at, self.admit(at, value)?));
        }
        for (name, step) in by {
            let at = self.countable(&name)?;
            let set = changes.set.iter().any(|(known, _)| *known == at);
            if set || changes.add.iter().any(|(known, _)| *known == at) {
                return Err(self.refused(at, "is changed twice"));
            }
            changes.add.push((at, step));
        }
        Ok(changes)
    }

    /// The row that these values, as they are kept, make up.
    #[must_use]
    pub fn row(&self, record: impl IntoIterator<Item = Value>) -> Row {
        let field = |(slot, value): (&Slot, Value)| {
            let shown = match value {
                Value::Int(number) if slot.kind == SERIAL => number.to_string().into(),
                value => value,
            };
            (slot.name.clone(), shown)
        };
        self.slots.iter().zip(record).map(field).collect()
    }

    /// What a field is compared with, as it is kept; `None` when the comparison accepts nothing because a side is absent.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the field cannot be compared with such a value in this way.
    pub fn comparand<'v>(&self, at: usize, op: Op, value: &'v Value) -> Result<Option<Cow<'v, Value>>, StorageError> {
        let kind = self.slots[at].kind;
        if value.is_null() {
            return Ok(matches!(op, Op::Eq | Op::Ne).then_some(Cow::Borrowed(value)));
        }
        let pattern = matches!(op, Op::Contains | Op::StartsWith | Op::EndsWith);
        if is_document(kind) || (pattern && kind != FieldType::Text) {
            return Err(self.refused(at, "cannot be compared in this way"));
        }
        match value {
            Value::Text(text) if kind == SERIAL => Ok(match parse_serial(text) {
                Some(number) => Some(Cow::Owned(Value::Int(number))),
                // No number is equal to what is none; that an id is there is all that is left to ask.
                None => (op == Op::Ne).then_some(Cow::Owned(Value::Null)),
            }),
            // No kept text holds a NUL, and not every database takes one as a parameter.
            Value::Text(text) if is_text(kind) && text.contains('\0') => {
                Ok((op == Op::Ne).then_some(Cow::Owned(Value::Null)))
            }
            Value::Float(number) if is_whole(*number) => self
                .comparand(at, op, &Value::Int(*number as i64))
                .map(|int| int.map(|int| Cow::Owned(int.into_owned()))),
            _ if fits(kind, value) => Ok(Some(Cow::Borrowed(value))),
            _ => Err(self.refused(at, "is compared with a value of another kind")),
        }
    }

    fn refused(&self, at: usize, why: &str) -> StorageError {
        StorageError::Failed(format!("field {}.{} {why}", self.table, self.slots[at].name))
    }
}

/// The number that `text` writes in the one way in which ids are written.
fn parse_serial(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| number.to_string() == text)
}

fn is_text(kind: FieldType) -> bool {
    matches!(kind, FieldType::Text | FieldType::Id(IdKind::Text | IdKind::Uuid))
}

fn is_document(kind: FieldType) -> bool {
    matches!(kind, FieldType::Json | FieldType::TextList | FieldType::NumberList)
}

/// The value in the form in which it is kept, if the kind can hold it.
fn keep(kind: FieldType, value: Value) -> Option<Value> {
    match (kind, value) {
        (_, Value::Null | Value::Json(serde_json::Value::Null)) => Some(Value::Null),
        (SERIAL, Value::Text(text)) => parse_serial(&text).map(Value::Int),
        (FieldType::Number | FieldType::BigNumber, Value::Float(number)) if is_whole(number) => {
            Some(Value::Int(number as i64))
        }
        (_, value) if fits(kind, &value) => Some(value),
        _ => None,
    }
}

fn fits(kind: FieldType, value: &Value) -> bool {
    match (kind, value) {
        (kind, Value::Text(text)) if is_text(kind) => !text.contains('\0'),
        (FieldType::Number | FieldType::BigNumber, Value::Int(_)) | (FieldType::Boolean, Value::Bool(_)) => true,
        (FieldType::Number, Value::Float(number)) => number.is_finite(),
        (FieldType::Date, Value::Date(moment)) => is_printable(*moment),
        (FieldType::Json, Value::Json(_)) => true,
        (FieldType::TextList, Value::Json(serde_json::Value::Array(list))) => {
            list.iter().all(serde_json::Value::is_string)
        }
        (FieldType::NumberList, Value::Json(serde_json::Value::Array(list))) => {
            list.iter().all(serde_json::Value::is_number)
        }
        _ => false,
    }
}

fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && (-INT_END..INT_END).contains(&number)
}

fn is_printable(moment: Timestamp) -> bool {
    (FIRST_DATE..=LAST_DATE).contains(&moment.as_millis())
}

#[cfg(test)]
mod tests;
