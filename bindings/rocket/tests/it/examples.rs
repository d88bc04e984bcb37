//! The examples, as cargo builds them beside the tests (unless told `--test it`).

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::given::At;

struct Example(Child);

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts an example in a folder of its own.
fn start(name: &str) -> (Example, At) {
    let folder = std::env::temp_dir().join(format!("kernia-rocket-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("examples").join(name);
    assert!(program.exists(), "cargo build --examples makes {}", program.display());
    let mut command = Command::new(program);
    command.current_dir(folder).env("BETTER_AUTH_SECRET", "a-secret-that-is-only-for-tests-0123456789");
    command.env("BETTER_AUTH_URL", "http://localhost:3000").env("ROCKET_PORT", "0").env("ROCKET_CLI_COLORS", "false");
    let mut example = Example(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(example.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| Some(line.split_once("launched from http://")?.1.parse().unwrap()));
    // What nobody reads must not fill the pipe.
    std::thread::spawn(move || lines.count());
    (example, At { address: address.unwrap() })
}

#[tokio::test]
async fn the_protected_example_protects() {
    let (_example, server) = start("protected");
    assert_eq!(server.get("/hello", None).await.status, 401);
    let sign_up = json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse"});
    let cookie = server.post("/api/auth/sign-up/email", &sign_up.to_string()).await.cookie();
    assert_eq!(server.ask("GET", "/hello", &cookie, "").await.told(), (200, "Hello Ada!"));
}

#[tokio::test]
async fn the_complete_example_does_what_it_shows() {
    let (_example, server) = start("complete");
    assert_eq!(server.get("/", None).await.told(), (200, "Hello, stranger!"));
    let answer = server.get("/me", None).await;
    assert_eq!((answer.status, answer.header("content-type")), (401, vec!["application/problem+json"]));
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    let told = json!({"type": "UNAUTHORIZED", "title": "Unauthorized", "status": 401, "instance": "/me"});
    assert_eq!(problem, told);

    let sign_up = |email: &str| {
        json!({"name": "Ada", "email": email, "password": "correct horse", "username": "ada_l", "plan": "team"})
            .to_string()
    };
    let refused = server.post("/api/auth/sign-up/email", &sign_up("ada@elsewhere.test")).await;
    assert!(refused.status == 403 && refused.body.contains("NOT_INVITED"), "{refused:?}");
    let answer = server.post("/api/auth/sign-up/email", &sign_up("ada@example.com")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let sign_in = json!({"username": "ada_l", "password": "correct horse"}).to_string();
    let cookie = server.post("/api/auth/sign-in/username", &sign_in).await.cookie();

    let ask = async |method: &str, path: &str| server.ask(method, path, &cookie, "").await;
    assert_eq!(ask("GET", "/").await.told(), (200, "Hello Ada!"));
    let me: Value = serde_json::from_str(&ask("GET", "/me").await.body).unwrap();
    assert_eq!((&me["email"], &me["plan"]), (&json!("ada@example.com"), &json!("team")));
    assert_eq!(ask("GET", "/plan").await.told(), (200, "team"));
    assert_eq!(ask("POST", "/danger").await.status, 204);
    let answer = ask("GET", "/verified").await;
    assert!(answer.status == 403 && answer.body.contains("EMAIL_NOT_VERIFIED"), "{answer:?}");
    assert_eq!(ask("GET", "/sessions").await.told(), (200, r#"{"sessions":2}"#));
}
