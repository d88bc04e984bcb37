//! The ids that users had and have, for applications that know the old ones.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::ImportFailure;

/// A CSV file with two columns.
#[derive(Debug)]
pub(super) struct IdMap {
    path: PathBuf,
    file: csv::Writer<File>,
}

impl IdMap {
    /// Opens the file, behind what a resumed import has written before or anew.
    pub(super) fn open(path: &Path, resumed: bool) -> Result<Self, ImportFailure> {
        let failed = |error| ImportFailure::File { path: path.to_owned(), error };
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(resumed).truncate(!resumed);
        let file = options.open(path).map_err(failed)?;
        let fresh = file.metadata().map_err(failed)?.len() == 0;
        let mut map = Self { path: path.to_owned(), file: csv::Writer::from_writer(file) };
        if fresh {
            map.add("source_id", "user_id")?;
        }
        Ok(map)
    }

    pub(super) fn add(&mut self, source: &str, here: &str) -> Result<(), ImportFailure> {
        self.file.write_record([source, here]).map_err(|error| self.failed(io::Error::other(error)))
    }

    pub(super) fn flush(&mut self) -> Result<(), ImportFailure> {
        self.file.flush().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> ImportFailure {
        ImportFailure::File { path: self.path.clone(), error }
    }
}

/// A file with a JSON object a line.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    file: File,
}

impl Lines {
    /// Opens the file, behind what a resumed import has written before or anew.
    pub(super) fn open(path: &Path, resumed: bool) -> Result<Self, ImportFailure> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(resumed).truncate(!resumed);
        let file = options.open(path).map_err(|error| ImportFailure::File { path: path.to_owned(), error })?;
        Ok(Self { path: path.to_owned(), file })
    }

    pub(super) fn add(&mut self, value: &serde_json::Value) -> Result<(), ImportFailure> {
        let written = writeln!(self.file, "{value}");
        written.map_err(|error| ImportFailure::File { path: self.path.clone(), error })
    }
}
