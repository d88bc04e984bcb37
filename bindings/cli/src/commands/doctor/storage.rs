//! What is kept beside the database.

use kernia::domain::options::{Mode, RateLimitStorage};

use super::Finding;
use crate::{
    commands::serve::secondary,
    config::{Config, SecondaryStorage},
};

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::from_iter(limits(config));
    if let Some(storage) = &config.secondary_storage {
        findings.push(answers(storage).await);
    }
    findings
}

async fn answers(storage: &SecondaryStorage) -> Finding {
    const CHECK: &str = "secondary_storage";
    match secondary::open(storage).await {
        Ok(_) => Finding::good(CHECK, format!("{} answers", storage.url)),
        Err(error) => Finding::error(
            CHECK,
            error.to_string(),
            "the server does not start without it",
            "see that it runs, that its address and password are right, and that this machine may connect",
        ),
    }
}

fn limits(config: &Config) -> Option<Finding> {
    let limits = &config.options.rate_limit;
    let production = config.options.mode == Mode::Production;
    if production && limits.enabled == Some(false) {
        return Some(Finding::error(
            "rate_limit",
            "rate_limit.enabled is false",
            "passwords and codes can be guessed as fast as the machine answers",
            "leave it out: in production limits are on",
        ));
    }
    let memory = match limits.storage {
        None => config.secondary_storage.is_none(),
        Some(storage) => storage == RateLimitStorage::Memory,
    };
    (production && memory).then(|| Finding::good("rate_limit", "counted by each server for itself"))
}
