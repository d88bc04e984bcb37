//! The configuration file: every option of the engine at the top, and tables for what is around it.
//!
//! ```text
//! text ─► Document (TOML with places, env: put in) ─► sections and Options ─► check
//!              └── problems, each with its place ──────────────┘               └── problems of the whole
//! ```

mod check;
mod database;
mod delivery;
mod document;
mod engine;
pub(crate) mod fuzz;
mod http_client;
mod load;
mod locate;
#[cfg(feature = "mongodb")]
mod mongodb;
mod plugins;
mod problem;
mod secondary;
mod sections;
mod wording;

use std::fmt;

#[cfg(feature = "mongodb")]
use kernia::domain::options::IdStrategy;
use kernia::domain::{Plugin, options::Options};
use serde::de::DeserializeOwned;

use self::document::Document;
#[cfg(feature = "mongodb")]
pub(crate) use self::mongodb::MongoUrl;
pub(crate) use self::{
    check::check,
    database::{Database, DatabaseUrl},
    delivery::Delivery,
    document::{Environment, Source},
    engine::engine,
    http_client::HttpClientSection,
    load::file,
    plugins::every_plugin,
    problem::{Problem, Problems},
    secondary::{SecondaryStorage, SecondaryUrl},
    sections::{Address, Janitor, Log, LogFormat, Server},
};

/// All that a server is started with.
#[derive(Default)]
pub(crate) struct Config {
    pub(crate) options: Options,
    pub(crate) plugins: Vec<Box<dyn Plugin>>,
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) secondary_storage: Option<SecondaryStorage>,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) http_client: HttpClientSection,
    pub(crate) log: Log,
    pub(crate) janitor: Janitor,
}

/// The tables that are not the engine's.
const SECTIONS: [&str; 8] =
    ["server", "database", "secondary_storage", "delivery", "http_client", "log", "plugins", "janitor"];

impl Config {
    /// Reads the text of the file called `file`.
    pub(crate) fn parse(file: &str, text: &str, environment: Environment<'_>) -> Result<Self, Problems> {
        let mut document = Document::parse(text, environment).map_err(|list| Problems {
            file: Some(file.to_owned()),
            text: text.to_owned(),
            list,
        })?;
        let delivery = document.section("delivery");
        let plugins = document.section("plugins");
        let secondary = document.section("secondary_storage");
        let config = Self {
            server: section(&mut document, "server"),
            database: section(&mut document, "database"),
            http_client: section(&mut document, "http_client"),
            log: section(&mut document, "log"),
            janitor: section(&mut document, "janitor"),
            secondary_storage: secondary.and_then(|section| document.read(section, &["secondary_storage"])),
            delivery: delivery.and_then(|section| Delivery::read(&mut document, section)),
            plugins: plugins.map(|section| plugins::plugins(&mut document, section)).unwrap_or_default(),
            options: document.read_rest(&SECTIONS).unwrap_or_default(),
        };
        document.finish(file, text)?;
        Ok(config.settled())
    }

    /// With what one part decides about another.
    fn settled(self) -> Self {
        #[cfg(feature = "mongodb")]
        if let (DatabaseUrl::Mongo(_), IdStrategy::Random) =
            (&self.database.url, self.options.advanced.database.generate_id)
        {
            // As the reference: on MongoDB ids are its own kind unless something else is asked for.
            let mut config = self;
            config.options.advanced.database.generate_id = IdStrategy::ObjectId;
            return config;
        }
        self
    }
}

fn section<T: DeserializeOwned + Default>(document: &mut Document<'_>, name: &str) -> T {
    let section = document.section(name);
    section.and_then(|section| document.read(section, &[name])).unwrap_or_default()
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("options", &self.options).field("server", &self.server).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
