//! What there is to choose.

use std::{fmt, str::FromStr};

use clap::ValueEnum;

/// What Kernia runs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Framework {
    /// `kernia serve`, no code.
    #[default]
    Standalone,
    /// An Axum application.
    Axum,
    /// An Actix application.
    Actix,
    /// A Rocket application.
    Rocket,
    /// A program on hyper.
    Hyper,
}

impl Framework {
    /// Whether the program holds the engine itself.
    pub(crate) fn embeds(self) -> bool {
        !matches!(self, Self::Standalone)
    }
}

/// A kind of database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DatabaseKind {
    /// A file.
    #[default]
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    Mysql,
    /// MongoDB.
    Mongodb,
}

impl DatabaseKind {
    /// The feature of `kernia-sql` that opens it.
    pub(crate) fn feature(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Sqlite | Self::Mongodb => "sqlite",
        }
    }

    /// What a URL of it looks like; one that works where that is possible.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite:kernia.db",
            Self::Postgres => "postgres://user:password@localhost:5432/kernia",
            Self::Mysql => "mysql://user:password@localhost:3306/kernia",
            Self::Mongodb => "mongodb://user:password@localhost:27017/kernia?replicaSet=rs0",
        }
    }
}

/// A kind of database, or one by its URL. Prints no URL, which may hold a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct DatabaseChoice {
    pub(crate) kind: DatabaseKind,
    url: Option<String>,
}

impl DatabaseChoice {
    /// A kind, with its example for a URL.
    pub(crate) fn of(kind: DatabaseKind) -> Self {
        Self { kind, url: None }
    }

    /// The URL.
    pub(crate) fn url(&self) -> &str {
        self.url.as_deref().unwrap_or(self.kind.example())
    }

    /// Whether the URL is only an example, which has to be replaced.
    pub(crate) fn is_example(&self) -> bool {
        self.url.is_none() && self.kind != DatabaseKind::Sqlite
    }
}

impl FromStr for DatabaseChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(kind) = DatabaseKind::from_str(text, false) {
            return Ok(Self::of(kind));
        }
        let kind = match text.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => DatabaseKind::Sqlite,
            Some("postgres" | "postgresql") => DatabaseKind::Postgres,
            Some("mysql" | "mariadb") => DatabaseKind::Mysql,
            Some("mongodb" | "mongodb+srv") => DatabaseKind::Mongodb,
            _ => return Err("neither sqlite, postgres, mysql or mongodb, nor a URL of one"),
        };
        // The file that holds it is read by shells.
        if text.chars().any(|letter| letter.is_control() || letter == '\'') {
            return Err("a database URL holds no quotes and no control characters");
        }
        Ok(Self { kind, url: Some(text.to_owned()) })
    }
}

impl fmt::Debug for DatabaseChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_kind_or_a_url() {
        let choice = |text: &str| text.parse::<DatabaseChoice>();
        assert_eq!(choice("mongodb").unwrap(), DatabaseChoice::of(DatabaseKind::Mongodb));
        let known = choice("postgresql://me:hunter2@db/auth").unwrap();
        assert_eq!(
            (known.kind, known.url(), known.is_example()),
            (DatabaseKind::Postgres, "postgresql://me:hunter2@db/auth", false)
        );
        assert!(choice("postgres").unwrap().is_example() && !choice("sqlite").unwrap().is_example());
        assert!(!format!("{known:?}").contains("hunter2"));
        for text in ["", "oracle", "http://a.test", "sqlite:a'b", "sqlite:a\nb"] {
            assert!(choice(text).is_err(), "{text}");
        }
    }
}
