//! CSV with a line of names, or without where the source has none.

use std::{io, path::Path};

use csv::{Reader, ReaderBuilder, StringRecord};
use serde_json::Value as Json;

use super::{MAX_RECORD, Next, input::Input};
use crate::import::record::Record;

/// How much the CSV reader may read ahead, in bytes.
const AHEAD: usize = 64 << 10;

/// The rows of a file.
#[derive(Debug)]
pub(super) struct CsvRecords {
    reader: Reader<Input>,
    names: Vec<String>,
    /// A first row that was looked at and is one of the records.
    held: Option<StringRecord>,
    over: bool,
}

impl CsvRecords {
    pub(super) fn open(
        path: &Path,
        columns: Option<(&'static [&'static str], &'static [&'static str])>,
    ) -> io::Result<Self> {
        let input = Input::open(path)?;
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(AHEAD).from_reader(input);
        let mut records = Self { reader, names: Vec::new(), held: None, over: false };
        let mut first = StringRecord::new();
        records.allow();
        records.reader.read_record(&mut first).map_err(|error| match error.kind() {
            csv::ErrorKind::Utf8 { .. } => io::Error::other("the first line is not UTF-8"),
            _ => io::Error::other(error),
        })?;
        match columns {
            Some((names, first_names)) if !first.get(0).is_some_and(|name| first_names.contains(&name)) => {
                records.names = names.iter().map(|name| (*name).to_owned()).collect();
                records.held = Some(first).filter(|first| !first.is_empty());
            }
            _ => records.names = first.iter().map(|name| name.trim().to_owned()).collect(),
        }
        Ok(records)
    }

    pub(super) fn next(&mut self) -> Next {
        if self.over {
            return Next::End;
        }
        if let Some(held) = self.held.take() {
            return Next::Record(self.record(&held));
        }
        let mut row = StringRecord::new();
        self.allow();
        match self.reader.read_record(&mut row) {
            Ok(true) => Next::Record(self.record(&row)),
            Ok(false) => Next::End,
            Err(error) => match error.kind() {
                csv::ErrorKind::Utf8 { pos, .. } => {
                    Next::Bad(pos.as_ref().map(csv::Position::line), "not UTF-8".to_owned())
                }
                _ => {
                    self.over = true;
                    Next::Lost(self.reader.position().line(), error.to_string())
                }
            },
        }
    }

    pub(super) fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// What a quote that is never closed may take.
    fn allow(&mut self) {
        self.reader.get_mut().allow(MAX_RECORD + AHEAD as u64);
    }

    fn record(&self, row: &StringRecord) -> Record {
        let members = self.names.iter().zip(row).map(|(name, value)| (name.clone(), Json::from(value)));
        let line = row.position().map(csv::Position::line);
        Record { line, members: members.collect(), ..Record::default() }
    }
}
