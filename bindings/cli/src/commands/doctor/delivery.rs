//! Whether messages reach people.

use kernia::domain::options::Mode;

use super::Finding;
use crate::config::{Config, Delivery};

const CHECK: &str = "delivery";

pub(super) fn check(config: &Config) -> Option<Finding> {
    let options = &config.options;
    match (&config.delivery, options.mode) {
        (Some(Delivery::Log), Mode::Production) => Some(Finding::warning(
            CHECK,
            "messages go to the log, links and codes included",
            "users get no mail, and whoever reads the log can take over accounts",
            "set delivery.kind to \"smtp\" or \"webhook\"",
        )),
        (Some(delivery), _) => Some(Finding::good(CHECK, delivery.kind())),
        (None, _) if options.email_and_password.enabled && !options.email_and_password.send_reset_password => {
            Some(Finding::warning(
                CHECK,
                "there is no delivery, and passwords cannot be reset",
                "who forgets a password is locked out",
                "add [delivery], and set email_and_password.send_reset_password = true",
            ))
        }
        // That a message is asked for and cannot be sent is a problem of the configuration, told there.
        (None, _) => None,
    }
}
