//! What is kept beside the database.

use kernia::domain::options::{Mode, RateLimitStorage};

use super::Finding;
use crate::config::Config;

pub(super) fn check(config: &Config) -> Option<Finding> {
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
    let memory = matches!(limits.storage, None | Some(RateLimitStorage::Memory));
    (production && memory).then(|| Finding::good("rate_limit", "counted by each server for itself"))
}
