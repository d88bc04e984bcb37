//! A database of one's own on a server, for as long as a test runs.

use std::{
    env, fs,
    io::Write as _,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use super::server::Folder;

/// The servers that are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MySql,
}

pub(crate) const KINDS: [Kind; 2] = [Kind::Postgres, Kind::MySql];

impl Kind {
    /// The name of its SQL for `kernia generate`.
    pub(crate) fn dialect(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    /// In how many statements it gets a unique column and two others.
    pub(crate) fn changes(self) -> &'static str {
        match self {
            Self::Postgres => "Made 4 changes",
            Self::MySql => "Made 3 changes",
        }
    }

    fn server(self) -> String {
        let variable = match self {
            Self::Postgres => "KERNIA_TEST_POSTGRES",
            Self::MySql => "KERNIA_TEST_MYSQL",
        };
        env::var(variable).expect("start the servers with tests/servers and source their env")
    }

    /// Runs SQL, and answers what it says without ornaments.
    fn run(self, url: &str, sql: &str) -> String {
        let mut command = match self {
            Self::Postgres => {
                let mut psql = Command::new("psql");
                psql.args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-f", "-", url]);
                psql
            }
            Self::MySql => mariadb(url),
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{sql}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// The client of MySQL and MariaDB, which takes no URL.
fn mariadb(url: &str) -> Command {
    let parts: Vec<_> = url.split(['/', ':', '@']).filter(|part| !part.is_empty()).collect();
    let [_, user, password, host, port, database] = parts.as_slice() else { panic!("a URL with all its parts") };
    let mut command = Command::new("mariadb");
    command.args(["--no-defaults", "--batch", "--skip-column-names", "-u", user, "-h", host, "-P", port, database]);
    command.env("MYSQL_PWD", password);
    command
}

/// A database that goes when the test does.
pub(crate) struct Place {
    kind: Kind,
    name: String,
    pub(crate) url: String,
}

impl Place {
    pub(crate) fn new(kind: Kind) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("cli_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        kind.run(&kind.server(), &format!("create database {name}"));
        let server = kind.server();
        let (server, _) = server.rsplit_once('/').unwrap();
        Self { kind, url: format!("{server}/{name}"), name }
    }

    pub(crate) fn run(&self, sql: &str) -> String {
        self.kind.run(&self.url, sql)
    }

    /// What the command's environment says about it.
    pub(crate) fn environment(&self) -> (&'static str, String) {
        ("DATABASE_URL", self.url.clone())
    }

    /// Writes a configuration for it.
    pub(crate) fn configure(&self, folder: &Folder, more: &str) {
        let text = format!(
            "secret = \"env:BETTER_AUTH_SECRET\"\nmode = \"development\"\n[email_and_password]\nenabled = true\n[server]\n\
             listen = \"127.0.0.1:0\"\n[database]\nurl = \"env:DATABASE_URL\"\nauto_migrate = false\n{more}"
        );
        fs::write(folder.path("kernia.toml"), text).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let drop = match self.kind {
            Kind::Postgres => format!("drop database {} with (force)", self.name),
            Kind::MySql => format!("drop database {}", self.name),
        };
        self.kind.run(&self.kind.server(), &drop);
    }
}
