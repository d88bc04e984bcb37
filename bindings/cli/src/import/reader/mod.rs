//! Reading an export, one record after the other: JSON (a list, lines, or an object that holds the list) or CSV. Only one record
//! is in memory at a time.

mod csv;
mod input;
mod json;

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use self::{csv::CsvRecords, json::JsonRecords};
use super::{ImportFailure, record::Record};

/// Longest record, in bytes.
const MAX_RECORD: u64 = 4 << 20;

/// What is known of a file before it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Layout {
    /// The members under which an object at the top may hold the list.
    pub(super) lists: &'static [&'static str],
    /// Whether only such a list counts, so that a file of anything else holds nothing.
    pub(super) only_lists: bool,
    /// The columns of a CSV file that does not name them, and what the first one is called when it does.
    pub(super) columns: Option<(&'static [&'static str], &'static [&'static str])>,
}

/// A file being read.
#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    records: Records,
    length: u64,
    number: u64,
}

#[derive(Debug)]
enum Records {
    Csv(CsvRecords),
    Json(JsonRecords),
}

/// What cannot be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// One record; the next one can.
    Record { number: u64, line: Option<u64>, why: String },
    /// The rest of the file.
    Rest(ImportFailure),
}

/// What one step of a format comes to.
enum Next {
    End,
    Record(Record),
    /// Line and reason.
    Bad(Option<u64>, String),
    /// Line and reason.
    Lost(u64, String),
}

impl Reader {
    /// Opens a file. `None` when only a list in an object counts, and there is none.
    pub(super) fn open(path: &Path, layout: Layout) -> Result<Option<Self>, ImportFailure> {
        let failed = |error| ImportFailure::File { path: path.to_owned(), error };
        let length = File::open(path).and_then(|file| file.metadata()).map_err(failed)?.len();
        let records = if is_json(path).map_err(failed)? {
            let (records, in_list) = JsonRecords::open(path, layout.lists).map_err(failed)?;
            if layout.only_lists && !in_list {
                return Ok(None);
            }
            Records::Json(records)
        } else if layout.only_lists {
            return Ok(None);
        } else {
            Records::Csv(CsvRecords::open(path, layout.columns).map_err(failed)?)
        };
        Ok(Some(Self { path: path.to_owned(), records, length, number: 0 }))
    }

    /// The next record; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Result<Record, Unread>> {
        let next = match &mut self.records {
            Records::Csv(records) => records.next(),
            Records::Json(records) => records.next(),
        };
        self.number += 1;
        match next {
            Next::End => None,
            Next::Record(record) => Some(Ok(Record { number: self.number, ..record })),
            Next::Bad(line, why) => Some(Err(Unread::Record { number: self.number, line, why })),
            Next::Lost(line, why) => {
                Some(Err(Unread::Rest(ImportFailure::Unreadable { path: self.path.clone(), line, why })))
            }
        }
    }

    /// How many bytes are behind.
    pub(super) fn position(&self) -> u64 {
        match &self.records {
            Records::Csv(records) => records.position(),
            Records::Json(records) => records.position(),
        }
    }

    /// How many bytes there are.
    pub(super) fn length(&self) -> u64 {
        self.length
    }
}

/// Whether the first letter that is no space is one that JSON begins with.
fn is_json(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(4096).read_to_end(&mut start)?;
    let start = start.strip_prefix(input::BOM).unwrap_or(&start);
    Ok(matches!(start.trim_ascii_start().first(), Some(b'{' | b'[')))
}

#[cfg(test)]
mod tests;
