//! From a URL to how the server is spoken to.

use std::time::Duration;

use kernia::store::StorageError;
use tokio_postgres::{Config, config::SslMode};

use super::tls::MakeTls;
use crate::{
    ServerOptions,
    url::{ServerUrl, TlsMode},
};

/// What the driver needs to connect.
pub(super) fn config(url: &ServerUrl, options: &ServerOptions) -> Result<(Config, MakeTls), StorageError> {
    let (url, tls) = url.split_tls()?;
    // The error names the parameter, never its value.
    let mut config: Config = url.as_str().parse().map_err(|error: tokio_postgres::Error| {
        let why = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
        StorageError::Failed(format!("the database URL cannot be used: {why}"))
    })?;
    config.ssl_mode(match tls.mode {
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
    });
    if config.get_application_name().is_none() {
        config.application_name("kernia");
    }
    let mut session = config.get_options().map(|own| format!("{own} ")).unwrap_or_default();
    session.push_str(&session_options(options));
    config
        .options(session)
        .connect_timeout(options.connect_timeout)
        .keepalives_idle(Duration::from_secs(30))
        .tcp_user_timeout(options.access_timeout());
    Ok((config, MakeTls::new(&tls)?))
}

/// The session's settings, as the start of a connection takes them.
///
/// Transactions are read-only unless they begin otherwise. Statements are sent without waiting for what begins the transaction, so
/// if that failed they would be run each on its own; like this they are refused.
fn session_options(options: &ServerOptions) -> String {
    let mut settings = vec![
        ("default_transaction_read_only", "on".to_owned()),
        ("statement_timeout", options.statement_timeout.as_millis().to_string()),
        ("lock_timeout", options.lock_timeout.as_millis().to_string()),
        ("idle_in_transaction_session_timeout", (options.access_timeout() * 2).as_millis().to_string()),
        ("timezone", "UTC".to_owned()),
    ];
    if let Some(schema) = &options.schema {
        settings.push(("search_path", quote(schema)));
    }
    let settings = settings.iter().map(|(name, value)| format!("-c {name}={}", escape(value)));
    settings.collect::<Vec<_>>().join(" ")
}

/// `name` as an identifier.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for letter in value.chars() {
        if letter == '\\' || letter.is_ascii_whitespace() {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_set_up_by_the_start_of_the_connection() {
        let options = ServerOptions { schema: Some("a \"b\\".to_owned()), ..ServerOptions::default() };
        let url = ServerUrl::parse("postgres://me@db.test/auth?options=-c%20geqo%3Doff&sslmode=disable").unwrap();
        let (config, _) = config(&url, &options).unwrap();
        assert_eq!(
            config.get_options(),
            Some(
                "-c geqo=off -c default_transaction_read_only=on -c statement_timeout=10000 -c lock_timeout=5000 -c \
                 idle_in_transaction_session_timeout=22000 -c timezone=UTC -c search_path=\"a\\ \"\"b\\\\\""
            )
        );
        assert_eq!((config.get_ssl_mode(), config.get_user()), (SslMode::Disable, Some("me")));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told_without_its_secrets() {
        for url in ["postgres://me:hunter2@h/d?nonsense=hunter2", "postgres://me:hunter2@h/d?connect_timeout=hunter2"] {
            let error = config(&ServerUrl::parse(url).unwrap(), &ServerOptions::default()).map(|_| ()).unwrap_err();
            assert!(!error.to_string().contains("hunter2") && error.to_string().contains("cannot be used"), "{error}");
        }
    }
}
