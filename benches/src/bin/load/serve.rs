//! `kernia serve` on some database.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

use kernia_benches::{
    SECRET,
    load::{Server, free_address, get},
};

/// A folder that is removed in the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> io::Result<Self> {
        let folder = env::temp_dir().join(format!("kernia-load-{}", process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// The URL of a SQLite file in it.
    pub(crate) fn database(&self) -> String {
        format!("sqlite:{}", self.0.join("rows.db").display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes the tables.
pub(crate) fn migrate(folder: &Path, database: &str) -> io::Result<()> {
    let config = write_config(folder, database, "127.0.0.1:1")?;
    let status = command()?.arg("migrate").arg("--yes").arg("--config").arg(config).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("kernia migrate: {status}"))) }
}

/// Starts the server.
pub(crate) async fn start(folder: &Path, database: &str) -> io::Result<Server> {
    let address = free_address()?;
    let config = write_config(folder, database, &address.to_string())?;
    let mut serve = command()?;
    serve.arg("serve").arg("--config").arg(config);
    Server::start(serve, address, &get(address, "/api/auth/ok", None)).await
}

fn command() -> io::Result<Command> {
    let kernia = env::var_os("KERNIA").ok_or_else(|| io::Error::other("KERNIA is not set; benches/load does that"))?;
    let mut command = Command::new(kernia);
    command.env("BETTER_AUTH_SECRET", SECRET);
    Ok(command)
}

fn write_config(folder: &Path, database: &str, address: &str) -> io::Result<PathBuf> {
    let config = folder.join("kernia.toml");
    let text = format!(
        "mode = \"production\"\nsecret = \"env:BETTER_AUTH_SECRET\"\nbase_url = \"http://{address}\"\n\
         [server]\nlisten = \"{address}\"\n[database]\nurl = \"{database}\"\n[delivery]\nkind = \"log\"\n\
         [log]\nlevel = \"warn\"\n[rate_limit]\nenabled = false\n[email_and_password]\nenabled = true\n"
    );
    fs::write(&config, text)?;
    Ok(config)
}
