//! The rest of an export, in a second file or a second list of the same one. It has no order that a stream could use, so it is kept in
//! memory, which is why it may only have so much.

use std::{collections::HashMap, path::Path};

use super::{
    ImportFailure, Source,
    reader::{Layout, Reader, Unread},
    record::Record,
};

/// Most of a second file, in bytes.
const MAX_BYTES: u64 = 512 << 20;

/// Records by the id of the user whom they are about.
#[derive(Debug, Default)]
pub(super) struct Second(HashMap<String, Vec<Record>>);

impl Second {
    /// Reads `with`, or what the export itself has behind its users.
    pub(super) fn load(source: Source, file: &Path, with: Option<&Path>) -> Result<Self, ImportFailure> {
        let opened = match (with, source.second_layout()) {
            (Some(with), layout) => {
                let lists = layout.map(|layout| layout.lists).unwrap_or_default();
                Reader::open(with, Layout { lists, ..Layout::default() })?.map(|reader| (with, reader))
            }
            (None, Some(layout)) => Reader::open(file, layout)?.map(|reader| (file, reader)),
            (None, None) => None,
        };
        let mut second = Self::default();
        let Some((path, mut reader)) = opened else { return Ok(second) };
        if reader.length() > MAX_BYTES {
            return Err(ImportFailure::Arguments(format!(
                "{}: this is longer than {} MiB, which is too much to be matched with the users; write one file, with what \
                 belongs to a user inside the user",
                path.display(),
                MAX_BYTES >> 20,
            )));
        }
        while let Some(next) = reader.next() {
            match next {
                Ok(record) => {
                    if let Some(key) = source.second_key(&record) {
                        second.0.entry(key).or_default().push(record);
                    }
                }
                Err(Unread::Record { line, why, .. }) => {
                    return Err(ImportFailure::Unreadable {
                        path: path.to_owned(),
                        line: line.unwrap_or_default(),
                        why,
                    });
                }
                Err(Unread::Rest(failure)) => return Err(failure),
            }
        }
        Ok(second)
    }

    /// What belongs to the user with this id.
    pub(super) fn of(&self, key: Option<&str>) -> &[Record] {
        key.and_then(|key| self.0.get(key)).map(Vec::as_slice).unwrap_or_default()
    }
}
