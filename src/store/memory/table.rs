//! The rows of one table, and the indexes over them.

use std::collections::BTreeMap;

use super::{
    filter::Test,
    index::{Index, Record, Sequence},
};

/// Rows in order of insertion.
#[derive(Clone, Debug)]
pub(super) struct TableRows {
    records: BTreeMap<Sequence, Record>,
    indexes: Vec<Index>,
    next: Sequence,
}

impl TableRows {
    pub(super) fn new(indexes: Vec<Index>) -> Self {
        Self { records: BTreeMap::new(), indexes, next: 0 }
    }

    /// The index over the field at `at` alone.
    pub(super) fn index(&self, at: usize) -> Option<&Index> {
        self.indexes.iter().find(|index| index.fields == [at])
    }

    pub(super) fn get(&self, sequence: Sequence) -> Option<&Record> {
        self.records.get(&sequence)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Sequence, &Record)> {
        self.records.iter().map(|(sequence, record)| (*sequence, record))
    }

    /// The first `most` rows that `test` accepts, in order of insertion.
    pub(super) fn select(&self, test: &Test<'_>, most: usize) -> Vec<(Sequence, &Record)> {
        match test.candidates(self) {
            Some(candidates) => {
                let known = candidates.iter().filter_map(|sequence| Some((*sequence, self.get(*sequence)?)));
                known.filter(|(_, record)| test.accepts(record)).take(most).collect()
            }
            None => self.iter().filter(|(_, record)| test.accepts(record)).take(most).collect(),
        }
    }

    /// A number that no row had yet.
    pub(super) fn next(&mut self) -> Sequence {
        self.next += 1;
        self.next
    }

    /// The fields of a unique index that `record` at `sequence` would violate.
    pub(super) fn clash(&self, sequence: Sequence, record: &Record) -> Option<&[usize]> {
        let old = self.get(sequence);
        let mut changed = self.indexes.iter().filter(|index| old.is_none_or(|old| !index.same(old, record)));
        changed.find(|index| index.clash(sequence, record)).map(|index| index.fields.as_slice())
    }

    /// Replaces, adds or (with `None`) removes the row at `sequence`, and answers what was there.
    pub(super) fn put(&mut self, sequence: Sequence, record: Option<Record>) -> Option<Record> {
        let old = self.records.remove(&sequence);
        for index in &mut self.indexes {
            if let (Some(old), Some(record)) = (&old, &record)
                && index.same(old, record)
            {
                continue;
            }
            if let Some(old) = &old {
                index.remove(sequence, old);
            }
            if let Some(record) = &record {
                index.add(sequence, record);
            }
        }
        if let Some(record) = record {
            self.records.insert(sequence, record);
        }
        old
    }
}
