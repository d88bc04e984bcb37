//! The examples of all frameworks, as programs: they do the same. `cargo test` and nextest build them with the workspace's tests.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]
#![cfg(unix)]

use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio, id},
    time::Duration,
};

use kernia_frameworks::Framework;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::yield_now,
    time::timeout,
};

/// How long to wait for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// An example at work, in a folder of its own.
struct Program {
    child: Child,
    folder: PathBuf,
    address: SocketAddr,
}

/// An answer: status, head, body.
struct Answer(u16, String, String);

impl Program {
    async fn start(framework: Framework, example: &str) -> Self {
        let name = format!("{}-{example}", framework.name());
        // Cargo puts examples beside the folder of the tests.
        let program = env::current_exe().unwrap().parent().unwrap().with_file_name("examples").join(&name);
        assert!(program.exists(), "cargo build --workspace --examples makes {}", program.display());
        let folder = env::temp_dir().join(format!("kernia-{name}-{}", id()));
        fs::create_dir_all(&folder).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(program);
        command.current_dir(&folder).env_clear().env("LISTEN", address.to_string());
        command.env("ROCKET_PORT", address.port().to_string()).env("ROCKET_LOG_LEVEL", "off");
        command.env("BETTER_AUTH_SECRET", "kN3r-1a.example.S3cret/with+enough=entropy_0123");
        command.env("BETTER_AUTH_URL", "http://localhost:3000");
        command.stdin(Stdio::null()).stdout(fs::File::create(folder.join("log")).unwrap());
        let mut program = Self { child: command.spawn().unwrap(), folder, address };
        while TcpStream::connect(address).await.is_err() {
            assert_eq!(program.child.try_wait().unwrap(), None, "{name}: {}", program.log());
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

    async fn ask(&self, method: &str, target: &str, cookie: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: localhost:3000\r\nconnection: close\r\n");
        if !cookie.is_empty() {
            request.push_str(&format!("cookie: {cookie}\r\n"));
        }
        if !body.is_empty() || method == "POST" {
            request.push_str("origin: http://localhost:3000\r\ncontent-type: application/json\r\n");
            request.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer(status, head.to_owned(), body.to_owned())
    }

    async fn get(&self, target: &str, cookie: &str) -> (u16, String) {
        let Answer(status, _, body) = self.ask("GET", target, cookie, None).await;
        (status, body)
    }

    /// Posts JSON: the status, the body, and the cookie of the session, if there is one.
    async fn post(&self, target: &str, cookie: &str, body: Value) -> (u16, String, String) {
        let Answer(status, head, body) = self.ask("POST", target, cookie, Some(body)).await;
        let set = head.lines().find_map(|line| line.split_once("better-auth.session_token="));
        let cookie = set.and_then(|(_, value)| value.split(';').next());
        (status, body, cookie.map(|value| format!("better-auth.session_token={value}")).unwrap_or_default())
    }

    /// Asks it to stop, and answers its code.
    fn stop(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
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
    for framework in Framework::ALL {
        let program = Program::start(framework, "protected").await;
        assert_eq!(program.get("/hello", "").await.0, 401, "{framework:?}");
        let ada = json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse"});
        let (status, body, cookie) = program.post("/api/auth/sign-up/email", "", ada).await;
        assert_eq!(status, 200, "{framework:?}: {body}");
        assert_eq!(program.get("/hello", &cookie).await, (200, "Hello Ada!".to_owned()), "{framework:?}");
    }
}

#[tokio::test]
async fn the_complete_application_does_what_it_shows() {
    for framework in Framework::ALL {
        let mut program = Program::start(framework, "complete").await;
        complete(framework, &program).await;
        assert_eq!(program.stop(), Some(0), "{framework:?}");
    }
}

async fn complete(framework: Framework, at: &Program) {
    let which = framework.name();
    assert_eq!(at.get("/", "").await, (200, "Hello, stranger!".to_owned()), "{which}");
    for (method, target) in [("GET", "/me"), ("GET", "/plan"), ("POST", "/danger"), ("GET", "/verified")] {
        let Answer(status, head, body) = at.ask(method, target, "", None).await;
        assert!(status == 401 && head.contains("application/problem+json"), "{which} {target}: {head}");
        let problem: Value = serde_json::from_str(&body).unwrap();
        let told = json!({"type": "UNAUTHORIZED", "title": "Unauthorized", "status": 401, "instance": target});
        assert_eq!(problem, told, "{which}");
    }
    assert_eq!(at.get("/sessions", "").await.0, 401, "{which}");

    let sign_up = |email: &str| json!({"name": "Ada", "email": email, "password": "correct horse", "username": "ada"});
    let (status, body, _) = at.post("/api/auth/sign-up/email", "", sign_up("ada@elsewhere.test")).await;
    assert!(status == 403 && body.contains("NOT_INVITED"), "{which}: {body}");
    let (status, body, _) = at.post("/api/auth/sign-up/email", "", sign_up("ada@example.com")).await;
    assert_eq!(status, 200, "{which}: {body}");
    let sign_in = json!({"username": "Ada", "password": "correct horse"});
    let (_, _, cookie) = at.post("/api/auth/sign-in/username", "", sign_in).await;

    assert_eq!(at.get("/", &cookie).await.1, "Hello Ada!", "{which}");
    let me: Value = serde_json::from_str(&at.get("/me", &cookie).await.1).unwrap();
    assert_eq!((&me["email"], &me["plan"]), (&json!("ada@example.com"), &json!("free")), "{which}");
    assert_eq!(at.get("/plan", &cookie).await.1, "free", "{which}");
    assert_eq!(at.ask("POST", "/danger", &cookie, None).await.0, 204, "{which}");
    assert_eq!(at.get("/sessions", &cookie).await.1, r#"{"sessions":2}"#, "{which}");

    let (status, body) = at.get("/verified", &cookie).await;
    assert!(status == 403 && body.contains("EMAIL_NOT_VERIFIED"), "{which}: {body}");
    let asked = json!({"email": "ada@example.com"});
    assert_eq!(at.post("/api/auth/send-verification-email", &cookie, asked).await.0, 200, "{which}");
    let link = at.logged("http://localhost:3000/api/auth/verify-email?").await;
    let token = link.split(['"', ' ', '&', '\u{1b}']).next().unwrap();
    assert_eq!(at.get(&format!("/api/auth/verify-email?{token}"), &cookie).await.0, 200, "{which}");
    assert_eq!(at.get("/verified", &cookie).await.1, "Welcome", "{which}");
}

#[tokio::test]
async fn a_plugin_of_ones_own_lets_the_invited_in() {
    let at = Program::start(Framework::Axum, "own-plugin").await;
    let invitation = at.logged("the first invitation: ").await;
    let sign_up = async |name: &str, code: Option<&str>| {
        let email = format!("{name}@example.com");
        let body = json!({"name": name, "email": email, "password": "correct horse", "inviteCode": code});
        at.post("/api/auth/sign-up/email", "", body).await
    };
    let (status, body, _) = sign_up("eve", None).await;
    assert!(status == 403 && body.contains(r#""code":"NOT_INVITED""#), "{body}");
    let both = tokio::join!(sign_up("ada", Some(&invitation)), sign_up("bob", Some(&invitation)));
    let mut statuses = [both.0.0, both.1.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "one invitation, one account: {both:?}");
    let cookie = if both.0.0 == 200 { both.0.2 } else { both.1.2 };
    assert_eq!(at.post("/api/auth/invite/create", "", json!({})).await.0, 401);
    let (status, body, _) = at.post("/api/auth/invite/create", &cookie, json!({})).await;
    assert_eq!(status, 200, "{body}");
    let next: Value = serde_json::from_str(&body).unwrap();
    assert!(next["code"].as_str().is_some_and(|code| code.len() == 32 && code != invitation), "{body}");
}

#[test]
fn the_page_on_plugins_shows_the_example() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/plugins/your-own.md")).unwrap();
    let source = fs::read_to_string(root.join("bindings/axum/examples/own-plugin.rs")).unwrap();
    let (_, plugin) = source.split_once("// the plugin\n").unwrap();
    let (plugin, _) = plugin.split_once("// the end of the plugin\n").unwrap();
    assert!(page.contains(plugin.trim()));
    let lines = plugin.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 60, "{lines} lines");
}

#[test]
fn the_readme_shows_the_smallest_applications() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for framework in Framework::ALL {
        let source =
            fs::read_to_string(root.join(format!("bindings/{}/examples/protected.rs", framework.name()))).unwrap();
        let (_, shown) = source.split_once("\n\n").unwrap();
        assert!(readme.contains(shown), "{framework:?}");
        let own = shown.lines().filter(|line| !line.trim().is_empty() && *line != "}").count();
        assert!(own <= 15, "{framework:?}: {own} lines");
    }
}
