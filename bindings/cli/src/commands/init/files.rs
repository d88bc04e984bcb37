//! What is written.

use std::path::Path;

use super::{DatabaseChoice, Framework, choice::DatabaseKind};
use crate::{failure::Failure, secret};

const HYPER: &str = include_str!("templates/hyper.rs");
const AXUM: &str = include_str!("templates/axum.rs");
const ACTIX: &str = include_str!("templates/actix.rs");
const ROCKET: &str = include_str!("templates/rocket.rs");
const AUTH: &str = include_str!("templates/auth.rs");

/// A file to write.
pub(super) struct File {
    /// Below the project's folder.
    pub(super) path: &'static str,
    pub(super) text: String,
    pub(super) care: Care,
}

/// How a file that is there is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// It is in the way, unless it may be overwritten.
    Ordinary,
    /// It is always kept, and read by its owner only.
    Secret,
    /// It gets the lines that it lacks.
    Lines,
}

/// The files of a project.
pub(super) fn files(
    framework: Framework,
    database: &DatabaseChoice,
    kernia: Option<&Path>,
) -> Result<Vec<File>, Failure> {
    if framework.embeds() && database.kind == DatabaseKind::Mongodb {
        return Err(Failure::Unsuited(
            "the starters of the frameworks open SQL databases only; for mongodb take --framework standalone, which is `kernia serve`",
        ));
    }
    let ordinary = |path, text| File { path, text, care: Care::Ordinary };
    let secret = |path, text| File { path, text, care: Care::Secret };
    let mut files = vec![
        ordinary("kernia.toml", configuration(framework)),
        secret(".env", environment(&secret::generate(), database.url())),
        ordinary(".env.example", environment("", database.kind.example())),
        File { path: ".gitignore", text: ignored(framework).to_owned(), care: Care::Lines },
    ];
    let program = match framework {
        Framework::Standalone => return Ok(files),
        Framework::Hyper => HYPER,
        Framework::Axum => AXUM,
        Framework::Actix => ACTIX,
        Framework::Rocket => ROCKET,
    };
    files.push(ordinary("Cargo.toml", manifest(framework, database.kind, kernia)));
    files.push(ordinary("src/main.rs", program.to_owned()));
    if framework.embeds() {
        files.push(ordinary("src/auth.rs", AUTH.to_owned()));
    }
    Ok(files)
}

/// What to do next: two commands.
pub(super) fn next(framework: Framework, folder: &Path) -> String {
    let mut enter = String::new();
    if folder != Path::new(".") {
        enter = format!("cd '{}' && ", folder.display().to_string().replace('\'', r"'\''"));
    }
    let run = if framework.embeds() { "cargo run" } else { "kernia serve" };
    format!("\nNext:\n  {enter}set -a && . ./.env && set +a\n  {run}\n")
}

fn configuration(framework: Framework) -> String {
    let tables = if framework.embeds() {
        r#"
# For `kernia migrate`, `info` and `doctor`; the program reads the variable itself.
[database]
url = "env:DATABASE_URL"
"#
    } else {
        r#"
[server]
listen = "127.0.0.1:3000"

[database]
url = "env:DATABASE_URL"

[delivery]
# Links and codes go to the log. For people: kind = "smtp" or "webhook".
kind = "log"
"#
    };
    format!(
        r#"# Kernia. Secrets come from the environment; `kernia doctor` looks this file over.
base_url = "http://localhost:3000"
secret = "env:BETTER_AUTH_SECRET"
# "production" also limits how often each client may ask.
mode = "development"
# Pages at other origins that may call this server.
trusted_origins = []

[email_and_password]
enabled = true
send_reset_password = true

[email_verification]
send_verification_email = true

# No proxy stands in front: the other end of a connection is the client. Behind one, take this out.
[advanced.ip_address]
use_peer_address = true
{tables}"#
    )
}

fn environment(secret: &str, url: &str) -> String {
    let help =
        if secret.is_empty() { "# `kernia secret` prints one. Whoever has it can sign in as anybody.\n" } else { "" };
    format!("{help}BETTER_AUTH_SECRET='{secret}'\nDATABASE_URL='{url}'\n")
}

fn ignored(framework: Framework) -> &'static str {
    match framework {
        Framework::Standalone => ".env\n*.db\n*.db-*\n",
        _ => ".env\n*.db\n*.db-*\n/target\n",
    }
}

fn manifest(framework: Framework, database: DatabaseKind, kernia: Option<&Path>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let own = |name: &str, folder: &str| match kernia {
        // TOML's literal text has no escapes, so a quote in a path needs the other kind.
        Some(root) => format!("{name} = {{ path = {:?} }}\n", root.join(folder).display().to_string()),
        None => format!("{name} = \"{version}\"\n"),
    };
    const TOKIO: &str =
        "tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\", \"signal\"] }\n";
    let (binding, theirs) = match framework {
        Framework::Standalone => return String::new(),
        Framework::Hyper => ("hyper", TOKIO.to_owned()),
        Framework::Axum => (
            "axum",
            format!(
                "axum = {{ version = \"0.8\", default-features = false, features = [\"http1\", \"tokio\"] }}\n{TOKIO}"
            ),
        ),
        Framework::Actix => {
            ("actix", "actix-web = { version = \"4\", default-features = false, features = [\"macros\"] }\n".to_owned())
        }
        Framework::Rocket => ("rocket", "rocket = { version = \"0.5\", default-features = false }\n".to_owned()),
    };
    let mut dependencies = own("kernia", "");
    dependencies.push_str(&own(&format!("kernia-{binding}"), &format!("bindings/{binding}")));
    dependencies.push_str(&own("kernia-mail", "bindings/mail"));
    let runtime = own("kernia-runtime", "bindings/runtime");
    // `own` is a table for a path, and a version otherwise.
    let feature = format!("features = [\"{}\"] }}\n", database.feature());
    dependencies.push_str(&match runtime.strip_suffix(" }\n") {
        Some(table) => format!("{table}, {feature}"),
        None => format!("kernia-runtime = {{ version = \"{version}\", {feature}"),
    });
    dependencies.push_str(&theirs);
    dependencies.push_str("toml = \"1\"\ntracing-subscriber = \"0.3\"\n");
    format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}")
}
