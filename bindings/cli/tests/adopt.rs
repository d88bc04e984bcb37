//! Databases of real Better Auth releases (tests/golden), adopted and served.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod golden;
mod server;

use std::fs;

use golden::{BASE_URL, Golden, SIGN_UP, serves};
use rusqlite::Connection;
use server::{Folder, run, run_with};

fn load_sqlite(folder: &Folder, golden: &Golden) {
    Connection::open(folder.path("app.db")).unwrap().execute_batch(&golden.sql).unwrap();
}

/// Adopts a SQLite one, which stays as it is, and answers what was said.
fn adopt_sqlite(folder: &Folder, golden: &Golden) -> String {
    load_sqlite(folder, golden);
    let before = fs::read(folder.path("app.db")).unwrap();
    let (code, said) = run(folder, &["adopt", "sqlite:app.db"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("no terminal") && !folder.path("kernia.toml").exists(), "{said}");
    let (code, said) = run(folder, &["adopt", "sqlite:app.db", "--base-url", BASE_URL, "--yes"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read(folder.path("app.db")).unwrap(), before, "the database stays as it is");
    let complete = golden.is_complete();
    assert_eq!(said.contains("  missing             nothing\n"), complete, "{said}");
    assert!(said.contains("banned users, who could sign in (1)"), "{said}");
    for plugin in ["username", "admin", "organization (invitation, member, organization)", "two-factor (twoFactor)"] {
        assert!(said.contains(plugin), "{plugin}: {said}");
    }
    assert!(!said.contains(golden.fact("secret")) && !said.contains('\x1b'), "{said}");

    let (code, said_again) = run(folder, &["adopt", "sqlite:app.db", "--yes"]);
    assert_eq!(code, Some(2), "a file that is there stays: {said_again}");
    let (code, info) = run_with(folder, &["info", "--json"], &golden.environment());
    assert_eq!(code, Some(0), "{info}");
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    assert_eq!(info["schema"]["matches"], complete);
    assert_eq!(run(folder, &["migrate", "--dry-run"]).0 == Some(0), complete);
    said
}

#[tokio::test]
async fn a_database_of_1_4_with_additional_fields() {
    let (folder, golden) = (Folder::new("golden-1.4"), Golden::read("1.4.22-sqlite.sql"));
    let said = adopt_sqlite(&folder, &golden);
    assert!(said.contains("user.lang (string), user.plan (string, required), user.logins (number)"), "{said}");
    assert!(said.contains("user.plan is required and has no default, so nobody can sign up"), "{said}");
    folder.choose_plan();
    serves(&folder, &golden, &golden.environment(), SIGN_UP).await;
    let database = Connection::open(folder.path("app.db")).unwrap();
    let lang: String = database.query_row("select lang from user where name = 'ada'", [], |row| row.get(0)).unwrap();
    assert_eq!(lang, "en");
}

#[tokio::test]
async fn a_database_of_1_6_with_own_names() {
    let (folder, golden) = (Folder::new("golden-1.6"), Golden::read("1.6.33-sqlite.sql"));
    let said = adopt_sqlite(&folder, &golden);
    assert!(said.contains("own names for user as people, session as logins"), "{said}");
    serves(&folder, &golden, &golden.environment(), SIGN_UP).await;
}

#[tokio::test]
async fn a_database_of_1_7_1_that_wants_an_issuer() {
    let (folder, golden) = (Folder::new("golden-1.7.1"), Golden::read("1.7.1-sqlite.sql"));
    let said = adopt_sqlite(&folder, &golden);
    assert!(said.contains("account.issuer is required"), "{said}");
    serves(&folder, &golden, &golden.environment(), SIGN_UP).await;
    let database = Connection::open(folder.path("app.db")).unwrap();
    let issuers: u32 = database
        .query_row("select count(*) from account where issuer = 'local:credential'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(issuers, 5, "Better Auth 1.7.1 finds the new account like its own");
}

#[tokio::test]
async fn a_database_of_1_7_whose_rows_it_numbers() {
    let (folder, golden) = (Folder::new("golden-1.7"), Golden::read("1.7.25-sqlite.sql"));
    let said = adopt_sqlite(&folder, &golden);
    assert!(said.contains("numbers that the database counts"), "{said}");
    serves(&folder, &golden, &golden.environment(), SIGN_UP).await;
}

#[test]
fn what_is_no_database_of_better_auth_is_left_alone() {
    let folder = Folder::new("adopt-none");
    let (code, said) = run(&folder, &["adopt", "sqlite:missing.db", "--yes"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(!folder.path("missing.db").exists());
    Connection::open(folder.path("app.db"))
        .unwrap()
        .execute_batch("create table orders (id text, total integer)")
        .unwrap();
    let (code, said) = run(&folder, &["adopt", "sqlite:app.db", "--yes"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("no database of Better Auth: it has no table user"), "{said}");
    assert!(!folder.path("kernia.toml").exists());
    let (code, said) = run(&folder, &["adopt", "redis://:hunter2@host", "--yes"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}
