//! `kernia init`.

mod ask;
mod choice;
mod files;
mod write;

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use clap::Args;

pub(crate) use self::choice::{DatabaseChoice, Framework};
use crate::failure::Failure;

/// Start a project: a configuration, a secret, and a program around it.
///
/// Writes kernia.toml, .env with a fresh secret (for its owner only), .env.example, and what the framework needs. What is
/// not said with a flag is asked on a terminal, and left at its default elsewhere.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Where; the folder is made when it is not there.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// What Kernia runs in; standalone means `kernia serve`.
    #[arg(long, value_enum)]
    framework: Option<Framework>,
    /// The database: sqlite, postgres, mysql, mongodb, or a URL. A URL goes into .env.
    #[arg(long, value_name = "KIND|URL")]
    database: Option<DatabaseChoice>,
    /// A checkout of Kernia that the program is built against, instead of crates.io.
    #[arg(long, value_name = "FOLDER")]
    kernia: Option<PathBuf>,
    /// Overwrite files that are there. An .env is kept even then: its secret may be in use.
    #[arg(long)]
    force: bool,
    /// Ask nothing.
    #[arg(short, long)]
    yes: bool,
}

impl Init {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let (framework, database) = match (self.framework, self.database) {
            (Some(framework), Some(database)) => (framework, database),
            (framework, database) if self.yes || !ask::can_ask() => {
                (framework.unwrap_or_default(), database.unwrap_or_default())
            }
            (framework, database) => ask::missing(framework, database)?,
        };
        let files = files::files(framework, &database, self.kernia.as_deref())?;
        let written = write::write(&self.dir, &files, self.force)?;
        let mut text = String::new();
        for (path, done) in &written {
            text.push_str(&format!("{done:>8}  {}\n", path.display()));
        }
        if database.is_example() {
            text.push_str("\nDATABASE_URL in .env is an example: write your own there.\n");
        }
        text.push_str(&files::next(framework, &self.dir));
        io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::Io("standard output", error))
    }
}
