//! Holds the source against `ARCHITECTURE.md`: who may import whom, what the engine must not know, and how files look.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the source fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Each folder of `src/` and the folders it may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("crypto", &[]),
    ("wire", &["crypto"]),
    ("schema", &["crypto", "wire"]),
    ("store", &["wire", "schema"]),
    ("engine", &["crypto", "wire", "store"]),
    ("domain", &["crypto", "wire", "schema", "store", "engine"]),
    ("gate", &["crypto", "wire", "schema", "store", "engine", "domain"]),
    ("oauth", &["crypto", "wire", "schema", "store", "engine", "domain"]),
    ("providers", &["wire", "domain"]),
    ("routes", &["crypto", "wire", "schema", "store", "engine", "domain", "gate", "oauth", "providers"]),
    ("plugins", &["crypto", "wire", "schema", "store", "engine", "domain", "gate", "oauth", "providers"]),
];

/// What the pure crate must not do.
const FORBIDDEN_CALLS: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "now_utc",
    "std::env",
    "std::fs",
    "std::net::Tcp",
    "std::thread",
    "println!",
    "eprintln!",
    "tokio",
    "unsafe {",
    "SystemRandom",
];

/// Words of authentication, which the machine must not know.
const FORBIDDEN_IN_ENGINE: &[&str] = &["user", "session", "account", "verification", "sign_in", "rate_limit"];

const MAX_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a file holds nothing but tests, which may do more than the code they test.
fn is_test(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "tests.rs") || path.starts_with("src/testing")
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if name != "target" && name != "node_modules" {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
        }
    }
}

/// The lines that are code: no comments, nothing from the file's tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let body = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    body.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

/// The folders of this crate that a file imports: `crate::x` anywhere, and `use crate::{x, y}` over several lines.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = code(text).map(|(_, line)| line).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        if let Some(list) = part.strip_prefix('{') {
            let mut depth = 1;
            let mut name = String::new();
            for letter in list.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => name.clear(),
                    letter if depth == 1 && (letter.is_ascii_alphanumeric() || letter == '_') => name.push(letter),
                    _ => {}
                }
                if depth == 1 && letter == ':' || depth == 0 {
                    found.insert(std::mem::take(&mut name));
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            found.extend(words(part).next().map(str::to_owned));
        }
    }
    found
}

#[test]
fn folders_import_only_what_is_below_them() {
    let table: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let Some(folder) = path.components().nth(1).and_then(|part| part.as_os_str().to_str()) else { continue };
        let Some(allowed) = table.get(folder) else { continue };
        for import in imports(&text) {
            if table.contains_key(import.as_str()) && import != folder && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{} imports {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn siblings_do_not_import_each_other() {
    let mut wrong = Vec::new();
    for folder in ["routes", "plugins"] {
        for (path, text) in sources(&format!("src/{folder}")) {
            if imports(&text).contains(folder) {
                wrong.push(path.display().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_import_reader_reads_nested_lists() {
    let text = "use crate::{\n    engine::{Exit, Media},\n    gate,\n    wire::shape::input,\n};\nlet x = crate::store::Row::new();\n";
    let found: Vec<_> = imports(text).into_iter().filter(|name| !name.is_empty()).collect();
    assert!(["engine", "wire", "store"].iter().all(|name| found.iter().any(|found| found == name)), "{found:?}");
}

#[test]
fn the_engine_crate_is_pure() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src").into_iter().filter(|(path, _)| !is_test(path)) {
        for (at, line) in code(&text) {
            for call in FORBIDDEN_CALLS.iter().filter(|call| line.contains(**call)) {
                wrong.push(format!("{}:{}: {call}", path.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_machine_knows_no_word_of_authentication() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src/engine") {
        for (at, line) in code(&text) {
            for word in words(line).filter(|word| FORBIDDEN_IN_ENGINE.contains(word)) {
                wrong.push(format!("{}:{}: {word}", path.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let mut long = Vec::new();
    for folder in ["src", "bindings"] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            if lines > MAX_LINES {
                long.push(format!("{}: {lines} lines", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_file_says_what_it_is() {
    let mut silent = Vec::new();
    for folder in ["src", "bindings", "tests", "benches"] {
        for (path, text) in sources(folder) {
            if !text.starts_with("//!") {
                silent.push(path.display().to_string());
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn every_core_route_names_its_request_first() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src/routes") {
        if path.ends_with("mod.rs") || path.components().count() > 3 {
            continue;
        }
        let first = text.lines().next().unwrap_or_default();
        let request =
            first.strip_prefix("//! `").is_some_and(|rest| rest.starts_with("GET /") || rest.starts_with("POST /"));
        let server_only = first.starts_with("//! Server only: `");
        if !request && !server_only {
            wrong.push(format!("{}: {first}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_plugin_has_the_same_rooms() {
    let rooms: BTreeSet<_> =
        ["mod.rs", "options.rs", "schema.rs", "errors.rs", "routes", "logic.rs", "hooks.rs", "tests.rs"].into();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root().join("src/plugins")).unwrap().map(Result::unwrap) {
        if !entry.path().is_dir() {
            continue;
        }
        for room in fs::read_dir(entry.path()).unwrap().map(Result::unwrap) {
            let name = room.file_name().to_string_lossy().into_owned();
            if !rooms.contains(name.as_str()) {
                wrong.push(format!("{}: {name} is no room of a plugin", entry.path().display()));
            }
        }
        if !entry.path().join("mod.rs").exists() {
            wrong.push(format!("{}: no mod.rs", entry.path().display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Each function of a file, by name, with the number of lines between its head and its end.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut inside: Option<(&str, usize)> = None;
    for line in text.lines() {
        inside = match inside {
            Some(whole) if line == "}" => {
                found.push(whole);
                None
            }
            Some((name, lines)) => Some((name, lines + 1)),
            None => line.split_once("fn ").filter(|_| line.ends_with('{')).map(|(_, name)| (name, 0)),
        };
    }
    found
}

#[test]
fn a_plain_provider_takes_fifteen_lines_of_data() {
    let text = fs::read_to_string(root().join("src/providers/plain.rs")).unwrap();
    let rows: Vec<_> = functions(&text).into_iter().filter(|(name, _)| name.contains("SocialProvider")).collect();
    assert!(rows.len() >= 15, "{rows:?}");
    // The last line only answers the row.
    let long: Vec<_> = rows.into_iter().filter(|(_, lines)| *lines > 15 + 1).collect();
    assert!(long.is_empty(), "{long:?}");
    let page = fs::read_to_string(root().join("docs/providers.md")).unwrap();
    let shown = page.split("## Adding a provider").nth(1).unwrap().split("```").nth(1).unwrap();
    assert!(shown.contains("Provider::new(") && shown.lines().count() <= 1 + 15, "{shown}");
}

#[test]
fn the_map_names_every_folder() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut missing = Vec::new();
    for folder in ["src", "bindings"] {
        for entry in fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() && !map.contains(&format!("{name}/")) {
                missing.push(format!("{folder}/{name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
