//! What PostgreSQL's errors mean to the engine.

use crate::store::{StorageError, sql::Fault};

/// An error that the server reported, as far as it matters. `Debug` prints what the server says, which may quote a value; see
/// [`text`](Self::text).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report<'e> {
    /// The SQLSTATE.
    pub code: &'e str,
    /// In the server's words.
    pub message: &'e str,
    /// The server's function that reported it.
    pub routine: Option<&'e str>,
    /// The schema of the table.
    pub schema: Option<&'e str>,
    /// The table.
    pub table: Option<&'e str>,
    /// The column.
    pub column: Option<&'e str>,
    /// The violated constraint.
    pub constraint: Option<&'e str>,
}

impl Report<'_> {
    /// What the error means when nothing can have been changed.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self.code {
            "40001" | "40P01" => Fault::Crossed,
            "57014" => Fault::Final(StorageError::Timeout),
            "55P03" => Fault::Waited,
            // Prepared before the tables changed, or by another session.
            "26000" => Fault::Stale(StorageError::Failed(self.text())),
            "0A000" if self.routine == Some("RevalidateCachedQuery") => Fault::Stale(StorageError::Failed(self.text())),
            _ if self.is_about_server() => Fault::Stale(StorageError::Unavailable(self.text())),
            _ => Fault::Final(StorageError::Failed(self.text())),
        }
    }

    /// Whether a unique constraint or a reference does not hold.
    #[must_use]
    pub fn is_constraint(&self) -> bool {
        matches!(self.code, "23505" | "23503" | "23001")
    }

    /// Whether the server is going, overloaded, broken, or takes no writes.
    fn is_about_server(&self) -> bool {
        matches!(self.code, "25006" | "25P03" | "25P04")
            || (self.code != "57014" && ["08", "53", "57", "58"].contains(&self.class()))
    }

    /// The error in words that hold no value.
    #[must_use]
    pub fn text(&self) -> String {
        // Those about data and constraints quote what was sent, as does any detail.
        let quotes = ["22", "23"].contains(&self.class());
        let mut text = if quotes { String::from("a value was refused") } else { self.message.to_owned() };
        for (what, name) in [("table", self.table), ("column", self.column), ("constraint", self.constraint)] {
            if let Some(name) = name {
                text.push_str(&format!(", {what} {name}"));
            }
        }
        format!("{text} ({})", self.code)
    }

    fn class(&self) -> &str {
        self.code.get(..2).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(code: &str, routine: Option<&str>) -> Fault {
        Report { code, message: "its words", routine, ..Report::default() }.fault()
    }

    #[test]
    fn codes_say_whether_to_try_again() {
        assert!(matches!(fault("40001", None), Fault::Crossed) && matches!(fault("40P01", None), Fault::Crossed));
        assert!(matches!(fault("57014", None), Fault::Final(StorageError::Timeout)));
        assert!(matches!(fault("55P03", None), Fault::Waited));
        assert!(matches!(fault("26000", None), Fault::Stale(StorageError::Failed(_))));
        assert!(matches!(fault("57P01", None), Fault::Stale(StorageError::Unavailable(_))));
        assert!(matches!(fault("42P01", None), Fault::Final(StorageError::Failed(_))));
        assert!(matches!(fault("0A000", None), Fault::Final(_)));
        assert!(matches!(fault("0A000", Some("RevalidateCachedQuery")), Fault::Stale(_)));
    }

    #[test]
    fn texts_hold_no_value() {
        let report = Report { code: "22P02", message: "bad: hunter2", table: Some("user"), ..Report::default() };
        assert_eq!(report.text(), "a value was refused, table user (22P02)");
        let report = Report { code: "42P01", message: "relation \"user\" does not exist", ..Report::default() };
        assert_eq!(report.text(), "relation \"user\" does not exist (42P01)");
    }
}
