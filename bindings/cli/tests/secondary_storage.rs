//! Servers that share a database and Redis.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod server;

use std::{
    fs, process,
    time::{SystemTime, UNIX_EPOCH},
};

use server::{Folder, Server, run};

const SIGN_UP: &str = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;
const SIGN_IN: &str = r#"{"email":"ada@example.com","password":"correct horse"}"#;

fn redis() -> String {
    std::env::var("KERNIA_TEST_REDIS").expect("start the servers with tests/servers and source their env")
}

fn configure(folder: &Folder, url: &str) {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let config = format!(
        r#"
        mode = "production"
        secret = "env:BETTER_AUTH_SECRET"
        base_url = "http://localhost:3000"
        [email_and_password]
        enabled = true
        [advanced.ip_address]
        use_peer_address = true
        [secondary_storage]
        url = "{url}"
        key_prefix = "cli-{}-{nanos}:"
        "#,
        process::id()
    );
    fs::write(folder.path("kernia.toml"), config).unwrap();
}

#[tokio::test]
async fn servers_honour_each_others_sessions_and_their_ends() {
    let folder = Folder::new("secondary");
    configure(&folder, &redis());
    let serve = || Server::start(&folder, &["serve", "--listen", "127.0.0.1:0"]);
    let (one, other) = (serve(), serve());
    let origin = ("origin", "http://localhost:3000");

    let answer = one.post("/sign-up/email", SIGN_UP, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.cookie("better-auth.session_token");
    let signed_in = [("cookie", cookie.as_str()), origin];
    assert!(other.get("/get-session", &signed_in).await.body.contains("ada@example.com"));
    assert_eq!(other.post("/update-user", r#"{"name":"Countess"}"#, &signed_in).await.status, 200);
    assert!(one.get("/get-session", &signed_in).await.body.contains("Countess"), "the copy is the original again");

    let second = other.post("/sign-in/email", SIGN_IN, &[]).await.cookie("better-auth.session_token");
    let listed = one.get("/list-sessions", &signed_in).await.body;
    assert_eq!(listed.matches("\"token\"").count(), 2, "{listed}");
    assert_eq!(one.post("/revoke-other-sessions", "{}", &signed_in).await.body, r#"{"status":true}"#);
    assert_eq!(other.get("/get-session", &[("cookie", &second)]).await.body, "null");
    assert_eq!(other.post("/sign-out", "{}", &signed_in).await.body, r#"{"success":true}"#);
    assert_eq!(one.get("/get-session", &signed_in).await.body, "null");

    // Counters are there too, unless something else is said: four sign-ins in ten seconds are one too many.
    let mut statuses = Vec::new();
    for server in [&one, &other, &one, &other] {
        statuses.push(server.post("/sign-in/email", SIGN_IN, &[]).await.status);
    }
    assert_eq!(statuses[3], 429, "{statuses:?}");
    for server in [one, other] {
        let (code, log) = server.stop();
        assert_eq!(code, Some(0), "{log}");
    }
    let (code, said) = run(&folder, &["info"]);
    assert!(said.contains("secondary storage") && said.contains("redis"), "{code:?} {said}");
}

#[test]
fn secondary_storage_that_is_not_there_is_told() {
    let folder = Folder::new("no-secondary");
    configure(&folder, "redis://:hunter2@127.0.0.1:1/0");
    let (code, said) = run(&folder, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error: secondary_storage: ") && !said.contains("hunter2"), "{said}");
}
