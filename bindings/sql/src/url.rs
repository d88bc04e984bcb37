//! Where databases are.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use kernia::{
    schema::Schema,
    store::{StorageError, sql::Dialect},
};
use url::Url;

use crate::{Database, DatabaseOptions};

/// Where a database is: `sqlite:path`, relative to the working directory, `sqlite::memory:`, or
/// `postgres://user:password@host:port/database`, or the same with `mysql` or `mariadb`. Prints no user and no password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatabaseUrl {
    /// A file, or `:memory:`.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(ServerUrl),
    /// A MySQL or MariaDB server.
    MySql(ServerUrl),
}

impl DatabaseUrl {
    /// Opens it for the tables of `schema`, which are not made by that. A file is opened at once, a server when it is first
    /// asked.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when it cannot be opened; [`StorageError::Failed`] when the URL says what cannot be done.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
        allow(unused_variables, reason = "nothing can be opened")
    )]
    pub fn open(&self, schema: Arc<Schema>, options: &DatabaseOptions) -> Result<Arc<dyn Database>, StorageError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => Ok(Arc::new(crate::SqliteStore::open(path, schema, &options.sqlite)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => Ok(Arc::new(crate::PostgresStore::open(url, schema, &options.server)?)),
            #[cfg(feature = "mysql")]
            Self::MySql(url) => Ok(Arc::new(crate::MySqlStore::open(url, schema, &options.server)?)),
            #[allow(unreachable_patterns, reason = "every feature may be on")]
            _ => Err(StorageError::Failed(format!("this program was built without support for {self}"))),
        }
    }

    /// Which SQL it speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
        }
    }

    /// Whether a server keeps it, and not a file.
    #[must_use]
    pub fn is_server(&self) -> bool {
        matches!(self, Self::Postgres(_) | Self::MySql(_))
    }

    /// Whether it ends with the one that opened it, so that nobody else can give it its tables.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Sqlite(path) => path == Path::new(":memory:"),
            Self::Postgres(_) | Self::MySql(_) => false,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        match (scheme, rest.strip_prefix("//").unwrap_or(rest)) {
            ("sqlite", "") => Err("the file's name is missing; write sqlite:kernia.db".to_owned()),
            ("sqlite", path) => Ok(Self::Sqlite(path.into())),
            ("postgres" | "postgresql", _) => ServerUrl::parse(text).map(Self::Postgres),
            ("mysql" | "mariadb", _) => ServerUrl::parse(text).map(Self::MySql),
            _ => Err("not a SQL database; write sqlite:kernia.db or postgres://user:password@host/database".to_owned()),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) | Self::MySql(url) => url.fmt(f),
        }
    }
}

/// The URL of a database server. Only its scheme, host, port and database are ever printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl(Url);

impl ServerUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        // The text may hold a password, so it is not repeated.
        Url::parse(text).map(Self).map_err(|error| format!("not a URL: {error}"))
    }

    /// The URL without the parameters that say how to encrypt, and what they say.
    pub(crate) fn split_tls(&self) -> Result<(Url, Tls), StorageError> {
        let (mut mode, mut root) = (None, None);
        let mut others = Vec::new();
        for pair in self.0.query().into_iter().flat_map(|query| query.split('&')) {
            let Some((name, value)) = url::form_urlencoded::parse(pair.as_bytes()).next() else { continue };
            match &*name {
                "sslmode" | "ssl-mode" => mode = Some(TlsMode::parse(&value)?),
                "sslrootcert" | "ssl-ca" => root = Some(PathBuf::from(&*value)),
                // As it was: drivers do not agree on what a plus sign is.
                _ => others.push(pair),
            }
        }
        let mut url = self.0.clone();
        url.set_query((!others.is_empty()).then(|| others.join("&")).as_deref());
        let mode = match (mode.unwrap_or_default(), &root) {
            // As libpq has it: who names the authority wants it asked.
            (TlsMode::Require, Some(_)) => TlsMode::VerifyCa,
            (mode, _) => mode,
        };
        Ok((url, Tls { mode, root }))
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether and how a connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) mode: TlsMode,
    /// A PEM file with the authorities to trust; the web's when absent.
    pub(crate) root: Option<PathBuf>,
}

/// The modes of libpq and of MySQL's clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// Never.
    Disable,
    /// If the server can; whoever answers is believed.
    #[default]
    Prefer,
    /// Always; whoever answers is believed.
    Require,
    /// Always, and an authority must vouch for the server.
    VerifyCa,
    /// Always, and an authority must vouch for the server under this name.
    VerifyFull,
}

impl TlsMode {
    fn parse(text: &str) -> Result<Self, StorageError> {
        Ok(match text.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" => Self::Disable,
            "allow" | "prefer" | "preferred" => Self::Prefer,
            "require" | "required" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" | "verify-identity" => Self::VerifyFull,
            _ => {
                let modes = "disable, prefer, require, verify-ca or verify-full";
                return Err(StorageError::Failed(format!("sslmode is none of {modes}")));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (text, path) in [
            ("sqlite::memory:", ":memory:"),
            ("sqlite:kernia.db", "kernia.db"),
            ("sqlite:/var/lib/kernia.db", "/var/lib/kernia.db"),
            ("sqlite:///var/lib/kernia.db", "/var/lib/kernia.db"),
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url, DatabaseUrl::Sqlite(path.into()), "{text}");
            assert_eq!(url.is_transient(), path == ":memory:");
            assert_eq!(url.to_string().parse(), Ok(url));
        }
        for text in ["", "sqlite:", "kernia.db", "memory:x", "http://a.test"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
        for secret in ["postgres://me:hunter2@db/auth", "postgres://me:hunter2@:x/auth", "mysql://me:hunter2@db:x/"] {
            let printed = secret.parse::<DatabaseUrl>().map_or_else(|error| error, |url| format!("{url} {url:?}"));
            assert!(!printed.contains("hunter2"), "{printed}");
        }
    }

    #[test]
    fn urls_keep_what_is_secret() {
        let url = ServerUrl::parse("postgres://me:hunter2@db.test:5433/auth?sslmode=require&password=hunter2").unwrap();
        assert_eq!(url.to_string(), "postgres://db.test:5433/auth");
        assert_eq!(format!("{url:?}"), "postgres://db.test:5433/auth");
        let error = ServerUrl::parse("postgres://me:hunter2@db:nonsense/auth").unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn modes_are_those_of_libpq() {
        let tls = |query: &str| ServerUrl::parse(&format!("postgres://h/d{query}")).unwrap().split_tls();
        let (url, found) = tls("?application_name=a%20b&sslmode=verify-full").unwrap();
        assert_eq!((url.query(), found.mode), (Some("application_name=a%20b"), TlsMode::VerifyFull));
        assert_eq!(tls("").unwrap().1, Tls { mode: TlsMode::Prefer, root: None });
        assert_eq!(tls("?sslmode=require").unwrap().1.mode, TlsMode::Require);
        let named = tls("?sslmode=require&sslrootcert=/ca.pem").unwrap().1;
        assert_eq!(named, Tls { mode: TlsMode::VerifyCa, root: Some("/ca.pem".into()) });
        assert_eq!(tls("?ssl-mode=VERIFY_IDENTITY").unwrap().1.mode, TlsMode::VerifyFull);
        assert!(tls("?sslmode=nonsense").is_err());
    }
}
