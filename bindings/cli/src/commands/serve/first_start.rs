//! Starting without a configuration: everything that a person needs to try it, on this machine only.

use std::path::Path;

use kernia::domain::options::Mode;

use crate::{
    config::{Config, Delivery},
    failure::Failure,
    secret,
};

/// Where the secret is kept.
pub(crate) const SECRET_FILE: &str = "./.kernia/secret";

/// Email and password, messages in the log, a database in this folder.
pub(crate) fn config() -> Config {
    let mut config = Config { delivery: Some(Delivery::Log), ..Config::default() };
    let options = &mut config.options;
    options.email_and_password.enabled = true;
    options.email_and_password.send_reset_password = true;
    options.email_verification.send_verification_email = true;
    config
}

/// What depends on the address. One that others reach is not for development, and gets nothing: the configuration is then
/// refused as incomplete.
pub(crate) fn complete(config: &mut Config) -> Result<(), Failure> {
    if !config.server.listen.0.ip().is_loopback() {
        return Ok(());
    }
    let secret = secret::keep(Path::new(SECRET_FILE));
    let secret = secret.map_err(|error| Failure::File { path: SECRET_FILE.to_owned(), error })?;
    config.options.mode = Mode::Development;
    config.options.secret = Some(secret.as_str().into());
    Ok(())
}
