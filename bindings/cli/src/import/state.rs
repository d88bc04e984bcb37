//! How far an import has come, in a file beside the export. It saves time, and nothing depends on it: without it an import finds all
//! whom it has brought in before.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use kernia::crypto::{digest::sha256, hex};
use serde::{Deserialize, Serialize};

use super::{ImportFailure, report::Counts};

/// How much of each end of a file stands for it, in bytes.
const SAMPLE: u64 = 1 << 20;

/// How far an import has come.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct State {
    /// What is imported, and how.
    fingerprint: String,
    /// How many records are settled.
    pub(super) records: u64,
    pub(super) counts: Counts,
}

/// Where the state is kept.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    fingerprint: String,
}

impl StateFile {
    /// The state of importing `file` in the way that `identity` tells.
    pub(super) fn of(file: &Path, identity: &str) -> Result<Self, ImportFailure> {
        let sample = sample(file).map_err(|error| ImportFailure::File { path: file.to_owned(), error })?;
        let fingerprint = hex::encode(&sha256(&[sample.as_slice(), identity.as_bytes()].concat()));
        let mut name = OsString::from(file.as_os_str());
        name.push(".kernia-import");
        Ok(Self { path: name.into(), fingerprint })
    }

    /// What an interrupted import has left; `None` when there is nothing.
    pub(super) fn load(&self) -> Result<Option<State>, ImportFailure> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        match serde_json::from_slice::<State>(&text) {
            Ok(state) if state.fingerprint == self.fingerprint => Ok(Some(state)),
            _ => Err(ImportFailure::Changed { path: self.path.clone() }),
        }
    }

    /// Keeps how far it has come. A file that is there is replaced as a whole.
    pub(super) fn save(&self, records: u64, counts: Counts) -> Result<(), ImportFailure> {
        let state = State { fingerprint: self.fingerprint.clone(), records, counts };
        let text = serde_json::to_vec(&state).unwrap_or_default();
        let mut name = OsString::from(self.path.as_os_str());
        name.push(".new");
        let fresh = PathBuf::from(name);
        fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, &self.path)).map_err(|error| self.failed(error))
    }

    /// Forgets how far it had come.
    pub(super) fn remove(&self) -> Result<(), ImportFailure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, error: io::Error) -> ImportFailure {
        ImportFailure::File { path: self.path.clone(), error }
    }
}

/// The length of a file and both of its ends, hashed.
fn sample(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = length.to_be_bytes().to_vec();
    (&file).take(SAMPLE).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(length.saturating_sub(SAMPLE)))?;
    file.take(SAMPLE).read_to_end(&mut bytes)?;
    Ok(sha256(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_of_one_file_and_one_way() {
        let file = std::env::temp_dir().join(format!("kernia-state-{}", std::process::id()));
        fs::write(&file, "[{\"id\":1}]").unwrap();
        let state = StateFile::of(&file, "a").unwrap();
        assert!(state.load().unwrap().is_none());
        state.save(7, Counts { created: 6, ..Counts::default() }).unwrap();
        let found = StateFile::of(&file, "a").unwrap().load().unwrap().unwrap();
        assert_eq!((found.records, found.counts.created), (7, 6));
        assert!(matches!(StateFile::of(&file, "b").unwrap().load(), Err(ImportFailure::Changed { .. })));
        fs::write(&file, "[{\"id\":2}]").unwrap();
        let changed = StateFile::of(&file, "a").unwrap();
        assert!(matches!(changed.load(), Err(ImportFailure::Changed { .. })));
        fs::write(&changed.path, "{").unwrap();
        assert!(matches!(changed.load(), Err(ImportFailure::Changed { .. })));
        changed.remove().unwrap();
        changed.remove().unwrap();
        assert!(changed.load().unwrap().is_none());
        fs::remove_file(&file).unwrap();
    }
}
