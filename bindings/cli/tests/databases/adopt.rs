//! Golden databases on servers.

use super::{
    golden::{BASE_URL, Golden, SIGN_UP, serves},
    place::{Kind, Place},
    server::{Folder, run_with},
};

/// Adopts one, which stays as it is, serves it, and answers what was said.
async fn adopt(name: &str, sign_up: &str, edit: impl Fn(&Folder)) -> String {
    let (folder, golden, place) = (Folder::new(name), Golden::read(name), Place::new(Kind::Postgres));
    place.run(&golden.sql);
    let mut environment = golden.environment();
    let arguments = ["adopt", &place.url, "--base-url", BASE_URL, "--yes"];
    let tables = "select string_agg(table_name || '.' || column_name || data_type || is_nullable, ',' order by 1) from \
                  information_schema.columns where table_schema = 'public'";
    let before = place.run(tables);
    let (code, said) = run_with(&folder, &arguments, &environment);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(place.run(tables), before);
    assert!(said.contains("  missing             nothing\n"), "{said}");
    environment.push(place.environment());
    assert_eq!(run_with(&folder, &["migrate", "--dry-run"], &environment).0, Some(0));
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
