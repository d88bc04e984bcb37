//! A database that is stopped, or hangs, in mid-run: 503 with a request id in time, and service resumes by itself.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod server;

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use server::{Answer, Folder, Server};

const COOKIE: &str = "better-auth.session_token";
const SIGN_UP: &str = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;
/// What the file says a statement may take, and what is added for a machine under load.
const PATIENCE: Duration = Duration::from_secs(2);
const LEEWAY: Duration = Duration::from_secs(8);

/// A database server of this test alone, which it may stop.
struct Own {
    folder: PathBuf,
    name: &'static str,
}

impl Own {
    fn start(name: &'static str) -> Self {
        let folder = std::env::temp_dir().join(format!("kernia-outage-{name}-{}", std::process::id()));
        let own = Self { folder, name };
        own.tell("start");
        own
    }

    /// The address that `tests/servers` wrote down.
    fn address(&self) -> String {
        let env = fs::read_to_string(self.folder.join("env")).unwrap();
        env.split('\'').nth(1).unwrap().to_owned()
    }

    fn tell(&self, what: &str) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/servers");
        let mut command = Command::new(script);
        command.arg(what).arg(&self.folder);
        if what != "stop" {
            command.arg(self.name);
        }
        assert!(command.status().unwrap().success(), "tests/servers {what} {}", self.name);
    }

    /// Sends `signal` to the server and to the processes that it started.
    fn signal(&self, signal: &str) {
        for id in self.processes() {
            let _ = Command::new("kill").args([signal, &id]).status();
        }
    }

    /// Holds every thread of the server. The signal alone does not wait for them.
    fn hold(&self) {
        self.signal("-STOP");
        let rests = |task: fs::DirEntry| {
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            status.lines().all(|line| !line.starts_with("State:") || line.contains("(stopped)"))
        };
        for id in self.processes() {
            while fs::read_dir(format!("/proc/{id}/task")).is_ok_and(|tasks| !tasks.flatten().all(rests)) {
                std::thread::yield_now();
            }
        }
    }

    fn processes(&self) -> Vec<String> {
        let Ok(id) = fs::read_to_string(self.folder.join(format!("{}.pid", self.name))) else { return Vec::new() };
        let children = Command::new("pgrep").args(["-P", id.trim()]).output().unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        children.lines().chain([id.trim()]).map(str::to_owned).collect()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.signal("-CONT");
        self.tell("stop");
    }
}

fn start(folder: &Folder, storage: &str) -> Server {
    let config = format!(
        r#"
        mode = "production"
        secret = "env:BETTER_AUTH_SECRET"
        base_url = "http://localhost:3000"
        {storage}
        [email_and_password]
        enabled = true
        [rate_limit]
        enabled = false
        [server]
        listen = "127.0.0.1:0"
        "#
    );
    fs::write(folder.path("kernia.toml"), config).unwrap();
    Server::start(folder, &["serve"])
}

/// Asks for the session, which has to be refused in time and with an id that the log has too.
async fn is_refused(server: &Server, cookie: &str) -> String {
    let asked = Instant::now();
    let answer = server.get("/get-session", &[("cookie", cookie)]).await;
    let took = asked.elapsed();
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(took < PATIENCE + LEEWAY, "the answer took {took:?}");
    assert!(!answer.body.contains("postgres"), "{}", answer.body);
    let id = answer.header("x-request-id");
    assert!(!id.is_empty());
    id.to_owned()
}

/// Asks until the session is there again. Whatever comes before that is a refusal.
async fn resumes(server: &Server, cookie: &str) -> Answer {
    let asked = Instant::now();
    loop {
        let answer = server.get("/get-session", &[("cookie", cookie)]).await;
        if answer.status == 200 {
            return answer;
        }
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(asked.elapsed() < Duration::from_secs(60), "service does not resume");
    }
}

/// Stops and hangs the server called `name`; `storage` says how it is used at the address it has.
async fn survives(name: &'static str, storage: impl Fn(&str) -> String) {
    let own = Own::start(name);
    let folder = Folder::new(&format!("outage-{name}"));
    let server = start(&folder, &storage(&own.address()));
    let answer = server.post("/sign-up/email", SIGN_UP, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.cookie(COOKIE);
    assert!(resumes(&server, &cookie).await.body.contains("ada@example.com"));

    own.hold();
    let mut ids = vec![is_refused(&server, &cookie).await];
    own.signal("-CONT");
    assert!(resumes(&server, &cookie).await.body.contains("ada@example.com"), "a pause signs nobody out");

    own.tell("halt");
    ids.push(is_refused(&server, &cookie).await);
    ids.push(is_refused(&server, &cookie).await);
    own.tell("resume");
    let answer = resumes(&server, &cookie).await;
    // Redis keeps nothing here, so its sessions are gone with it; the server must not be.
    if name != "redis" {
        assert!(answer.body.contains("ada@example.com"), "{}", answer.body);
    }
    let sign_in = r#"{"email":"ada@example.com","password":"correct horse"}"#;
    assert_eq!(server.post("/sign-in/email", sign_in, &[]).await.status, 200);
    let (_, log) = server.stop();
    for id in ids {
        assert!(log.contains(&id), "the log does not have {id}: {log}");
    }
}

fn database(address: &str) -> String {
    format!("[database]\nurl = \"{address}\"\nstatement_timeout = 2\nacquire_timeout = 2")
}

#[tokio::test]
async fn case_217_postgresql_may_stop() {
    survives("postgres", database).await;
}

#[tokio::test]
async fn case_217_mariadb_may_stop() {
    survives("mariadb", database).await;
}

#[tokio::test]
async fn case_217_redis_may_stop() {
    survives("redis", |address| {
        format!(
            "[database]\nurl = \"sqlite:outage.db\"\n[secondary_storage]\nurl = \"{address}\"\nresponse_timeout = 2"
        )
    })
    .await;
}
