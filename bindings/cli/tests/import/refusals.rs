//! What is left out, and what is not begun.

use std::fs;

use serde_json::{Value as Json, json};

use crate::{
    exports::{self, SIGNER_KEY},
    given::{folder, number},
    server::run,
};

#[test]
fn what_cannot_be_imported_is_named_and_keeps_nobody_out() {
    let folder = folder("problems");
    let lines = [
        json!({"id": "1", "email": "ada@example.com", "encrypted_password": exports::bcrypt("a password", 1)}).to_string(),
        json!({"id": "2", "email": "ADA@example.com"}).to_string(),
        json!({"id": "3", "email": "no address"}).to_string(),
        json!({"id": "4"}).to_string(),
        "{\"id\":".to_owned(),
        json!({"id": "6", "email": "md5@example.com", "encrypted_password": "5f4dcc3b5aa765d61d8327deb882cf99"}).to_string(),
        json!({"id": "7", "email": "slow@example.com", "encrypted_password": exports::bcrypt("x", 1).replace("$04$", "$31$")}).to_string(),
        json!({"id": "8", "email": "bob@example.com"}).to_string(),
    ];
    fs::write(folder.path("users.jsonl"), lines.join("\n")).unwrap();
    let import = ["import", "--from", "devise", "users.jsonl", "--problems", "problems.jsonl"];
    for more in [&["--dry-run"][..], &[]] {
        let (code, said) = run(&folder, &[&import[..], more].concat());
        assert_eq!(code, Some(3), "{said}");
        for wanted in [
            "import: record 2 (line 2): somebody else has this email already",
            "import: record 3 (line 3): the e-mail address is missing or not one",
            "import: record 4 (line 4): there is no e-mail address",
            "import: record 5 (line 5): the JSON ends too early",
            "import: record 6 (line 6): the format of the password hash is not known",
            "import: record 7 (line 7): the cost of the password hash is beyond the limits",
            "8 records\n  2 users",
            "  1 left out because somebody else",
            "  5 left out because of problems",
            "6 records were left out",
        ] {
            assert!(said.contains(wanted), "{wanted}\n{said}");
        }
        assert!(!said.contains("5f4dcc") && !said.contains("$31$"), "{said}");
        let problems = fs::read_to_string(folder.path("problems.jsonl")).unwrap();
        assert_eq!(problems.lines().count(), 6);
        assert!(!problems.contains("5f4dcc"), "{problems}");
        let third: Json = serde_json::from_str(problems.lines().find(|line| line.contains("\"3\"")).unwrap()).unwrap();
        assert_eq!((&third["record"], &third["line"], &third["email"]), (&json!(3), &json!(3), &json!("no address")));
        assert_eq!(folder.path("users.db").exists(), more.is_empty());
    }
    assert_eq!(number(&folder, "select count(*) from user"), 2);
    let (code, said) = run(&folder, &[&import[..], &["--unreadable-hashes", "drop"]].concat());
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("  2 users imported, 0 of them with"), "{said}");
    assert_eq!(number(&folder, "select count(*) from user"), 4);
    let other =
        json!({"id": "9", "email": "ada@example.com", "encrypted_password": exports::bcrypt("another", 3)}).to_string();
    fs::write(folder.path("other.jsonl"), other).unwrap();
    let (code, said) = run(&folder, &["import", "--from", "devise", "other.jsonl", "--on-conflict", "fail"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error: record 1 (line 1): somebody else has this email already"), "{said}");
}

#[test]
fn what_would_lock_everybody_out_is_refused_at_the_start() {
    let folder = folder("refused");
    fs::write(folder.path("users.json"), "{\"users\":[]}").unwrap();
    let config = |key: &str| {
        format!("base_signer: x\nbase64_signer_key: {key}\nbase64_salt_separator: Bw==\nrounds: 8\nmem_cost: 14\n")
    };
    fs::write(folder.path("hash"), config(SIGNER_KEY)).unwrap();
    fs::write(folder.path("other"), config("AAAA")).unwrap();
    let firebase = ["import", "--from", "firebase", "users.json", "--hash-config"];
    for (more, said) in [
        (&["hash", "--key", "forgotten"][..], "the Firebase signer key named forgotten, which is not configured"),
        (&["other"], "the signer key in the hash config is not the configured one named firebase"),
        (&["missing"], "missing: No such file"),
    ] {
        let (code, output) = run(&folder, &[&firebase[..], more].concat());
        assert!(code != Some(0) && output.contains(said) && !output.contains("AAAA"), "{said}\n{output}");
    }
    let devise = ["import", "--from", "devise", "users.json", "--key", "forgotten"];
    let (code, said) = run(&folder, &devise);
    assert_eq!(code, Some(2));
    assert!(said.contains("[email_and_password.password.peppers]"), "{said}");
    let (code, said) = run(&folder, &["import", "--from", "okta", "users.json"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("better-auth, auth0, clerk, firebase, supabase, devise"), "{said}");
    let (code, said) = run(&folder, &["import", "--from", "devise", "users.json", "--resume", "--dry-run"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(!folder.path("users.db").exists());
    let config = fs::read_to_string(folder.path("kernia.toml")).unwrap().replace("sqlite:users.db", "memory:");
    fs::write(folder.path("memory.toml"), config).unwrap();
    let (code, said) = run(&folder, &["import", "--from", "devise", "users.json", "--config", "memory.toml"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("would forget the users"), "{said}");
    let (code, said) = run(&folder, &["import", "--from", "devise", "users.json", "--config", "none.toml"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("none.toml"), "{said}");
}

#[test]
fn a_state_of_something_else_is_not_gone_on_with() {
    let folder = folder("state");
    fs::write(folder.path("users.csv"), "id,email\n1,a@example.com\n").unwrap();
    fs::write(folder.path("users.csv.kernia-import"), "{\"fingerprint\":\"x\",\"records\":9,\"counts\":{}}").unwrap();
    let import = ["import", "--from", "devise", "users.csv"];
    let (code, said) = run(&folder, &[&import[..], &["--resume"]].concat());
    assert_eq!(code, Some(2));
    assert!(said.contains("run without --resume"), "{said}");
    let (code, said) = run(&folder, &import);
    assert_eq!(code, Some(0), "{said}");
    assert!(!folder.path("users.csv.kernia-import").exists());
}
