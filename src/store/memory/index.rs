//! Hash indexes: from the values of some fields to the rows that have them.

use std::collections::HashMap;

use crate::store::Value;

/// A row of the memory store: its values in the order of its table's shape.
pub(super) type Record = Vec<Value>;

/// The number a row got when it was inserted; rows are answered in this order.
pub(super) type Sequence = u64;

/// An index over the fields at these positions. Rows in which one of them is absent are not in it.
#[derive(Clone, Debug)]
pub(super) struct Index {
    pub(super) fields: Vec<usize>,
    pub(super) unique: bool,
    rows: HashMap<Box<[u8]>, Posting>,
}

#[derive(Clone, Debug)]
enum Posting {
    One(Sequence),
    Many(Vec<Sequence>),
}

impl Index {
    pub(super) fn new(fields: Vec<usize>, unique: bool) -> Self {
        Self { fields, unique, rows: HashMap::new() }
    }

    /// The rows whose only indexed field is `value`, in order of insertion.
    pub(super) fn find(&self, value: &Value) -> &[Sequence] {
        let posting = match value {
            Value::Text(text) => self.rows.get(text.as_bytes()),
            other => self.rows.get(key([other]).as_slice()),
        };
        posting.map_or(&[], Posting::as_slice)
    }

    /// Whether both rows are found under the same values.
    pub(super) fn same(&self, left: &Record, right: &Record) -> bool {
        self.fields.iter().all(|at| left[*at] == right[*at])
    }

    /// Another row than `sequence` that agrees with `record` in all fields, if rows must not.
    pub(super) fn clash(&self, sequence: Sequence, record: &Record) -> bool {
        self.unique
            && self.key_of(record).is_some_and(|key| {
                self.rows
                    .get(key.as_slice())
                    .is_some_and(|posting| posting.as_slice().iter().any(|known| *known != sequence))
            })
    }

    pub(super) fn add(&mut self, sequence: Sequence, record: &Record) {
        let Some(key) = self.key_of(record) else {
            return;
        };
        match self.rows.get_mut(key.as_slice()) {
            Some(posting) => posting.add(sequence),
            None => {
                self.rows.insert(key.into_boxed_slice(), Posting::One(sequence));
            }
        }
    }

    pub(super) fn remove(&mut self, sequence: Sequence, record: &Record) {
        let Some(key) = self.key_of(record) else {
            return;
        };
        if self.rows.get_mut(key.as_slice()).is_some_and(|posting| posting.remove(sequence)) {
            self.rows.remove(key.as_slice());
        }
    }

    fn key_of(&self, record: &Record) -> Option<Vec<u8>> {
        let values = || self.fields.iter().map(|at| &record[*at]);
        (!values().any(Value::is_null)).then(|| key(values()))
    }
}

impl Posting {
    fn as_slice(&self) -> &[Sequence] {
        match self {
            Self::One(sequence) => std::slice::from_ref(sequence),
            Self::Many(sequences) => sequences,
        }
    }

    fn add(&mut self, sequence: Sequence) {
        match self {
            Self::One(known) => {
                *self = Self::Many(vec![sequence.min(*known), sequence.max(*known)]);
            }
            Self::Many(sequences) => {
                let at = sequences.partition_point(|known| *known < sequence);
                sequences.insert(at, sequence);
            }
        }
    }

    /// True when nothing is left.
    fn remove(&mut self, sequence: Sequence) -> bool {
        match self {
            Self::One(known) => *known == sequence,
            Self::Many(sequences) => {
                if let Ok(at) = sequences.binary_search(&sequence) {
                    sequences.remove(at);
                }
                sequences.is_empty()
            }
        }
    }
}

/// Bytes that are equal for equal values. A single text is its own bytes, so that look-ups by text copy nothing.
fn key<'v>(values: impl IntoIterator<Item = &'v Value>) -> Vec<u8> {
    let mut values = values.into_iter().peekable();
    let first = values.next().map(encode).unwrap_or_default();
    if values.peek().is_none() {
        return first;
    }
    let mut key = Vec::new();
    for part in std::iter::once(first).chain(values.map(encode)) {
        key.extend_from_slice(&part.len().to_be_bytes());
        key.extend_from_slice(&part);
    }
    key
}

fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => Vec::new(),
        Value::Bool(flag) => vec![u8::from(*flag)],
        Value::Int(number) => number.to_be_bytes().to_vec(),
        Value::Float(number) => number.to_bits().to_be_bytes().to_vec(),
        Value::Text(text) => text.as_bytes().to_vec(),
        Value::Date(moment) => moment.as_millis().to_be_bytes().to_vec(),
        Value::Json(document) => document.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_in_order_of_insertion() {
        let mut index = Index::new(vec![0], false);
        for sequence in [7, 2, 5] {
            index.add(sequence, &vec!["x".into()]);
        }
        assert_eq!(index.find(&"x".into()), [2, 5, 7]);
        for sequence in [5, 2, 7] {
            index.remove(sequence, &vec!["x".into()]);
        }
        assert!(index.find(&"x".into()).is_empty() && index.rows.is_empty());
    }

    #[test]
    fn neighbouring_fields_do_not_run_together() {
        let mut index = Index::new(vec![0, 1], true);
        index.add(1, &vec!["ab".into(), "c".into()]);
        assert!(!index.clash(2, &vec!["a".into(), "bc".into()]));
        assert!(index.clash(2, &vec!["ab".into(), "c".into()]));
        assert!(!index.clash(1, &vec!["ab".into(), "c".into()]));
    }

    #[test]
    fn absent_values_never_clash() {
        let mut index = Index::new(vec![0, 1], true);
        let record = vec![Value::Null, "c".into()];
        index.add(1, &record);
        assert!(!index.clash(2, &record));
    }
}
