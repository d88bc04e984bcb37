//! Finding the configuration file and reading it.

use std::{fs, path::Path};

use super::{Config, Source};
use crate::failure::Failure;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "kernia.toml";

/// The file that was named, else `./kernia.toml`, else none.
pub(crate) fn file(named: Option<&Path>) -> Option<&Path> {
    let default = Path::new(DEFAULT_FILE);
    named.or(default.exists().then_some(default))
}

impl Config {
    /// Reads the file, with what it takes from the environment and from other files.
    pub(crate) fn load(file: &Path) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let text = fs::read_to_string(file).map_err(|error| Failure::File { path: name.clone(), error })?;
        Self::parse(&name, &text, &look_up).map_err(Failure::Config)
    }
}

/// What a text of the configuration stands for. Files that hold a secret mostly end with a line break, which is none of it.
fn look_up(source: Source<'_>) -> Option<String> {
    match source {
        Source::Variable(name) => std::env::var(name).ok(),
        Source::File(path) => fs::read_to_string(path).ok().map(|text| text.trim_end_matches(['\r', '\n']).to_owned()),
    }
}
