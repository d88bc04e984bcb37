//! The command as people and programs run it.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod server;

use std::fs;

use server::{Folder, SECRET, Server, run};

const SIGN_UP: &str = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;

#[tokio::test]
async fn the_first_start_needs_nothing() {
    let folder = Folder::new("first");
    let server = Server::start(&folder, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(server.said.contains("curl -c jar http://localhost:"), "{}", server.said);
    let origin = format!("http://127.0.0.1:{}", server.port);

    let answer = server.post("/sign-up/email", SIGN_UP, &[("origin", &origin)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.cookie("better-auth.session_token");
    let answer = server.get("/get-session", &[("cookie", &cookie)]).await;
    let session: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(session["user"]["email"], "ada@example.com");
    let with_cookie = [("cookie", cookie.as_str()), ("origin", &origin)];
    assert_eq!(server.post("/sign-out", "{}", &with_cookie).await.body, r#"{"success":true}"#);
    assert_eq!(server.get("/get-session", &[("cookie", &cookie)]).await.body, "null");

    let reset = r#"{"email":"ada@example.com","redirectTo":"/reset"}"#;
    assert_eq!(server.post("/request-password-reset", reset, &[("origin", &origin)]).await.status, 200);
    let (code, log) = server.stop();
    assert_eq!(code, Some(0), "{log}");
    let link = format!("http://localhost:{}/api/auth/reset-password/", origin.rsplit(':').next().unwrap());
    assert!(log.contains(&link), "the link is in the log: {log}");
    assert!(folder.path("kernia.db").exists());
    let secret = fs::read_to_string(folder.path(".kernia/secret")).unwrap();
    assert!(!log.contains(secret.trim()));

    // What was made is used again.
    let server = Server::start(&folder, &["serve", "--listen", "127.0.0.1:0"]);
    let sign_in = r#"{"email":"ada@example.com","password":"correct horse"}"#;
    assert_eq!(server.post("/sign-in/email", sign_in, &[]).await.status, 200);
    assert_eq!(fs::read_to_string(folder.path(".kernia/secret")).unwrap(), secret);
    assert_eq!(server.stop().0, Some(0));
}

#[tokio::test]
async fn a_file_decides_everything() {
    let folder = Folder::new("file");
    let outbox = folder.path("outbox.jsonl");
    let config = format!(
        r#"
        mode = "production"
        secret = "env:BETTER_AUTH_SECRET"
        base_url = "http://localhost:3000"
        base_path = "/auth"
        [email_and_password]
        enabled = true
        send_reset_password = true
        [rate_limit]
        enabled = false
        [server]
        listen = "127.0.0.1:0"
        [database]
        url = "sqlite:{}"
        [delivery]
        kind = "file"
        path = "{}"
        [log]
        level = "info,kernia::request=debug"
        [plugins.username]
        [plugins.bearer]
        "#,
        folder.path("other.db").display(),
        outbox.display(),
    );
    fs::write(folder.path("my.toml"), config).unwrap();
    let server = Server::start(&folder, &["serve", "--config", "my.toml"]);
    assert_eq!(server.said.lines().count(), 1, "{}", server.said);
    assert!(server.said.ends_with("/auth\n"), "{}", server.said);
    let body = SIGN_UP.replace("\"name\"", "\"username\":\"ada_l\",\"name\"");
    let answer = server.request("POST", "/auth/sign-up/email", &body, &[("x-request-id", "me-1")]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("x-request-id"), "me-1");
    let sign_in = r#"{"username":"ADA_L","password":"correct horse"}"#;
    let answer = server.request("POST", "/auth/sign-in/username", sign_in, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!answer.header("set-auth-token").is_empty());
    let reset = r#"{"email":"ada@example.com"}"#;
    assert_eq!(server.request("POST", "/auth/request-password-reset", reset, &[]).await.status, 200);
    let (code, log) = server.stop();
    assert_eq!(code, Some(0));
    // What waited to be delivered was delivered before the end.
    let line = fs::read_to_string(&outbox).unwrap();
    let message: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(message["kind"], "reset-password");
    assert_eq!(message["to"], "ada@example.com");
    let answered = log.lines().find(|line| line.contains("answered")).unwrap();
    let answered: serde_json::Value = serde_json::from_str(answered).unwrap();
    assert_eq!(answered["span"]["id"], "me-1");
    assert_eq!(answered["route"], "/sign-up/email");
    assert_eq!(answered["status"], 200);
    for secret in [SECRET, "correct horse", message["token"].as_str().unwrap()] {
        assert!(!log.contains(secret), "{log}");
    }
    assert!(folder.path("other.db").exists() && !folder.path(".kernia").exists());
}

#[test]
fn an_open_address_needs_a_base_url() {
    let folder = Folder::new("open");
    let (code, said) = run(&folder, &["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("base_url is missing"), "{said}");
    assert!(!folder.path(".kernia").exists() && !folder.path("kernia.db").exists());
}

#[test]
fn a_wrong_file_is_refused_with_the_place() {
    let folder = Folder::new("wrong");
    fs::write(folder.path("kernia.toml"), "[server]\nlistn = \"127.0.0.1:0\"\n").unwrap();
    let (code, said) = run(&folder, &["serve"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("--> kernia.toml:2:1") && said.contains("did you mean `listen`?"), "{said}");
    let (code, said) = run(&folder, &["serve", "--config", "missing.toml"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("missing.toml"), "{said}");
}

#[test]
fn a_database_that_lacks_tables_is_refused_when_it_must_not_be_changed() {
    let folder = Folder::new("lacking");
    let config =
        "secret = \"env:BETTER_AUTH_SECRET\"\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\nauto_migrate = false\n";
    fs::write(folder.path("kernia.toml"), config).unwrap();
    let (code, said) = run(&folder, &["serve"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("auto_migrate = true"), "{said}");
}

#[test]
fn secrets_are_printed_one_a_line() {
    let folder = Folder::new("secret");
    let (code, first) = run(&folder, &["secret"]);
    assert_eq!((code, first.trim().len()), (Some(0), 43), "{first}");
    assert_ne!(first, run(&folder, &["secret"]).1);
}
