//! `kernia generate`, `migrate` and `info`, as people and programs run them.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod server;

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use rusqlite::Connection;
use server::{Folder, SECRET, Server, run};

const CONFIG: &str = "secret = \"env:BETTER_AUTH_SECRET\"\nmode = \"development\"\n[email_and_password]\nenabled = true\n\
                      [server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"sqlite:app.db\"\nauto_migrate = false\n";
const WITH_PLUGIN: &str =
    "[plugins.username]\n[user.additional_fields]\nplan = { type = \"string\", default_value = \"it's; free\" }\n";

fn configure(folder: &Folder, with_plugin: bool) {
    let text = if with_plugin { format!("{CONFIG}{WITH_PLUGIN}") } else { CONFIG.to_owned() };
    fs::write(folder.path("kernia.toml"), text).unwrap();
}

fn json(folder: &Folder, arguments: &[&str]) -> serde_json::Value {
    let (code, said) = run(folder, arguments);
    assert_eq!(code, Some(0), "{said}");
    serde_json::from_str(&said).unwrap()
}

/// Every file below `path`, with its text.
fn files(path: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if file.is_dir() {
                folders.push(file);
            } else {
                let name = file.strip_prefix(path).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(file).unwrap());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_database_is_migrated_once_and_keeps_its_rows() {
    let folder = Folder::new("migrate");
    configure(&folder, false);
    let (code, said) = run(&folder, &["migrate", "--dry-run"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("create table \"user\"") && said.contains("needs 7 changes"), "{said}");
    let (code, said) = run(&folder, &["migrate"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("no terminal") && said.contains("--yes"), "{said}");
    assert!(!folder.path("app.db").exists(), "looking makes no file");
    let (code, said) = run(&folder, &["migrate", "--yes"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("Made 7 changes to sqlite:app.db.\n"), "{said}");
    assert!(!said.contains('\x1b'), "colors are for terminals: {said:?}");
    let (code, said) = run(&folder, &["migrate"]);
    assert_eq!((code, said.as_str()), (Some(0), "Up to date: sqlite:app.db has all that it needs.\n"));

    let server = Server::start(&folder, &["serve"]);
    for number in 0..20 {
        let body = format!("{{\"name\":\"Ada\",\"email\":\"ada{number}@example.com\",\"password\":\"correct horse\"}}");
        assert_eq!(server.post("/sign-up/email", &body, &[]).await.status, 200);
    }
    assert_eq!(server.stop().0, Some(0));

    configure(&folder, true);
    let (code, said) = run(&folder, &["serve"]);
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = run(&folder, &["migrate", "--yes"]);
    assert_eq!(code, Some(0), "{said}");
    let statements: Vec<_> = said.lines().filter(|line| line.starts_with("  ")).map(str::trim).collect();
    assert_eq!(
        statements,
        [
            "alter table \"user\" add column \"plan\" text default 'it''s; free' not null;",
            "alter table \"user\" add column \"username\" text;",
            "alter table \"user\" add column \"displayUsername\" text;",
            "create unique index \"user_username_uidx\" on \"user\" (\"username\");",
        ]
    );
    assert_eq!(run(&folder, &["migrate", "--dry-run"]).0, Some(0));
    let server = Server::start(&folder, &["serve"]);
    let sign_in = r#"{"email":"ada19@example.com","password":"correct horse"}"#;
    let answer = server.post("/sign-in/email", sign_in, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("it's; free"), "{}", answer.body);
    assert_eq!(server.stop().0, Some(0));
    let database = Connection::open(folder.path("app.db")).unwrap();
    let rows: u32 = database.query_row("select count(*) from user", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 20);
}

#[test]
fn a_person_is_asked() {
    let folder = Folder::new("asked");
    configure(&folder, false);
    let ask = |answer: &str| {
        let command = format!("printf '{answer}' | script -qec 'kernia migrate' /dev/null");
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(folder.path(""))
            .env("BETTER_AUTH_SECRET", SECRET)
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", Path::new(env!("CARGO_BIN_EXE_kernia")).parent().unwrap().display()),
            )
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = ask("n\\n");
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("Make 7 changes to sqlite:app.db? [y/N]") && said.contains('\x1b'), "{said}");
    assert!(!folder.path("app.db").exists());
    let (code, said) = ask("y\\n");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(run(&folder, &["migrate", "--dry-run"]).0, Some(0));
}

#[test]
fn what_a_person_must_settle_stops_everything() {
    let folder = Folder::new("settle");
    configure(&folder, true);
    let database = Connection::open(folder.path("app.db")).unwrap();
    database
        .execute_batch(
            "create table account (id text primary key not null, issuer text not null, accountId text not null)",
        )
        .unwrap();
    for arguments in [&["migrate", "--yes"][..], &["generate"], &["migrate", "--dry-run"]] {
        let (code, said) = run(&folder, arguments);
        assert_eq!(code, Some(4), "{said}");
        assert!(said.contains("\n  - column account.issuer is required but never written"), "{said}");
    }
    let tables: u32 =
        database.query_row("select count(*) from sqlite_schema where type = 'table'", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
    let info = json(&folder, &["info", "--json"]);
    assert_eq!(info["schema"]["matches"], false);
    assert_eq!(info["schema"]["obstacles"].as_array().unwrap().len(), 1);
}

#[test]
fn migrations_are_written_once_and_grow_with_the_plugins() {
    for (format, first, second) in [
        ("sqlx", &["0001_kernia.sql"][..], &["0002_kernia.sql"][..]),
        ("refinery", &["V1__kernia.sql"], &["V2__kernia.sql"]),
        (
            "diesel",
            &["00000000000001_kernia/down.sql", "00000000000001_kernia/up.sql"],
            &["00000000000002_kernia/down.sql", "00000000000002_kernia/up.sql"],
        ),
    ] {
        let folder = Folder::new(&format!("generate-{format}"));
        for (dialect, out) in [("sqlite", "lite"), ("postgres", "pg"), ("mysql", "my")] {
            configure(&folder, false);
            let arguments = ["generate", "--from-empty", "--format", format, "--dialect", dialect, "--out", out];
            let (code, said) = run(&folder, &arguments);
            assert_eq!(code, Some(0), "{said}");
            let written = files(&folder.path(out));
            assert_eq!(written.keys().collect::<Vec<_>>(), first);
            let (code, said) = run(&folder, &arguments);
            assert_eq!(code, Some(0), "{said}");
            assert!(said.starts_with("Nothing to write"), "{said}");
            assert_eq!(files(&folder.path(out)), written);

            configure(&folder, true);
            assert_eq!(run(&folder, &arguments).0, Some(0));
            let grown = files(&folder.path(out));
            assert!(written.iter().all(|(name, text)| grown.get(name) == Some(text)), "files that are there stay");
            let new: Vec<_> = grown.keys().filter(|name| !written.contains_key(*name)).collect();
            assert_eq!(new, second);
            let added = &grown[second[second.len() - 1]];
            assert_eq!(added.matches("alter table").count(), 3, "{added}");
            assert!(!added.contains("create table"), "{added}");
            assert!(run(&folder, &arguments).1.starts_with("Nothing to write"));

            // The same input gives the same bytes.
            let again = Folder::new(&format!("again-{format}-{dialect}"));
            for with_plugin in [false, true] {
                configure(&again, with_plugin);
                assert_eq!(run(&again, &arguments).0, Some(0));
            }
            assert_eq!(files(&again.path(out)), grown);
        }
        // What is written makes the database that the schema wants.
        let database = Connection::open(folder.path("app.db")).unwrap();
        for (name, text) in files(&folder.path("lite")) {
            let done = database.execute_batch(&text);
            assert_eq!(done.is_ok(), !name.ends_with("down.sql"), "{name}: {done:?}");
        }
        assert_eq!(run(&folder, &["migrate", "--dry-run"]).0, Some(0));
    }
}

#[test]
fn reversible_migrations_stay_reversible_in_form() {
    let folder = Folder::new("reversible");
    configure(&folder, false);
    fs::create_dir_all(folder.path("migrations")).unwrap();
    for name in ["20260101120000_mine.up.sql", "20260101120000_mine.down.sql"] {
        fs::write(folder.path("migrations").join(name), "select 1;").unwrap();
    }
    let (code, said) = run(&folder, &["generate", "--format", "sqlx", "--name", "auth"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("migrations/20260101120001_auth.up.sql\nmigrations/20260101120001_auth.down.sql"), "{said}");
    let (code, said) = run(&folder, &["generate", "--format", "sqlx", "--name", "../auth"]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn what_was_generated_but_not_yet_run_is_not_generated_again() {
    let folder = Folder::new("pending");
    configure(&folder, false);
    let generate = ["generate", "--format", "refinery"];
    assert!(run(&folder, &generate).1.contains("V1__kernia.sql"));
    let (code, said) = run(&folder, &generate);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("nothing is missing from sqlite:app.db with the migrations in migrations"), "{said}");
    assert!(!folder.path("app.db").exists());
}

#[test]
fn plain_sql_goes_to_standard_output_or_a_file() {
    let folder = Folder::new("plain");
    configure(&folder, false);
    let (code, said) = run(&folder, &["generate"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("-- Written by kernia generate, for SQLite."), "{said}");
    let to_file = ["generate", "--from-empty", "--out", "schema.sql"];
    assert_eq!(run(&folder, &to_file), (Some(0), "Wrote schema.sql\n".to_owned()));
    assert_eq!(fs::read_to_string(folder.path("schema.sql")).unwrap(), said);
    assert!(run(&folder, &to_file).1.starts_with("Nothing to write"));
    configure(&folder, true);
    assert_eq!(run(&folder, &to_file).0, Some(0));
    assert!(fs::read_to_string(folder.path("schema.sql")).unwrap().contains("displayUsername"));
    fs::write(folder.path("schema.sql"), "-- mine").unwrap();
    let (code, said) = run(&folder, &to_file);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(fs::read_to_string(folder.path("schema.sql")).unwrap(), "-- mine");

    let database = Connection::open(folder.path("app.db")).unwrap();
    database
        .execute_batch("create table verification (id text primary key not null, identifier text, value blob not null)")
        .unwrap();
    let (code, said) = run(&folder, &["generate"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning: column verification.value has the type BLOB"), "{said}");
    database.execute_batch("drop table verification").unwrap();
    database.execute_batch(&run(&folder, &["generate"]).1).unwrap();
    assert_eq!(run(&folder, &["generate"]).1, "-- Nothing to write: nothing is missing from sqlite:app.db.\n");
    let (code, said) = run(&folder, &["generate", "--dialect", "postgres"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--from-empty"), "{said}");
}

#[test]
fn a_server_is_told_about_without_its_secrets() {
    let folder = Folder::new("info");
    configure(&folder, true);
    let delivery = "[delivery]\nkind = \"smtp\"\nhost = \"smtp.example.com\"\nfrom = \"a@example.com\"\npassword = \"hunter2\"\nusername = \"me\"\n";
    let text = fs::read_to_string(folder.path("kernia.toml")).unwrap() + delivery;
    fs::write(folder.path("kernia.toml"), text).unwrap();
    let info = json(&folder, &["info", "--json"]);
    assert!(!folder.path("app.db").exists(), "looking makes no file");
    assert_eq!(info["format"], 1);
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["delivery"], "smtp");
    assert_eq!(info["database"]["adapter"], "sqlite");
    assert_eq!(info["plugins"][0]["id"], "username");
    assert_eq!(info["plugins"][0]["options"]["min_username_length"], 3);
    assert_eq!(info["options"]["secret"], "[secret]");
    assert_eq!(info["schema"]["matches"], false);
    assert_eq!(info["schema"]["missing"][0], serde_json::json!({ "kind": "table", "table": "user" }));
    let user = &info["schema"]["tables"][0];
    let by = |field: &str| {
        let fields = user["fields"].as_array().unwrap();
        fields.iter().find(|known| known["name"] == field).unwrap()["contributor"].as_str().unwrap().to_owned()
    };
    assert_eq!(user["contributor"], "core");
    assert_eq!([by("email"), by("plan"), by("username")], ["core", "application", "username"]);
    for said in [info.to_string(), run(&folder, &["info"]).1] {
        for secret in [SECRET, "hunter2"] {
            assert!(!said.contains(secret), "{said}");
        }
    }

    assert_eq!(run(&folder, &["migrate", "--yes"]).0, Some(0));
    let info = json(&folder, &["info", "--json"]);
    assert_eq!((&info["schema"]["matches"], &info["schema"]["missing"]), (&true.into(), &serde_json::json!([])));
    assert!(info["database"]["version"].is_string());
    let (_, said) = run(&folder, &["info"]);
    assert!(said.contains("the database has all that it needs") && said.contains("plugin username"), "{said}");
    assert!(said.contains("additional field") && said.contains("email_and_password.enabled = true"), "{said}");
}

#[test]
fn a_database_that_is_none_is_said_to_be() {
    let folder = Folder::new("broken");
    configure(&folder, false);
    fs::write(folder.path("app.db"), "this is no database, but text that is long enough to look like a header of one")
        .unwrap();
    let (code, said) = run(&folder, &["migrate", "--yes"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("error: sqlite:app.db: "), "{said}");
    let (code, said) = run(&folder, &["info", "--json"]);
    assert_eq!(code, Some(1), "{said}");
    let (told, why) = said.rsplit_once("\nerror: ").unwrap();
    let info: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!(info["database"]["error"], why.trim_end());
    assert!(info["schema"]["matches"].is_null());
}

#[test]
fn without_a_file_it_is_about_what_serve_starts_with() {
    let folder = Folder::new("nofile");
    assert_eq!(run(&folder, &["migrate", "--yes"]).0, Some(0));
    assert!(folder.path("kernia.db").exists() && !folder.path(".kernia").exists());
    fs::write(folder.path("kernia.toml"), "[database]\nurl = \"memory:\"\n").unwrap();
    let (code, said) = run(&folder, &["migrate"]);
    assert_eq!(code, Some(0), "a secret is not needed: {said}");
    assert!(said.contains("memory"), "{said}");
    assert_eq!(run(&folder, &["generate"]).0, Some(2));
    fs::write(folder.path("kernia.toml"), "[database]\nurl = \"sqlite::memory:\"\n").unwrap();
    let (code, said) = run(&folder, &["migrate"]);
    assert_eq!((code, said.contains("memory")), (Some(0), true), "{said}");
    fs::write(folder.path("kernia.toml"), "[database]\nurl = \"memory:\"\n").unwrap();
    assert_eq!(run(&folder, &["generate", "--from-empty", "--dialect", "mysql"]).0, Some(0));
    let (code, said) = run(&folder, &["info"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("secret"), "{said}");
}
