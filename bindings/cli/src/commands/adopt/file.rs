//! The `kernia.toml` that serves an adopted database.

use std::fmt::Write as _;

use super::{
    additional::Addition,
    names,
    recognize::{Found, Ids, Recognized},
};
use kernia::schema::{ACCOUNT, Naming, RATE_LIMIT};

/// What is in the file.
pub(super) struct Contents<'c> {
    pub(super) found: &'c Recognized,
    pub(super) additions: &'c [Addition],
    pub(super) ids: Ids,
    /// The database's URL, as it is written.
    pub(super) url: &'c str,
    /// Where browsers reach the server, if that is known.
    pub(super) base_url: Option<&'c str>,
    /// Whether somebody has a password.
    pub(super) passwords: bool,
}

const HEAD: &str = r#"# Written by `kernia adopt`, for the database of a Better Auth server. Read it, then start with `kernia serve`.
#
# Nobody is signed out as long as three things stay as that server has them: the secret, the address that browsers use (https gives
# cookies other names), and advanced.cookie_prefix if it sets one. Plugins that keep nothing in the database cannot be
# seen there; add theirs below.

# That server's secret.
secret = "env:BETTER_AUTH_SECRET"
"#;

const NO_BASE_URL: &str = "# base_url = \"https://auth.example.com\"\n";

const ORIGINS: &str = "# That server's trustedOrigins:\n# trusted_origins = [\"https://app.example.com\"]\n";

const PASSWORDS: &str = r#"
[email_and_password]
enabled = true

[email_and_password.password]
# What Better Auth reads and writes. Once no such server uses this database, remove it: passwords are then hashed with
# Argon2id, old ones at their next use.
algorithm = "scrypt"
"#;

/// The text of the file.
pub(super) fn text(contents: &Contents<'_>) -> String {
    let Contents { found, additions, ids, url, base_url, passwords } = contents;
    let mut text = format!("{HEAD}# That server's baseURL, on which the names of cookies depend.\n");
    match base_url {
        Some(base_url) => text.push_str(&format!("base_url = {}\n", quoted(base_url))),
        None => text.push_str(NO_BASE_URL),
    }
    text.push_str(ORIGINS);
    if *passwords {
        text.push_str(PASSWORDS);
    }
    text.push_str(&format!(
        "\n[database]\nurl = {}\n# Nothing is changed without being asked: `kernia migrate` shows what would be.\nauto_migrate = false\n",
        quoted(url)
    ));
    database(&mut text, found, *ids);
    for addition in *additions {
        field(&mut text, addition);
    }
    if found.tables.iter().any(|table| table.table.name == RATE_LIMIT) {
        text.push_str("\n[rate_limit]\nstorage = \"database\"\n");
    }
    for plugin in found.plugins.iter().filter(|plugin| plugin.served) {
        text.push_str(&format!("\n[plugins.{}]\n", plugin.id));
    }
    text
}

fn database(text: &mut String, found: &Recognized, ids: Ids) {
    let mut lines = String::new();
    if let Some(ids) = ids.option() {
        let _ = writeln!(lines, "generate_id = \"{ids}\"");
    }
    if found.naming == Naming::Snake {
        lines.push_str("naming = \"snake\"\n");
    }
    if found.plural {
        lines.push_str("use_plural = true\n");
    }
    if !lines.is_empty() {
        text.push_str(&format!("\n[advanced.database]\n{lines}"));
    }
    for table in &found.tables {
        own_names(text, found, table);
    }
}

fn own_names(text: &mut String, found: &Recognized, table: &Found) {
    let usual = names::named(std::slice::from_ref(&table.table), found.naming, found.plural);
    let other_name = usual[0].physical != *table.physical;
    if !other_name && table.own.is_empty() {
        return;
    }
    text.push_str(&format!("\n[advanced.database.names.{}]\n", key(&table.table.name)));
    if other_name {
        let own =
            if found.plural { table.physical.strip_suffix('s').unwrap_or(&table.physical) } else { &table.physical };
        text.push_str(&format!("model_name = {}\n", quoted(own)));
    }
    if !table.own.is_empty() {
        let columns: Vec<_> =
            table.own.iter().map(|(field, column)| format!("{} = {}", key(field), quoted(column))).collect();
        text.push_str(&format!("fields = {{ {} }}\n", columns.join(", ")));
    }
}

fn field(text: &mut String, addition: &Addition) {
    let Addition { table, name, column, own_name, kind, perhaps_boolean, required, returned, default } = addition;
    text.push_str(&format!("\n[{table}.additional_fields.{}]\n", key(name)));
    match (required, default) {
        (true, Some(_)) if *table == ACCOUNT => text.push_str(
            "# Better Auth 1.7.0 and 1.7.1 want this of every account, later ones do not. Make the column nullable once none of these \
             servers uses this database.\n",
        ),
        (true, None) => text.push_str(
            "# Nobody can sign up until this has a default_value, or input = true lets clients choose it.\n",
        ),
        _ => {}
    }
    text.push_str(&format!("type = \"{kind}\"{}\n", if *perhaps_boolean { " # or \"boolean\"" } else { "" }));
    text.push_str(&format!("required = {required}\n"));
    // Whether clients may set it cannot be seen, and could make them administrators.
    text.push_str("input = false\n");
    if !returned {
        text.push_str("returned = false\n");
    }
    if let Some(default) = default {
        text.push_str(&format!("default_value = {}\n", quoted(default)));
    }
    if *own_name {
        text.push_str(&format!("field_name = {}\n", quoted(column)));
    }
}

/// A key, quoted where it must be.
fn key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
