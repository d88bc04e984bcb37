//! The command with MongoDB.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(all(unix, feature = "mongodb"))]

mod server;

use std::{fs, time::UNIX_EPOCH};

use server::{Folder, Server, run, run_with};

const CONFIG: &str = r#"
mode = "development"
secret = "env:BETTER_AUTH_SECRET"
base_url = "http://localhost:3000"
[email_and_password]
enabled = true
[server]
listen = "127.0.0.1:0"
[database]
url = "env:DATABASE_URL"
"#;

/// A database of its own, in the environment.
fn database() -> (&'static str, String) {
    let Ok(url) = std::env::var("KERNIA_TEST_MONGODB") else {
        panic!("start the servers with tests/servers and source their env");
    };
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    ("DATABASE_URL", url.replace("/?", &format!("/cli{}_{since}?", std::process::id())))
}

#[tokio::test]
async fn mongodb_is_served_with_ids_as_the_reference_makes_them_there() {
    let folder = Folder::new("mongodb");
    fs::write(folder.path("kernia.toml"), CONFIG).unwrap();
    let environment = [database()];
    let server = Server::start_with(&folder, &["serve"], &environment);
    let origin = [("origin", "http://localhost:3000")];
    let sign_up = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;
    let answer = server.post("/sign-up/email", sign_up, &origin).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let again = server.post("/sign-up/email", sign_up, &origin).await;
    assert_eq!(again.status, 422, "{}", again.body);
    let cookie = answer.cookie("better-auth.session_token");
    let session = server.get("/get-session", &[("cookie", &cookie)]).await;
    let session: serde_json::Value = serde_json::from_str(&session.body).unwrap();
    let id = session["user"]["id"].as_str().unwrap();
    assert!(id.len() == 24 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
    assert_eq!(session["session"]["userId"], id);
    assert_eq!(server.post("/sign-out", "{}", &[("cookie", &cookie), origin[0]]).await.status, 200);
    assert_eq!(server.get("/get-session", &[("cookie", &cookie)]).await.body, "null");
    let (code, log) = server.stop();
    assert!(code == Some(0) && log.contains("indexes were made"), "{log}");

    let (code, said) = run_with(&folder, &["doctor"], &environment);
    assert!(code == Some(0) && said.contains("schema: the database has all indexes that are needed"), "{said}");
}

#[test]
fn mongodb_that_does_not_answer_is_told_without_its_password() {
    let folder = Folder::new("mongodb-gone");
    let gone = CONFIG.replace(
        "env:DATABASE_URL",
        "mongodb://me:hunter2@127.0.0.1:1/auth?connectTimeoutMS=100&serverSelectionTimeoutMS=200",
    );
    fs::write(folder.path("kernia.toml"), gone).unwrap();
    for command in ["serve", "doctor"] {
        let (code, said) = run(&folder, &[command]);
        assert!(code == Some(1) && said.contains("mongodb://127.0.0.1:1/auth") && !said.contains("hunter2"), "{said}");
    }
}
