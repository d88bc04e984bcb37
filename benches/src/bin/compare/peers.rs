//! The servers that are compared, and how each is started.

use std::{
    env, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use kernia_benches::{
    SECRET, TOKEN,
    load::{Answer, Server, free_address, get},
};

/// A server that is compared.
pub(crate) struct Peer {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) kind: Kind,
    /// Where its rows are.
    pub(crate) store: Store,
    /// Whether it is measured with the cookie that caches a session, and with nothing else.
    pub(crate) cookie_cache: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Floor,
    Kernia,
    Reference,
    Original,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Memory,
    Sqlite,
}

/// Where the programs are.
pub(crate) struct Tools {
    floor: PathBuf,
    kernia: PathBuf,
    folder: PathBuf,
    python: PathBuf,
}

/// The servers, in the order in which each round measures them. The first is what the others are compared with.
pub(crate) fn all() -> Vec<Peer> {
    let peer = |name, kind, store| Peer { name, kind, store, cookie_cache: false };
    let cached = |name, kind| Peer { name, kind, store: Store::Sqlite, cookie_cache: true };
    vec![
        peer("bare hyper", Kind::Floor, Store::Memory),
        peer("Kernia, memory", Kind::Kernia, Store::Memory),
        peer("Kernia, SQLite", Kind::Kernia, Store::Sqlite),
        cached("Kernia, SQLite, cookie cache", Kind::Kernia),
        peer("reference, memory", Kind::Reference, Store::Memory),
        peer("reference, SQLite", Kind::Reference, Store::Sqlite),
        cached("reference, SQLite, cookie cache", Kind::Reference),
        peer("original, memory", Kind::Original, Store::Memory),
        peer("original, SQLite", Kind::Original, Store::Sqlite),
    ]
}

impl Tools {
    /// `KERNIA` and `PYTHON` name programs, `FOLDER` is `benches/compare`.
    pub(crate) fn from_environment() -> io::Result<Self> {
        let path = |name: &str| env::var_os(name).map(PathBuf::from);
        let missing = |name: &str| io::Error::other(format!("{name} is not set; benches/compare/run does that"));
        let path = |name: &str| path(name).ok_or_else(|| missing(name));
        let floor = env::current_exe()?.with_file_name("floor");
        Ok(Self { floor, kernia: path("KERNIA")?, folder: path("FOLDER")?, python: path("PYTHON")? })
    }

    /// Lines about what was measured with what.
    pub(crate) fn versions(&self) -> Vec<String> {
        let said = |program: &Path, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).current_dir(&self.folder).output();
            output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
        };
        let package = |name: &str| {
            let script = format!(
                "console.log(JSON.parse(require('fs').readFileSync('node_modules/{name}/package.json')).version)"
            );
            said(Path::new("node"), &["-e", &script])
        };
        let original = "import importlib.metadata as m; print(' '.join(f'{p} {m.version(p)}' for p in ['kernia','uvicorn','sqlalchemy']))";
        vec![
            said(&self.kernia, &["--version"]) + ", " + &said(Path::new("rustc"), &["--version"]),
            format!(
                "better-auth {}, better-sqlite3 {}, Node {}",
                package("better-auth"),
                package("better-sqlite3"),
                said(Path::new("node"), &["--version"])
            ),
            format!("{} on {}", said(&self.python, &["-c", original]), said(&self.python, &["--version"])),
        ]
    }
}

impl Peer {
    /// The path below which the routes are.
    pub(crate) fn path(&self, route: &str) -> String {
        format!("/api/auth{route}")
    }

    /// Starts it with an empty store in `folder`.
    pub(crate) async fn start(&self, tools: &Tools, folder: &Path) -> io::Result<Server> {
        let address = free_address()?;
        let command = self.command(tools, folder, address)?;
        Server::start(command, address, &get(address, &self.path("/get-session"), None)).await
    }

    fn command(&self, tools: &Tools, folder: &Path, address: SocketAddr) -> io::Result<Command> {
        let port = address.port().to_string();
        let file = folder.join("rows.db");
        let mut command = match self.kind {
            Kind::Floor => Command::new(&tools.floor),
            Kind::Kernia => Command::new(&tools.kernia),
            Kind::Reference => Command::new("node"),
            Kind::Original => Command::new(&tools.python),
        };
        match self.kind {
            Kind::Floor => command.arg(address.to_string()),
            Kind::Kernia => {
                let config = folder.join("kernia.toml");
                fs::write(&config, self.kernia_toml(&file, address))?;
                command.args(["serve", "--config"]).arg(config).env("BETTER_AUTH_SECRET", SECRET)
            }
            Kind::Reference => {
                command.arg(tools.folder.join("reference.mjs")).arg(port);
                command.env("BETTER_AUTH_SECRET", SECRET).env("NODE_ENV", "production")
            }
            Kind::Original => command.arg(tools.folder.join("original.py")).arg(port).env("KERNIA_SECRET", SECRET),
        };
        if matches!(self.kind, Kind::Reference | Kind::Original) {
            if self.store == Store::Sqlite {
                command.arg(file);
            }
            if self.cookie_cache {
                command.arg("--cookie-cache");
            }
        }
        Ok(command)
    }

    /// Hashes as the reference does, so that a sign-in is the same work; and a queue that takes the whole burst.
    fn kernia_toml(&self, file: &Path, address: SocketAddr) -> String {
        let url = match self.store {
            Store::Memory => "memory:".to_owned(),
            Store::Sqlite => format!("sqlite:{}", file.display()),
        };
        format!(
            "mode = \"production\"\nsecret = \"env:BETTER_AUTH_SECRET\"\nbase_url = \"http://{address}\"\n\
             [server]\nlisten = \"{address}\"\nhash_queue = 256\nrequest_timeout = 300\n[database]\nurl = \"{url}\"\n[delivery]\nkind = \"log\"\n\
             [log]\nlevel = \"warn\"\n[rate_limit]\nenabled = false\n\
             [email_and_password]\nenabled = true\n[email_and_password.password]\nalgorithm = \"scrypt\"\n\
             [session.cookie_cache]\nenabled = {}\n",
            self.cookie_cache
        )
    }

    /// The cookies of the answer to a sign-in or sign-up.
    pub(crate) fn cookies(&self, answer: &Answer<'_>) -> String {
        match self.kind {
            Kind::Floor => {
                let signer = kernia::crypto::hmac::Signer::new(SECRET.as_bytes());
                format!("better-auth.session_token={}", kernia::wire::cookie::sign_cookie_value(&signer, TOKEN))
            }
            Kind::Kernia | Kind::Reference | Kind::Original => answer.cookies(),
        }
    }
}
