//! What is in the files.

use kernia::store::sql::Dialect;

use crate::schema::commands::dialect_name;

/// The start of the first line of every file.
const MARK: &str = "-- Written by kernia generate";

/// Whether a file is one of ours.
pub(super) fn is_ours(text: &str) -> bool {
    text.starts_with(MARK)
}

/// A migration.
pub(super) fn up(dialect: Dialect, statements: &[String]) -> String {
    let mut text =
        format!("{MARK}, for {}. Adds what is missing, and drops and changes nothing.\n", dialect_name(dialect));
    for statement in statements {
        text.push_str(&format!("\n{statement};\n"));
    }
    text
}

/// What undoes a migration: nothing does. A script without effect would let the tool believe that the tables are gone, so this one
/// fails, with an error that says why.
pub(super) fn down(dialect: Dialect) -> String {
    let quote = if dialect == Dialect::MySql { '`' } else { '"' };
    format!(
        "{MARK}. Undoing this would drop users and sessions, so it fails on purpose.\n-- To drop the tables all the same, write \
         the statements here by hand.\n\nselect * from {quote}refused: this would drop users and sessions{quote};\n"
    )
}
