//! Golden databases on servers.

use super::{
    golden::{BASE_URL, Golden, SIGN_UP, serves},
    place::{Kind, Place},
    server::{Folder, run_with},
};

/// Adopts one, which stays as it is, serves it, and answers what was said.
async fn adopt(name: &str, sign_up: &str, edit: impl Fn(&Folder)) -> String {
    let kind = if name.contains("mysql") { Kind::MySql } else { Kind::Postgres };
    let (folder, golden, place) = (Folder::new(name), Golden::read(name), Place::new(kind));
    place.run(&golden.sql);
    let mut environment = golden.environment();
    let arguments = ["adopt", &place.url, "--base-url", BASE_URL, "--yes"];
    let tables = "select table_name, column_name, data_type, is_nullable from information_schema.columns \
                  where table_schema in ('public', database()) order by 1, 2";
    let tables =
        if kind == Kind::Postgres { tables.replace("database()", "current_schema()") } else { tables.to_owned() };
    let before = place.run(&tables);
    let (code, said) = run_with(&folder, &arguments, &environment);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(place.run(&tables), before);
    let complete = golden.is_complete();
    assert_eq!(said.contains("  missing             nothing\n"), complete, "{said}");
    environment.push(place.environment());
    assert_eq!(run_with(&folder, &["migrate", "--dry-run"], &environment).0 == Some(0), complete);
    edit(&folder);
    serves(&folder, &golden, &environment, sign_up).await;
    said
}

#[tokio::test]
async fn one_of_1_4() {
    let said = adopt("1.4.22-postgres.sql", SIGN_UP, |_| {}).await;
    assert!(said.contains("  names               camelCase\n  ids                 text\n"), "{said}");
}

#[tokio::test]
async fn one_of_1_6_with_snake_case_and_uuids() {
    let said = adopt("1.6.33-postgres.sql", SIGN_UP, |_| {}).await;
    assert!(said.contains("  names               snake_case\n  ids                 UUIDs\n"), "{said}");
}

#[tokio::test]
async fn one_of_1_7_with_additional_fields() {
    let said = adopt("1.7.25-postgres.sql", SIGN_UP, |folder| folder.choose_plan()).await;
    assert!(said.contains("user.lang (string), user.plan (string, required), user.logins (number)"), "{said}");
}

#[tokio::test]
async fn one_of_1_7_1_with_rows_that_are_numbered() {
    let said = adopt("1.7.1-postgres.sql", SIGN_UP, |_| {}).await;
    assert!(said.contains("numbers that the database counts") && said.contains("account.issuer is required"), "{said}");
}

#[tokio::test]
async fn one_of_1_7_on_mysql() {
    let said = adopt("1.7.25-mysql.sql", SIGN_UP, |_| {}).await;
    assert!(said.contains("  names               camelCase\n"), "{said}");
}
