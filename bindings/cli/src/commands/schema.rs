//! `kernia generate`, `migrate` and `info`: the schema commands, with the engine and the database that the configuration describes.

use std::path::PathBuf;

use crate::{SchemaCommand, SchemaCommands};
use clap::Args;
use kernia::domain::options::{Mode, Options};

use super::serve::first_start;
use crate::{
    config::{self, Config, DatabaseUrl},
    failure::Failure,
    secret,
};

// A schema command, and where the configuration is. No doc comment: it would replace that of the command.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct Configured<C: Args> {
    /// The configuration file; ./kernia.toml when absent, and what `kernia serve` starts with when there is none.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    command: C,
}

impl<C: Args + Into<SchemaCommand>> Configured<C> {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let config = match config::file(self.config.as_deref()) {
            Some(file) => Config::load(file)?,
            None => first_start(),
        };
        let command = self.command.into();
        let commands = commands(config, &command)?;
        super::runtime()?.block_on(commands.perform(&command)).map_err(Failure::Schema)
    }
}

fn first_start() -> Config {
    let mut config = first_start::config();
    config.options.mode = Mode::Development;
    stand_in(&mut config.options);
    config
}

fn commands(config: Config, command: &SchemaCommand) -> Result<SchemaCommands, Failure> {
    let Config { mut options, plugins, database, secondary_storage, delivery, .. } = config;
    // Tables do not depend on it, and whoever makes them need not know it.
    if matches!(command, SchemaCommand::Generate(_) | SchemaCommand::Migrate(_)) {
        stand_in(&mut options);
    }
    let engine = config::engine(options, plugins, secondary_storage.is_some())?;
    let mut commands = match &database.url {
        DatabaseUrl::Memory => SchemaCommands::without_database(&engine),
        // It has no tables; `kernia serve` makes its indexes.
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(_) => SchemaCommands::without_database(&engine),
        DatabaseUrl::Sql(url) => SchemaCommands::at(&engine, url.clone(), database.options()),
    };
    if let Some(secondary_storage) = &secondary_storage {
        commands = commands.secondary_storage(secondary_storage.url.to_string());
    }
    Ok(match delivery {
        Some(delivery) => commands.delivery(delivery.kind()),
        None => commands,
    })
}

/// Puts a secret where there is none.
fn stand_in(options: &mut Options) {
    if options.secret.is_none() && options.secrets.is_empty() {
        options.secret = Some(secret::generate().into());
    }
}
