//! The examples, as programs of their own.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod given;

use std::{
    env, fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio, id},
    time::Duration,
};

use given::At;
use tokio::{net::TcpStream, task::yield_now, time::timeout};

/// How long to wait for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// An example at work, in a folder of its own.
struct Program {
    child: Child,
    folder: PathBuf,
    at: At,
}

impl Program {
    async fn start(name: &str) -> Self {
        // Cargo puts examples beside the folder of the tests.
        let program = env::current_exe().unwrap().parent().unwrap().with_file_name("examples").join(name);
        let folder = env::temp_dir().join(format!("kernia-{name}-{}", id()));
        fs::create_dir_all(&folder).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(program);
        command.current_dir(&folder).env_clear().env("LISTEN", address.to_string());
        command.env("BETTER_AUTH_SECRET", "kN3r-1a.example.S3cret/with+enough=entropy_0123");
        command.env("BETTER_AUTH_URL", "http://localhost:3000");
        command.stdin(Stdio::null()).stdout(fs::File::create(folder.join("log")).unwrap());
        let mut program = Self { child: command.spawn().unwrap(), folder, at: At { address } };
        while TcpStream::connect(address).await.is_err() {
            assert_eq!(program.child.try_wait().unwrap(), None, "{}", program.log());
            yield_now().await;
        }
        program
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    /// What the log says after `label`, once it does.
    async fn logged(&self, label: &str) -> String {
        let search = async {
            loop {
                let log = self.log();
                let line = log.split_once(label).and_then(|(_, rest)| rest.split_once('\n'));
                if let Some((rest, _)) = line {
                    return rest.to_owned();
                }
                yield_now().await;
            }
        };
        timeout(PATIENCE, search).await.unwrap_or_else(|_| panic!("{label}: {}", self.log()))
    }

    /// Asks it to stop, and answers its code.
    fn stop(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn the_smallest_application_protects_its_route() {
    let mut program = Program::start("actix-protected").await;
    assert_eq!(program.at.get("/hello", "").await.status, 401);
    let cookie = program.at.sign_up().await;
    assert_eq!(program.at.get("/hello", &cookie).await.body, "Hello Ada!");
    assert_eq!(program.stop(), Some(0));
}

#[tokio::test]
async fn the_complete_application_does_what_it_says() {
    let mut program = Program::start("actix-complete").await;
    let at = program.at;
    assert_eq!(at.get("/", "").await.body, "Hello, stranger!");
    for (method, target) in
        [("GET", "/me"), ("GET", "/plan"), ("POST", "/danger"), ("GET", "/verified"), ("GET", "/sessions")]
    {
        let refused = at.ask(method, target, &[], "").await;
        assert_eq!(refused.status, 401, "{target}");
        assert_eq!(refused.all("content-type"), ["application/problem+json"], "{target}");
        assert!(refused.body.contains(&format!(r#""instance":"{target}""#)), "{refused:?}");
    }

    let origin = [("origin", "http://localhost:3000")];
    let body = r#"{"name":"Eve","email":"eve@elsewhere.test","password":"correct horse"}"#;
    let uninvited = at.ask("POST", "/api/auth/sign-up/email", &origin, body).await;
    assert!(uninvited.status == 403 && uninvited.body.contains("NOT_INVITED"), "{uninvited:?}");
    let body = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse","username":"ada"}"#;
    let signed_up = at.ask("POST", "/api/auth/sign-up/email", &origin, body).await;
    assert_eq!(signed_up.status, 200, "{signed_up:?}");
    let body = r#"{"username":"Ada","password":"correct horse"}"#;
    let signed_in = at.ask("POST", "/api/auth/sign-in/username", &origin, body).await;
    let cookie = signed_in.cookie();

    assert_eq!(at.get("/", &cookie).await.body, "Hello Ada!");
    let me = at.get("/me", &cookie).await;
    let me: serde_json::Value = serde_json::from_str(&me.body).unwrap();
    assert_eq!((&me["email"], &me["plan"]), (&"ada@example.com".into(), &"free".into()));
    assert!(signed_up.body.contains(me["id"].as_str().unwrap()));
    assert_eq!(at.get("/plan", &cookie).await.body, "free");
    assert_eq!(at.ask("POST", "/danger", &[("cookie", &cookie)], "").await.status, 204);
    assert_eq!(at.get("/sessions", &cookie).await.body, r#"{"sessions":2}"#);

    let unverified = at.get("/verified", &cookie).await;
    assert!(unverified.status == 403 && unverified.body.contains("EMAIL_NOT_VERIFIED"), "{unverified:?}");
    let headers = [("origin", "http://localhost:3000"), ("cookie", cookie.as_str())];
    let asked = at.ask("POST", "/api/auth/send-verification-email", &headers, r#"{"email":"ada@example.com"}"#).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    let link = program.logged("http://localhost:3000/api/auth/verify-email?").await;
    let token = link.split(['"', ' ', '&', '\u{1b}']).next().unwrap();
    let proven = at.get(&format!("/api/auth/verify-email?{token}"), &cookie).await;
    assert_eq!(proven.status, 200, "{proven:?}");
    assert_eq!(at.get("/verified", &cookie).await.body, "Welcome");
    assert_eq!(program.stop(), Some(0));
}
