//! `kernia import`, with the engine and the database that the configuration describes.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::import::{Import, ImportFailure};
use clap::Args;
use kernia::{
    Engine,
    store::{Storage, memory::MemoryStore},
};
use kernia_runtime::Backend;

use super::serve::{database, logging};
use crate::{
    config::{self, Config, Database, DatabaseUrl},
    failure::Failure,
};

/// How long a batch may take to be stored.
const PATIENCE: Duration = Duration::from_secs(120);

// The import, and where the configuration is. No doc comment: it would replace that of the command.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct ImportUsers {
    /// The configuration file; ./kernia.toml when absent.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    import: Import,
}

impl ImportUsers {
    pub(crate) fn run(self) -> Result<(), Failure> {
        // Without a configuration nothing says where users would go, and a secret made up here would be none of the server's.
        let file = config::file(self.config.as_deref()).unwrap_or(Path::new("kernia.toml"));
        let config = Config::load(file)?;
        logging::start(&config.log);
        super::runtime()?.block_on(self.perform(config))
    }

    async fn perform(self, config: Config) -> Result<(), Failure> {
        let Config { options, plugins, database, secondary_storage, .. } = config;
        let engine = config::engine(options, plugins, secondary_storage.is_some())?;
        self.import.check(&engine)?;
        if matches!(database.url, DatabaseUrl::Memory) && !self.import.dry_run {
            let why = "the configured database is in memory, and would forget the users at once";
            return Err(ImportFailure::Arguments(why.to_owned()).into());
        }
        let storage = if self.import.dry_run {
            open_for_reading(&database, &engine).await?
        } else {
            database::open(&database, &engine).await?
        };
        let name = database.url.to_string();
        let backend = Backend::builder(storage).storage_timeout(PATIENCE).build();
        self.import.run(&engine, &backend, &name, &stopped()).await?;
        Ok(())
    }
}

/// Opens the database as it is. One that is not there yet, or lacks its tables, is stood in for by an empty one.
async fn open_for_reading(database: &Database, engine: &Engine) -> Result<Arc<dyn Storage>, Failure> {
    let schema = engine.schema();
    #[cfg(feature = "mongodb")]
    if let DatabaseUrl::Mongo(url) = &database.url {
        return Ok(Arc::new(super::serve::database::connect(url, database, engine).await?));
    }
    let empty = || Arc::new(MemoryStore::new(Arc::clone(&schema)));
    let DatabaseUrl::Sql(url) = &database.url else { return Ok(empty()) };
    if let kernia_sql::DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Ok(empty());
    }
    let failed = |error| Failure::Database { url: url.to_string(), error };
    let mut options = database.options();
    options.sqlite.read_only = true;
    let store = url.open(Arc::clone(&schema), &options).map_err(failed)?;
    let plan = store.plan().await.map_err(failed)?;
    if plan.statements.is_empty() && plan.obstacles.is_empty() {
        return Ok(store);
    }
    tracing::warn!(database = %url, "the database lacks tables; what is in it is not taken into account");
    Ok(empty())
}

/// Set once somebody asks this process to stop. The second time ends it.
fn stopped() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&stop);
    tokio::spawn(async move {
        // A signal that cannot be awaited ends the process, as it would have anyway.
        while tokio::signal::ctrl_c().await.is_ok() {
            if set.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        }
    });
    stop
}
