//! `kernia migrate`, `generate` and `info` on servers.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    place::{KINDS, Place},
    server::{Folder, Server, run_with},
};

const WITH_PLUGIN: &str =
    "[plugins.username]\n[user.additional_fields]\nplan = { type = \"string\", default_value = \"it's; free\" }\n";

/// The migrations in a folder, in the order in which they are run.
fn migrations(path: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap().path();
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        let file = if entry.is_dir() { entry.join("up.sql") } else { entry };
        found.insert(name, fs::read_to_string(file).unwrap());
    }
    found
}

#[tokio::test]
async fn a_database_is_migrated_once_and_keeps_its_rows() {
    for kind in KINDS {
        let (folder, place) = (Folder::new(&format!("migrate-{kind:?}")), Place::new(kind));
        let environment = [place.environment()];
        let run = |arguments: &[&str]| run_with(&folder, arguments, &environment);
        place.configure(&folder, "");
        let (code, said) = run(&["migrate", "--dry-run"]);
        assert_eq!(code, Some(3), "{said}");
        let (code, said) = run(&["migrate", "--yes"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("Made 7 changes") && !said.contains("kernia:kernia"), "{said}");
        let (code, said) = run(&["migrate"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.starts_with("Up to date"), "{said}");

        let server = Server::start_with(&folder, &["serve"], &environment);
        for number in 0..20 {
            let body =
                format!("{{\"name\":\"Ada\",\"email\":\"ada{number}@example.com\",\"password\":\"correct horse\"}}");
            assert_eq!(server.post("/sign-up/email", &body, &[]).await.status, 200);
        }
        assert_eq!(server.stop().0, Some(0));

        place.configure(&folder, WITH_PLUGIN);
        assert_eq!(run(&["serve"]).0, Some(1), "the database lacks what the plugin needs");
        let (code, said) = run(&["migrate", "--yes"]);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(said.matches("alter table").count(), 3, "{said}");
        assert!(said.contains(kind.changes()) && !said.contains("create table"), "{said}");
        assert_eq!(run(&["migrate", "--dry-run"]).0, Some(0));
        let server = Server::start_with(&folder, &["serve"], &environment);
        let sign_in = r#"{"email":"ada19@example.com","password":"correct horse"}"#;
        let answer = server.post("/sign-in/email", sign_in, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains("it's; free"), "{}", answer.body);
        assert_eq!(server.stop().0, Some(0));
        let info = run(&["info", "--json"]).1;
        let info: serde_json::Value = serde_json::from_str(&info).unwrap();
        assert_eq!(info["schema"]["matches"], true);
        assert!(info["database"]["version"].is_string() && info["database"]["url"] != place.url);
    }
}

#[test]
fn generated_migrations_make_what_the_schema_wants() {
    for kind in KINDS {
        for format in ["sqlx", "refinery", "diesel"] {
            let (folder, place) = (Folder::new(&format!("generate-{kind:?}-{format}")), Place::new(kind));
            let environment = [place.environment()];
            let run = |arguments: &[&str]| run_with(&folder, arguments, &environment);
            let mut done = 0;
            for (more, from_empty) in [("", true), (WITH_PLUGIN, false)] {
                place.configure(&folder, more);
                let mut arguments = vec!["generate", "--format", format];
                if from_empty {
                    arguments.extend(["--from-empty", "--dialect", kind.dialect()]);
                }
                let (code, said) = run(&arguments);
                assert_eq!(code, Some(0), "{said}");
                let all = migrations(&folder.path("migrations"));
                assert_eq!(all.len(), done + 1, "{said}");
                for text in all.values().skip(done) {
                    place.run(text);
                }
                done = all.len();
                assert!(run(&arguments).1.starts_with("Nothing to write"));
                let (code, said) = run(&["migrate", "--dry-run"]);
                assert_eq!(code, Some(0), "{said}");
                assert!(!said.contains("warning"), "{said}");
            }
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_said_to_be() {
    let folder = Folder::new("unreachable");
    let text = "secret = \"env:BETTER_AUTH_SECRET\"\n[database]\nurl = \"postgres://me:hunter2@127.0.0.1:1/auth\"\n";
    fs::write(folder.path("kernia.toml"), text).unwrap();
    for arguments in [
        &["migrate", "--yes"][..],
        &["info"],
        &["generate"],
        &["adopt", "postgres://me:hunter2@127.0.0.1:1/auth", "--out", "x"],
    ] {
        let (code, said) = run_with(&folder, arguments, &[]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("error: postgres://127.0.0.1:1/auth: "), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let (code, said) = run_with(&folder, &["generate", "--from-empty"], &[]);
    assert_eq!(code, Some(0), "without the database: {said}");
}
