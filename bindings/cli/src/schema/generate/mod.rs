//! `generate`: writing migration files.

mod folder;
mod text;

use std::{fs, io::Write as _, path::Path, path::PathBuf};

use clap::{Args, ValueEnum};
use kernia::store::sql::{Dialect, Live, plan};

use self::folder::Folder;
use super::{SchemaCommands, SchemaFailure, commands::dialect_name, say, statements, warn};
use crate::terminal::count;

/// Write migration files for the tables, columns and indexes that are missing.
///
/// Compares the schema with the database, or with nothing, and with what the migrations of this command that are already in the folder
/// make, applied or not. The same input gives the same bytes under the same name: versions count on from the folder's
/// latest, and nothing is written when nothing is missing. Files that are there are never changed. Nothing is ever
/// dropped, so down migrations refuse to run.
#[derive(Args, Clone, Debug)]
#[non_exhaustive]
pub struct Generate {
    /// Which SQL to write; that of the database when absent.
    #[arg(long, value_enum)]
    pub dialect: Option<SqlDialect>,
    /// For what to write it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The folder of migrations (`migrations` when absent), or the file with --format sql (standard output when absent).
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Do not look at the database: write what an empty one needs beyond the migrations in the folder.
    #[arg(long)]
    pub from_empty: bool,
    /// The name of a new migration, after its version: letters, digits and `_`.
    #[arg(long, default_value = DEFAULT_NAME, value_parser = name)]
    pub name: String,
}

const DEFAULT_NAME: &str = "kernia";

/// For what migrations are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// One file of SQL.
    #[default]
    Sql,
    /// `0001_kernia.sql`, or `.up.sql` and `.down.sql` where the folder has such.
    Sqlx,
    /// `V1__kernia.sql`.
    Refinery,
    /// `00000000000001_kernia/up.sql` and `down.sql`.
    Diesel,
}

/// A family of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum SqlDialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

impl From<SqlDialect> for Dialect {
    fn from(dialect: SqlDialect) -> Self {
        match dialect {
            SqlDialect::Sqlite => Self::Sqlite,
            SqlDialect::Postgres => Self::Postgres,
            SqlDialect::Mysql => Self::MySql,
        }
    }
}

impl Default for Generate {
    fn default() -> Self {
        let name = DEFAULT_NAME.to_owned();
        Self { dialect: None, format: Format::default(), out: None, from_empty: false, name }
    }
}

fn name(text: &str) -> Result<String, &'static str> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    match text {
        "" => Err("a name has at least one letter"),
        text if text.chars().all(plain) => Ok(text.to_owned()),
        _ => Err("only letters, digits and _"),
    }
}

impl Generate {
    pub(super) async fn run(&self, commands: &SchemaCommands) -> Result<(), SchemaFailure> {
        let dialect = self.dialect(commands)?;
        let mut live = if self.from_empty { Live::default() } else { commands.live().await? };
        let folder = match self.format {
            Format::Sql => None,
            format => {
                let path = self.out.as_deref().unwrap_or(Path::new("migrations"));
                let folder = Folder::read(format, path)?;
                for text in &folder.ours {
                    statements::apply(&mut live, statements::made(text));
                }
                Some(folder)
            }
        };
        let plan = plan(dialect, &commands.engine.schema(), &live);
        for warning in &plan.warnings {
            warn(warning)?;
        }
        if !plan.obstacles.is_empty() {
            return Err(SchemaFailure::Obstacles(plan.obstacles));
        }
        if plan.statements.is_empty() {
            return self.nothing(commands, folder.as_ref());
        }
        let up = text::up(dialect, &plan.statements);
        match (folder, &self.out) {
            (Some(folder), _) => self.add(&folder, dialect, &up, plan.statements.len()),
            (None, Some(file)) => replace(file, &up),
            (None, None) => say(&up),
        }
    }

    fn dialect(&self, commands: &SchemaCommands) -> Result<Dialect, SchemaFailure> {
        let wanted = self.dialect.map(Dialect::from);
        match (wanted, commands.dialect()) {
            (Some(wanted), _) if self.from_empty => Ok(wanted),
            (Some(wanted), Some(found)) if wanted != found => Err(SchemaFailure::Arguments(format!(
                "the database speaks {}, not {}\n  = help: add --from-empty to write the SQL of another database",
                dialect_name(found),
                dialect_name(wanted)
            ))),
            (_, Some(found)) => Ok(found),
            (_, None) => Err(SchemaFailure::Arguments(
                "this server keeps its rows in memory\n  = help: say --dialect and --from-empty".to_owned(),
            )),
        }
    }

    fn nothing(&self, commands: &SchemaCommands, folder: Option<&Folder>) -> Result<(), SchemaFailure> {
        let whole = match (folder, self.from_empty) {
            (Some(folder), true) => format!("the migrations in {}", folder.path.display()),
            (Some(folder), false) if !folder.ours.is_empty() => {
                format!("{} with the migrations in {}", commands.database_name(), folder.path.display())
            }
            _ => commands.database_name(),
        };
        let nothing = format!("Nothing to write: nothing is missing from {whole}.\n");
        // Standard output is for SQL when there is no file for it.
        if folder.is_none() && self.out.is_none() { say(&format!("-- {nothing}")) } else { say(&nothing) }
    }

    fn add(&self, folder: &Folder, dialect: Dialect, up: &str, changes: usize) -> Result<(), SchemaFailure> {
        let files = folder.files(&self.name, up, &text::down(dialect))?;
        let mut said = String::new();
        for (path, text) in files {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
            }
            let mut file = fs::File::create_new(&path).map_err(|error| failed(&path, error))?;
            file.write_all(text.as_bytes()).map_err(|error| failed(&path, error))?;
            said.push_str(&format!("{}\n", path.display()));
        }
        say(&format!("Wrote {}:\n{said}", count(changes, "change")))
    }
}

/// Writes a file of SQL, in place of an earlier one of ours only.
fn replace(path: &Path, text: &str) -> Result<(), SchemaFailure> {
    match fs::read_to_string(path) {
        Ok(before) if before == text => {
            return say(&format!("Nothing to write: {} is as it should be.\n", path.display()));
        }
        Ok(before) if !text::is_ours(&before) => {
            return Err(SchemaFailure::Arguments(format!(
                "{} was not written by this command, and is left alone\n  = help: name another file with --out",
                path.display()
            )));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(path, error)),
    }
    fs::write(path, text).map_err(|error| failed(path, error))?;
    say(&format!("Wrote {}\n", path.display()))
}

fn failed(path: &Path, error: std::io::Error) -> SchemaFailure {
    SchemaFailure::File { path: path.to_owned(), error }
}
