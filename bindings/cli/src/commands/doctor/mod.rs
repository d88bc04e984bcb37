//! `kernia doctor`.

mod address;
mod cookies;
mod database;
mod delivery;
mod finding;
mod origins;
mod report;
mod secrets;
mod storage;

use std::path::PathBuf;

use crate::terminal::{Paint, say};
use clap::Args;

use self::finding::{Finding, Severity};
use crate::{
    config::{self, Config},
    failure::Failure,
};

/// Look the configuration and what it names over, and explain what is wrong.
///
/// Changes nothing, and shows no secret. Ends with 1 when something is an error.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The configuration file; ./kernia.toml when absent.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// For programs.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let file = config::file(self.config.as_deref());
        let Some(file) = file else {
            return Err(Failure::Unsuited("there is no kernia.toml to look over; `kernia init` writes one"));
        };
        let config = Config::load(file)?;
        let findings = super::runtime()?.block_on(examine(config));
        let text = if self.json { report::json(&findings) } else { report::text(&findings, Paint::stdout()) };
        say(&text).map_err(|error| Failure::Io("standard output", error))?;
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        if errors == 0 { Ok(()) } else { Err(Failure::Found { errors }) }
    }
}

/// All that can be found, the worst first.
async fn examine(config: Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for problem in config::check(&config) {
        findings.push(Finding::of_problem(&problem));
    }
    findings.extend(address::check(&config));
    findings.extend(secrets::check(&config.options));
    findings.extend(cookies::check(&config.options));
    findings.extend(origins::check(&config.options));
    findings.extend(delivery::check(&config));
    findings.extend(storage::check(&config).await);
    let Config { options, plugins, secondary_storage, database, .. } = config;
    match config::engine(options, plugins, secondary_storage.is_some()) {
        Ok(engine) => findings.extend(database::check(&database, &engine).await),
        // A missing secret has been told already.
        Err(kernia::domain::BuildError::Secret(_)) if findings.iter().any(|known| known.check == "secret") => {}
        Err(error) => findings.push(Finding::error(
            "engine",
            error.to_string(),
            "the server does not start with these options",
            "change what the message names; docs/configuration.md has every option",
        )),
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}
