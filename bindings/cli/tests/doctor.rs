//! `kernia doctor`.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

mod server;

use std::fs;

use serde_json::Value;
use server::{Folder, SECRET, run, run_with};

/// What is said of a configuration, and how the command ends.
fn doctor(name: &str, config: &str) -> (Option<i32>, Value) {
    let folder = Folder::new(&format!("doctor-{name}"));
    fs::write(folder.path("kernia.toml"), config).unwrap();
    let (code, said) = run(&folder, &["doctor", "--json"]);
    assert!(!said.contains(SECRET) && !said.contains("hunter2"), "{said}");
    // Behind the report stands, on standard error, that something was found.
    let report = serde_json::Deserializer::from_str(&said).into_iter().next().unwrap_or_else(|| panic!("{said}"));
    (code, report.unwrap_or_else(|error| panic!("{error}: {said}")))
}

/// `severity check` of everything that is not as it should be.
fn complaints(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let bad = findings.iter().filter(|finding| finding["severity"] != "good");
    for finding in bad.clone() {
        for part in ["what", "why", "fix"] {
            assert!(!finding[part].as_str().unwrap().is_empty(), "{finding}");
        }
    }
    bad.map(|finding| format!("{} {}", finding["severity"].as_str().unwrap(), finding["check"].as_str().unwrap()))
        .collect()
}

const GOOD: &str = r#"
secret = "env:BETTER_AUTH_SECRET"
base_url = "https://auth.example.com"
trusted_origins = ["https://app.example.com", "https://*.example.com", "myapp://"]
[email_and_password]
enabled = true
send_reset_password = true
[delivery]
kind = "file"
path = "outbox.jsonl"
"#;

#[test]
fn a_sound_configuration_has_nothing_to_complain_of() {
    let without_a_proxy = "[server]\nlisten = \"0.0.0.0:3000\"\n[advanced.ip_address]\nuse_peer_address = true";
    for (name, config) in [("good", GOOD.to_owned()), ("direct", format!("{GOOD}\n{without_a_proxy}"))] {
        let (code, report) = doctor(name, &config);
        assert_eq!((code, complaints(&report)), (Some(0), vec![]), "{report:#}");
        assert_eq!((&report["errors"], &report["warnings"]), (&Value::from(0), &Value::from(0)));
    }
}

#[test]
fn each_mistake_is_found() {
    let with = |from: &str, to: &str| GOOD.replace(from, to);
    let top = |line: &str| format!("{line}\n{GOOD}");
    let end = |text: &str| format!("{GOOD}\n{text}");
    let base = r#"base_url = "https://auth.example.com""#;
    for (number, (config, wanted)) in [
        (with(base, r#"base_url = "http://auth.example.com""#), "error base_url"),
        (with(base, r#"base_url = "http://localhost:3000""#), "warning base_url"),
        (with(base, ""), "warning base_url"),
        (top("mode = \"development\""), "error mode"),
        (with("env:BETTER_AUTH_SECRET", "hunter2"), "error secret"),
        (with("env:BETTER_AUTH_SECRET", "ababababababababababababababababab"), "warning secret"),
        (with("secret = \"env:BETTER_AUTH_SECRET\"", ""), "error secret"),
        (with("\"myapp://\"", "\"https://*\""), "error trusted_origins"),
        (with("\"myapp://\"", "\"*\""), "error trusted_origins"),
        (with("\"myapp://\"", "\"https://*.com\""), "error trusted_origins"),
        (with("\"myapp://\"", "\"app.example.com\""), "warning trusted_origins"),
        (with("\"myapp://\"", "\"https://app.example.com/\""), "warning trusted_origins"),
        (with("\"myapp://\"", "\"http://app.example.com\""), "warning trusted_origins"),
        (end("[advanced]\nuse_secure_cookies = false"), "error cookies"),
        (
            end("[advanced]\nuse_secure_cookies = false\n[advanced.default_cookie_attributes]\nsame_site = \"none\""),
            "error cookies",
        ),
        (end("[advanced.default_cookie_attributes]\nsame_site = \"none\""), "warning cookies"),
        (end("[advanced.default_cookie_attributes]\nhttp_only = false"), "warning cookies"),
        (end("[advanced.cross_sub_domain_cookies]\nenabled = true\ndomain = \"example.org\""), "error cookies"),
        (end("[advanced.cross_sub_domain_cookies]\nenabled = true\ndomain = \"com\""), "error cookies"),
        (end("[advanced]\ndisable_csrf_check = true"), "error csrf"),
        (end("[advanced]\ndisable_origin_check = true"), "error origin_check"),
        (end("[advanced]\ndisable_origin_check = [\"/sign-in\"]"), "warning origin_check"),
        (end("[rate_limit]\nenabled = false"), "error rate_limit"),
        (end("[server]\nlisten = \"0.0.0.0:3000\""), "warning client_address"),
        (with("kind = \"file\"\npath = \"outbox.jsonl\"", "kind = \"log\""), "warning delivery"),
        (with("[delivery]\nkind = \"file\"\npath = \"outbox.jsonl\"", ""), "error configuration"),
        (end("[database]\nurl = \"memory:\""), "error database"),
        (end("[database]\nurl = \"sqlite::memory:\""), "error database"),
        (end("[database]\nurl = \"sqlite:nowhere/kernia.db\"\nauto_migrate = false"), "error database"),
        (end("[database]\nurl = \"postgres://me:hunter2@127.0.0.1:1/auth\"\nconnect_timeout = 1"), "error database"),
        (end("[user]\nmodel_name = \"session\""), "error engine"),
    ]
    .into_iter()
    .enumerate()
    {
        let (code, report) = doctor(&number.to_string(), &config);
        assert_eq!(complaints(&report), [wanted], "{config}\n{report:#}");
        assert_eq!(code, Some(i32::from(wanted.starts_with("error"))), "{config}");
    }
}

#[test]
fn a_shared_domain_is_nothing_to_complain_of() {
    let shared = format!("{GOOD}\n[advanced.cross_sub_domain_cookies]\nenabled = true\ndomain = \".example.com\"");
    let (code, report) = doctor("shared", &shared);
    assert_eq!((code, complaints(&report)), (Some(0), vec![]), "{report:#}");
}

#[test]
fn a_database_that_lacks_something_is_told() {
    let folder = Folder::new("doctor-lacks");
    fs::write(folder.path("kernia.toml"), GOOD).unwrap();
    assert_eq!(run(&folder, &["migrate", "--yes"]).0, Some(0));
    let (code, said) = run(&folder, &["doctor"]);
    assert!(code == Some(0) && said.contains("schema: the database has all that is needed"), "{said}");
    let more = format!("{GOOD}\n[database]\nauto_migrate = false\n[plugins.username]");
    fs::write(folder.path("kernia.toml"), more).unwrap();
    let (code, said) = run(&folder, &["doctor"]);
    assert!(code == Some(1) && said.contains("error  schema:") && said.contains("fix: run `kernia migrate`"), "{said}");
}

/// The address of a server that `tests/servers` started.
fn given(variable: &str) -> String {
    std::env::var(variable).expect("start the servers with tests/servers and source their env")
}

#[test]
fn the_clock_of_the_database_is_compared() {
    for variable in ["KERNIA_TEST_POSTGRES", "KERNIA_TEST_MYSQL"] {
        let folder = Folder::new("doctor-clock");
        fs::write(folder.path("kernia.toml"), format!("{GOOD}\n[database]\nurl = \"env:DATABASE_URL\"")).unwrap();
        let (code, said) = run_with(&folder, &["doctor"], &[("DATABASE_URL", given(variable))]);
        assert!(code == Some(0) && said.contains("clock: agrees with the database's"), "{said}");
    }
}

#[test]
fn secondary_storage_is_asked() {
    let folder = Folder::new("doctor-secondary");
    let with = |url: &str| format!("{GOOD}\n[secondary_storage]\nurl = \"{url}\"\nconnect_timeout = 1");
    fs::write(folder.path("kernia.toml"), with(&given("KERNIA_TEST_REDIS"))).unwrap();
    let (code, said) = run(&folder, &["doctor"]);
    assert!(code == Some(0) && said.contains("secondary_storage: redis answers"), "{said}");
    // Nobody listens there.
    fs::write(folder.path("kernia.toml"), with("redis://:hunter2@127.0.0.1:1/0")).unwrap();
    let (code, said) = run(&folder, &["doctor"]);
    assert!(code == Some(1) && said.contains("error  secondary_storage:") && !said.contains("hunter2"), "{said}");
}

#[test]
fn without_a_configuration_there_is_nothing_to_look_over() {
    let folder = Folder::new("doctor-none");
    let (code, said) = run(&folder, &["doctor"]);
    assert!(code == Some(2) && said.contains("kernia init"), "{said}");
    fs::write(folder.path("kernia.toml"), "secret = 7").unwrap();
    assert_eq!(run(&folder, &["doctor"]).0, Some(2));
}
