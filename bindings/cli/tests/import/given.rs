//! A server's configuration, a look into its database, and signing in.

use std::fs;

use serde_json::json;

use crate::{
    exports::{PEPPER, SIGNER_KEY},
    server::{Folder, Server},
};

const CONFIG: &str = r#"
    secret = "env:BETTER_AUTH_SECRET"
    base_url = "http://localhost:3000"
    [email_and_password]
    enabled = true
    [email_and_password.password]
    memory_kib = 32
    iterations = 1
    peppers = { app = "PEPPER", devise = "PEPPER" }
    firebase_signer_keys = { app = "SIGNER_KEY", firebase = "SIGNER_KEY" }
    [rate_limit]
    enabled = false
    [server]
    listen = "127.0.0.1:0"
    [database]
    url = "sqlite:users.db"
    [log]
    level = "warn"
    [plugins.username]
"#;

/// A folder with a configuration in it.
pub(crate) fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    let config = CONFIG.replace("PEPPER", PEPPER).replace("SIGNER_KEY", SIGNER_KEY);
    fs::write(folder.path("kernia.toml"), config).unwrap();
    folder
}

pub(crate) fn rows(folder: &Folder, query: &str) -> Vec<Vec<String>> {
    let connection = rusqlite::Connection::open(folder.path("users.db")).unwrap();
    let mut statement = connection.prepare(query).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        (0..columns).map(|at| Ok(row.get::<_, Option<String>>(at)?.unwrap_or_default())).collect()
    };
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

pub(crate) fn number(folder: &Folder, query: &str) -> usize {
    rows(folder, &format!("select cast(({query}) as text)"))[0][0].parse().unwrap()
}

/// The stored hash of the user with this address.
pub(crate) fn stored(folder: &Folder, email: &str) -> String {
    let query = format!(
        "select a.password from account a join user u on a.userId = u.id where u.email = '{email}' and a.providerId = 'credential'"
    );
    rows(folder, &query).remove(0).remove(0)
}

/// Signs in twice, and sees to it that the first time has replaced the hash.
pub(crate) async fn sign_in_twice(folder: &Folder, server: &Server, email: &str, password: &str) {
    let before = stored(folder, &email.to_lowercase());
    let wrong = json!({"email": email, "password": format!("{password}!")}).to_string();
    assert_eq!(server.post("/sign-in/email", &wrong, &[]).await.status, 401, "{email}");
    assert_eq!(stored(folder, &email.to_lowercase()), before);
    for _ in 0..2 {
        let right = json!({"email": email, "password": password}).to_string();
        let answer = server.post("/sign-in/email", &right, &[]).await;
        assert_eq!(answer.status, 200, "{email} {before} {}", answer.body);
        let now = stored(folder, &email.to_lowercase());
        assert!(now.starts_with("$argon2id$v=19$m=32,t=1,p=1$") && now != before, "{email} {before} {now}");
    }
}
