//! From a URL to how the server is spoken to.

use std::time::Duration;

use kernia::store::StorageError;
use mysql_async::{Opts, OptsBuilder, SslOpts};

use crate::{
    ServerOptions,
    url::{ServerUrl, Tls, TlsMode},
};

/// What the driver needs to connect, and whether it may do so without TLS when the server has none.
pub(super) fn opts(url: &ServerUrl, options: &ServerOptions) -> Result<(Opts, bool), StorageError> {
    if options.schema.is_some() {
        return Err(StorageError::Failed("a schema is PostgreSQL's; MySQL's is the database in the URL".to_owned()));
    }
    let (mut url, tls) = url.split_tls()?;
    // The driver knows one name only.
    _ = url.set_scheme("mysql");
    let opts = Opts::from_url(url.as_str());
    // The driver's error may hold a value.
    let opts = opts.map_err(|_| StorageError::Failed("the database URL has a part that cannot be used".to_owned()))?;
    let opts = OptsBuilder::from_opts(opts)
        .client_found_rows(true)
        .prefer_socket(false)
        .tcp_nodelay(true)
        .tcp_keepalive(Some(Duration::from_secs(30)))
        .stmt_cache_size(options.statements)
        .init(session(options))
        .ssl_opts(ssl(&tls));
    Ok((opts.into(), tls.mode == TlsMode::Prefer))
}

/// The session's settings.
///
/// Transactions see what others have committed, so that locks are held on what was found and not on the gaps around it; batches
/// that rest on absence ask for more.
fn session(options: &ServerOptions) -> Vec<String> {
    let statement = options.statement_timeout;
    let lock = options.lock_timeout.as_secs().max(1);
    vec![
        format!(
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', \
             time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = {lock} \
             /*M! , max_statement_time = {} */ /*!50708 , max_execution_time = {} */",
            statement.as_secs_f64(),
            statement.as_millis()
        ),
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
    ]
}

fn ssl(tls: &Tls) -> Option<SslOpts> {
    let roots = || tls.root.clone().map(Into::into).into_iter().collect::<Vec<_>>();
    let checked = || SslOpts::default().with_root_certs(roots()).with_disable_built_in_roots(tls.root.is_some());
    match tls.mode {
        TlsMode::Disable => None,
        TlsMode::Prefer | TlsMode::Require => {
            Some(SslOpts::default().with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true))
        }
        TlsMode::VerifyCa => Some(checked().with_danger_skip_domain_validation(true)),
        TlsMode::VerifyFull => Some(checked()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(Opts, bool), StorageError> {
        opts(&ServerUrl::parse(text).unwrap(), &ServerOptions::default())
    }

    #[test]
    fn urls_of_both_names() {
        let (opts, plain) = parsed("mariadb://me:p%40ss@db.test:3307/auth").unwrap();
        assert_eq!((opts.user(), opts.pass(), opts.db_name()), (Some("me"), Some("p@ss"), Some("auth")));
        assert!(opts.client_found_rows() && plain && opts.ssl_opts().is_some());
        let (opts, plain) = parsed("mysql://db.test/auth?sslmode=verify-full&sslrootcert=/ca.pem").unwrap();
        let ssl = opts.ssl_opts().unwrap();
        assert!(!plain && !ssl.accept_invalid_certs() && !ssl.skip_domain_validation() && ssl.disable_built_in_roots());
        assert!(parsed("mysql://db.test/auth?ssl-mode=DISABLED").unwrap().0.ssl_opts().is_none());
    }

    #[test]
    fn what_cannot_be_used_is_told_without_its_secrets() {
        let error = parsed("mysql://me:hunter2@db.test/auth?nonsense=hunter2").map(|_| ()).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let options = ServerOptions { schema: Some("auth".to_owned()), ..ServerOptions::default() };
        assert!(opts(&ServerUrl::parse("mysql://db.test/auth").unwrap(), &options).is_err());
    }
}
