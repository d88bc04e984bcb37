//! Finding the configuration file and reading it.

use std::{fs, path::Path};

use super::Config;
use crate::failure::Failure;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "kernia.toml";

/// The file that was named, else `./kernia.toml`, else none.
pub(crate) fn file(named: Option<&Path>) -> Option<&Path> {
    let default = Path::new(DEFAULT_FILE);
    named.or(default.exists().then_some(default))
}

impl Config {
    /// Reads the file, with what it takes from the environment.
    pub(crate) fn load(file: &Path) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let text = fs::read_to_string(file).map_err(|error| Failure::File { path: name.clone(), error })?;
        Self::parse(&name, &text, &|name| std::env::var(name).ok()).map_err(Failure::Config)
    }
}
