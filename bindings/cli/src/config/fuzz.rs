//! What the fuzz target `configuration` runs.

use super::{Config, check, engine};

/// What stands for every variable of the environment.
const VARIABLE: &str = "hunter2-hunter2-hunter2-hunter2-hunter2";

/// Reads a configuration file, and builds an engine from what it says.
///
/// # Panics
/// When what is said about the file shows what came from the environment. Options that are no secrets show what they are, wherever
/// it came from.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let hidden =
        |said: &str| assert!(text.contains("hunter2") || !said.contains("hunter2"), "a secret is shown: {said}");
    match Config::parse("kernia.toml", text, &|_| Some(VARIABLE.to_owned())) {
        Err(problems) => hidden(&problems.to_string()),
        Ok(config) => {
            check(&config).iter().for_each(|problem| hidden(&format!("{problem:?}")));
            let secondary = config.secondary_storage.is_some();
            if let Err(error) = engine(config.options, config.plugins, secondary) {
                hidden(&error.to_string());
            }
        }
    }
}
