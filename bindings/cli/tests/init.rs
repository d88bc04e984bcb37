//! `kernia init` and `kernia completions`, and the programs that the former writes.
#![allow(missing_docs, clippy::unwrap_used)]
#![allow(clippy::duplicate_mod, reason = "starters have one file in common")]
#![cfg(unix)]

mod server;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use server::{Folder, Server, run};

const FRAMEWORKS: [&str; 5] = ["standalone", "axum", "actix", "rocket", "hyper"];

// The starters are compiled as they are written. They print and end as programs do.
#[allow(clippy::print_stdout, unreachable_pub)]
#[path = "../src/commands/init/templates/actix.rs"]
mod actix_starter;
#[allow(clippy::print_stdout, unreachable_pub)]
#[path = "../src/commands/init/templates/axum.rs"]
mod axum_starter;
#[allow(clippy::print_stdout, unreachable_pub)]
#[path = "../src/commands/init/templates/hyper.rs"]
mod hyper_starter;
#[allow(clippy::print_stdout, unreachable_pub)]
#[path = "../src/commands/init/templates/rocket.rs"]
mod rocket_starter;

fn init(folder: &Folder, more: &[&str]) -> (Option<i32>, String) {
    run(folder, &[&["init"], more].concat())
}

/// The value of a line `NAME='value'` of the environment's file.
fn variable(folder: &Folder, name: &str) -> String {
    let text = fs::read_to_string(folder.path(".env")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}='"))).unwrap();
    line.strip_suffix('\'').unwrap().to_owned()
}

fn files(root: &Path, below: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            files(root, &path, found);
        } else {
            found.push(path.display().to_string());
        }
    }
}

/// All files of a project in one text, without the secret and without the sources, which are compiled elsewhere.
fn snapshot(folder: &Folder) -> String {
    let mut names = Vec::new();
    files(&folder.path("."), Path::new(""), &mut names);
    names.sort();
    let secret = variable(folder, "BETTER_AUTH_SECRET");
    let shown = names.iter().map(|name| {
        let text =
            if name.ends_with(".rs") { "…\n".to_owned() } else { fs::read_to_string(folder.path(name)).unwrap() };
        format!("== {name}\n{}", text.replace(&secret, "SECRET"))
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_files_are_these() {
    for framework in FRAMEWORKS {
        let folder = Folder::new(&format!("init-{framework}"));
        let (code, said) = init(&folder, &["--framework", framework, "--yes"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(!said.contains(&variable(&folder, "BETTER_AUTH_SECRET")));
        let text = format!("{said}\n{}", snapshot(&folder));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/init/{framework}.txt"));
        // To take what is written now as right: KERNIA_ACCEPT=1 cargo test -p kernia-cli --test init
        if std::env::var_os("KERNIA_ACCEPT").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, fs::read_to_string(&path).unwrap_or_default(), "{framework}");
    }
}

#[test]
fn nothing_is_overwritten_unless_asked_for_and_a_secret_never() {
    let folder = Folder::new("init-twice");
    assert_eq!(init(&folder, &["--yes"]).0, Some(0));
    let secret = variable(&folder, "BETTER_AUTH_SECRET");
    assert_eq!(fs::metadata(folder.path(".env")).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(folder.path("kernia.toml"), "mine").unwrap();
    fs::write(folder.path(".gitignore"), "node_modules\n.env").unwrap();
    let (code, said) = init(&folder, &["--yes"]);
    assert!(code == Some(1) && said.contains("kernia.toml") && said.contains("--force"), "{said}");
    assert_eq!(fs::read_to_string(folder.path("kernia.toml")).unwrap(), "mine");
    let (code, said) = init(&folder, &["--yes", "--force"]);
    assert_eq!(code, Some(0), "{said}");
    assert_ne!(fs::read_to_string(folder.path("kernia.toml")).unwrap(), "mine");
    assert_eq!(variable(&folder, "BETTER_AUTH_SECRET"), secret);
    assert_eq!(fs::read_to_string(folder.path(".gitignore")).unwrap(), "node_modules\n.env\n*.db\n*.db-*\n");
}

#[test]
fn a_database_url_is_kept_out_of_the_configuration() {
    let folder = Folder::new("init-url");
    let url = "postgres://me:hunter2@db.test/auth";
    let (code, said) = init(&folder, &["--database", url, "--dir", "new/place", "--framework", "standalone"]);
    assert!(code == Some(0) && !said.contains("hunter2") && said.contains("cd 'new/place'"), "{said}");
    let read = |name: &str| fs::read_to_string(folder.path("new/place").join(name)).unwrap();
    assert!(read(".env").contains(&format!("DATABASE_URL='{url}'")));
    assert!(!read("kernia.toml").contains("hunter2") && !read(".env.example").contains("hunter2"));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = Folder::new("init-wrong");
    let (code, said) = init(&folder, &["--framework", "hyper", "--database", "mongodb"]);
    assert!(code == Some(2) && said.contains("SQL databases only"), "{said}");
    let (code, said) = init(&folder, &["--database", "oracle://me:hunter2@db"]);
    assert!(code == Some(2) && said.contains("neither sqlite"), "{said}");
    assert_eq!(fs::read_dir(folder.path(".")).unwrap().count(), 0);
}

#[tokio::test]
async fn the_configuration_is_served() {
    let folder = Folder::new("init-serve");
    assert_eq!(init(&folder, &["--yes"]).0, Some(0));
    let environment: Vec<_> = ["BETTER_AUTH_SECRET", "DATABASE_URL"].map(|name| (name, variable(&folder, name))).into();
    let server = Server::start_with(&folder, &["serve", "--listen", "127.0.0.1:0"], &environment);
    let sign_up = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;
    let origin = [("origin", "http://localhost:3000")];
    assert_eq!(server.post("/sign-up/email", sign_up, &origin).await.status, 200);
    let (code, log) = server.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(folder.path("kernia.db").exists());
}

/// A starter at work, which is this test's own program again.
struct Starter(Child);

impl Drop for Starter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn a_starter_answers(framework: &str) {
    let folder = Folder::new(&format!("init-run-{framework}"));
    assert_eq!(init(&folder, &["--framework", framework, "--yes"]).0, Some(0));
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", &format!("the_{framework}_starter")]);
    command.current_dir(folder.path(".")).env_clear().env("LISTEN", "127.0.0.1:0");
    for name in ["BETTER_AUTH_SECRET", "DATABASE_URL"] {
        command.env(name, variable(&folder, name));
    }
    let mut starter = Starter(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(starter.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find_map(|line| Some(line.split_once("listening on http://127.0.0.1:")?.1.to_owned()));
    // Who writes a log there must be able to go on.
    std::thread::spawn(move || lines.count());
    let port = line.unwrap().split('/').next().unwrap().parse().unwrap();
    let server = server::At { port };
    let sign_up = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;
    let origin = [("origin", "http://localhost:3000")];
    let answer = server.request("POST", "/api/auth/sign-up/email", sign_up, &origin).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.cookie("better-auth.session_token");
    let answer = server.request("GET", "/api/auth/get-session", "", &[("cookie", &cookie)]).await;
    assert!(answer.body.contains("ada@example.com"), "{}", answer.body);
    assert!(answer.body.contains("127.0.0.1"), "the client's address is known: {}", answer.body);
}

#[tokio::test]
async fn the_hyper_starter_answers() {
    a_starter_answers("hyper").await;
}

#[tokio::test]
async fn the_axum_starter_answers() {
    a_starter_answers("axum").await;
}

#[tokio::test]
async fn the_actix_starter_answers() {
    a_starter_answers("actix").await;
}

#[test]
#[ignore = "the program of another test"]
fn the_actix_starter() {
    actix_starter::main().unwrap();
}

#[tokio::test]
async fn the_rocket_starter_answers() {
    a_starter_answers("rocket").await;
}

#[test]
#[ignore = "the program of another test"]
fn the_hyper_starter() {
    hyper_starter::main().unwrap();
}

#[test]
#[ignore = "the program of another test"]
fn the_axum_starter() {
    axum_starter::main().unwrap();
}

#[test]
#[ignore = "the program of another test"]
fn the_rocket_starter() {
    rocket_starter::main().unwrap();
}

#[test]
fn every_shell_is_completed() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, script) = run(&folder, &["completions", shell]);
        assert!(code == Some(0) && script.contains("kernia") && script.contains("completions"), "{shell}");
    }
    assert_eq!(run(&folder, &["completions", "tcsh"]).0, Some(2));
    let (_, script) = run(&folder, &["completions", "bash"]);
    fs::write(folder.path("kernia.bash"), script).unwrap();
    let ask =
        "source kernia.bash; COMP_WORDS=(kernia se); COMP_CWORD=1; _kernia kernia se kernia; echo ${COMPREPLY[*]}";
    let output = Command::new("bash").args(["-c", ask]).current_dir(folder.path(".")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "serve secret");
}
