//! What the schema commands are given, and how they are chosen.

use std::{
    ffi::OsString,
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use kernia::{
    Engine,
    store::{
        StorageError,
        sql::{Dialect, Live, Plan, plan},
    },
};
use kernia_sql::{Database, DatabaseOptions, DatabaseUrl};

use super::{Generate, Info, Migrate, SchemaFailure};

/// One of the schema commands, to be made part of an application's own clap commands.
#[derive(Clone, Debug, Subcommand)]
#[non_exhaustive]
pub enum SchemaCommand {
    /// Writes migrations.
    Generate(Generate),
    /// Gives the database what it lacks.
    Migrate(Migrate),
    /// Tells what the server is made of.
    Info(Info),
}

impl From<Generate> for SchemaCommand {
    fn from(command: Generate) -> Self {
        Self::Generate(command)
    }
}

impl From<Migrate> for SchemaCommand {
    fn from(command: Migrate) -> Self {
        Self::Migrate(command)
    }
}

impl From<Info> for SchemaCommand {
    fn from(command: Info) -> Self {
        Self::Info(command)
    }
}

/// Look after the tables of this server's database.
#[derive(Debug, Parser)]
#[command(arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: SchemaCommand,
}

/// An engine and its database, for the schema commands to work on.
#[derive(Debug)]
pub struct SchemaCommands {
    pub(super) engine: Engine,
    source: Source,
    pub(super) delivery: Option<String>,
    pub(super) secondary_storage: Option<String>,
}

#[derive(Debug)]
enum Source {
    Open(Arc<dyn Database>),
    At(DatabaseUrl, Box<DatabaseOptions>),
    Nowhere,
}

/// What a command wants of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Look,
    Change,
}

/// The schema commands for this engine and the database that was opened for it.
#[must_use]
pub fn schema_commands(engine: &Engine, database: Arc<dyn Database>) -> SchemaCommands {
    SchemaCommands::new(engine, Source::Open(database))
}

impl SchemaCommands {
    fn new(engine: &Engine, source: Source) -> Self {
        Self { engine: engine.clone(), source, delivery: None, secondary_storage: None }
    }

    /// The schema commands for a database that is opened only when a command needs it, and only for reading unless it
    /// is to be changed.
    #[must_use]
    pub fn at(engine: &Engine, url: DatabaseUrl, options: DatabaseOptions) -> Self {
        Self::new(engine, Source::At(url, Box::new(options)))
    }

    /// The schema commands where there is no SQL database.
    #[must_use]
    pub fn without_database(engine: &Engine) -> Self {
        Self::new(engine, Source::Nowhere)
    }

    /// How messages are delivered, for `info` to tell. Must hold no secret.
    #[must_use]
    pub fn delivery(mut self, kind: impl Into<String>) -> Self {
        self.delivery = Some(kind.into());
        self
    }

    /// What secondary storage there is, for `info` to tell. Must hold no secret.
    #[must_use]
    pub fn secondary_storage(mut self, kind: impl Into<String>) -> Self {
        self.secondary_storage = Some(kind.into());
        self
    }

    /// Reads a command from these arguments, of which the first is the program's name, does it, and says on standard error
    /// why it could not.
    pub async fn run(&self, arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
        let command = match Arguments::try_parse_from(arguments) {
            Ok(arguments) => arguments.command,
            Err(error) => {
                let code = u8::try_from(error.exit_code()).unwrap_or(2);
                // Nobody is left to be told when that fails.
                let _ = error.print();
                return ExitCode::from(code);
            }
        };
        match self.perform(&command).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                let _ = writeln!(io::stderr(), "{failure}");
                failure.exit_code()
            }
        }
    }

    /// Does a command.
    ///
    /// # Errors
    /// [`SchemaFailure`].
    pub async fn perform(&self, command: &SchemaCommand) -> Result<(), SchemaFailure> {
        match command {
            SchemaCommand::Generate(command) => command.run(self).await,
            SchemaCommand::Migrate(command) => command.run(self).await,
            SchemaCommand::Info(command) => command.run(self).await,
        }
    }

    /// The SQL of the database, if there is one.
    pub(super) fn dialect(&self) -> Option<Dialect> {
        match &self.source {
            Source::Open(database) => Some(database.dialect()),
            Source::At(url, _) => Some(url.dialect()),
            Source::Nowhere => None,
        }
    }

    /// Whether what is in the database ends with this process.
    pub(super) fn is_transient(&self) -> bool {
        match &self.source {
            Source::Open(_) => false,
            Source::At(url, _) => url.is_transient(),
            Source::Nowhere => true,
        }
    }

    /// What to call the database.
    pub(super) fn database_name(&self) -> String {
        match &self.source {
            Source::Open(database) => format!("the {} database", dialect_name(database.dialect())),
            Source::At(url, _) => url.to_string(),
            Source::Nowhere => "memory".to_owned(),
        }
    }

    /// The database, opened.
    pub(super) fn open(&self, access: Access) -> Result<Arc<dyn Database>, SchemaFailure> {
        match &self.source {
            Source::Open(database) => Ok(Arc::clone(database)),
            Source::At(url, options) => {
                let mut options = options.clone();
                options.sqlite.read_only |= access == Access::Look && !url.is_transient();
                url.open(self.engine.schema(), &options).map_err(|error| self.failed(error))
            }
            Source::Nowhere => Err(SchemaFailure::Arguments("there is no database to look at".to_owned())),
        }
    }

    /// The database to look at; `None` when it is a file that is not there yet.
    pub(super) fn look(&self) -> Result<Option<Arc<dyn Database>>, SchemaFailure> {
        if let Source::At(url @ DatabaseUrl::Sqlite(path), _) = &self.source
            && !url.is_transient()
            && !path.exists()
        {
            return Ok(None);
        }
        self.open(Access::Look).map(Some)
    }

    /// What the database has.
    pub(super) async fn live(&self) -> Result<Live, SchemaFailure> {
        match self.look()? {
            Some(database) => database.live().await.map_err(|error| self.failed(error)),
            None => Ok(Live::default()),
        }
    }

    /// What the database lacks.
    pub(super) async fn plan(&self, dialect: Dialect) -> Result<Plan, SchemaFailure> {
        match self.look()? {
            Some(database) => database.plan().await.map_err(|error| self.failed(error)),
            None => Ok(plan(dialect, &self.engine.schema(), &Live::default())),
        }
    }

    pub(super) fn failed(&self, error: StorageError) -> SchemaFailure {
        SchemaFailure::Database { database: self.database_name(), error }
    }
}

/// A dialect's name for people.
pub(super) fn dialect_name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "SQLite",
        Dialect::Postgres => "PostgreSQL",
        Dialect::MySql => "MySQL",
        _ => "SQL",
    }
}
