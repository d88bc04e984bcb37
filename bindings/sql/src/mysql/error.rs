//! What MySQL's and MariaDB's errors mean to the engine.

use kernia::store::{StorageError, sql::Fault};
use mysql_async::{Error, ServerError};

/// What an error means when nothing can have been changed.
pub(super) fn fault(error: &Error) -> Fault {
    let Error::Server(answer) = error else {
        return Fault::Stale(StorageError::Unavailable(text(error)));
    };
    match answer.code {
        // A deadlock, and what a snapshot that is not the newest is told.
        1213 | 1020 => Fault::Crossed,
        1205 => Fault::Waited,
        1317 | 1969 | 3024 => Fault::Final(StorageError::Timeout),
        1243 | 1615 => Fault::Stale(StorageError::Failed(text(error))),
        _ if is_about_server(answer) => Fault::Stale(StorageError::Unavailable(text(error))),
        _ => Fault::Final(StorageError::Failed(text(error))),
    }
}

/// What an error means that is not to be tried again.
pub(super) fn decided(error: &Error) -> StorageError {
    fault(error).decided(|| text(error))
}

/// Whether the connection can be used after this error.
pub(super) fn leaves_connection(error: &Error) -> bool {
    matches!(error, Error::Server(_)) && !matches!(fault(error), Fault::Stale(_))
}

/// A violated constraint.
pub(super) enum Violated {
    /// The unique index of this name.
    Unique(String),
    Reference,
}

/// The constraint that does not hold, if the error is about one.
pub(super) fn violated(error: &Error) -> Option<Violated> {
    let Error::Server(answer) = error else { return None };
    match answer.code {
        // The name comes last, after the value, which may hold anything.
        1062 | 1586 => {
            let name = answer.message.rsplit_once(" for key '").map_or("", |(_, name)| name);
            Some(Violated::Unique(name.trim_end_matches('\'').to_owned()))
        }
        1216 | 1217 | 1451 | 1452 => Some(Violated::Reference),
        _ => None,
    }
}

/// The server is going, overloaded, broken, or takes no writes.
fn is_about_server(answer: &ServerError) -> bool {
    matches!(
        answer.code,
        1021 | 1040 | 1041 | 1053 | 1077 | 1078 | 1079 | 1129 | 1152 | 1158
            ..=1161 | 1184 | 1203 | 1226 | 1290 | 1792 | 1836 | 1927 | 3100
    ) || answer.state.starts_with("08")
}

/// The error in words that hold no value.
pub(super) fn text(error: &Error) -> String {
    match error {
        // Of those that speak of names only, what they say; others may quote what was sent.
        Error::Server(answer) => match answer.code {
            1044 | 1045 | 1049 | 1054 | 1142 | 1143 | 1146 => format!("{} ({})", answer.message, answer.code),
            code if is_about_server(answer) => format!("{} ({code})", answer.message),
            code => format!("the server refused a statement ({code})"),
        },
        Error::Url(_) => "the database URL cannot be used".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(code: u16, message: &str) -> Error {
        Error::Server(ServerError { code, message: message.to_owned(), state: "HY000".to_owned() })
    }

    #[test]
    fn messages_hold_no_values() {
        for code in [1062, 1264, 1292, 1366, 1406, 1452, 4025] {
            assert!(!text(&server(code, "Incorrect value: 'hunter2'")).contains("hunter2"), "{code}");
        }
        assert!(text(&server(1146, "Table 'auth.user' doesn't exist")).contains("auth.user"));
    }

    #[test]
    fn the_name_of_a_constraint_follows_the_value() {
        let name = |message: &str| match violated(&server(1062, message)) {
            Some(Violated::Unique(name)) => name,
            _ => panic!("{message}"),
        };
        assert_eq!(name("Duplicate entry 'a@b' for key 'user.email'"), "user.email");
        assert_eq!(name("Duplicate entry 'x' for key 'y'' for key 'email'"), "email");
        assert!(violated(&server(1146, "Table")).is_none());
    }

    #[test]
    fn a_server_that_cannot_serve_is_no_bug() {
        assert!(matches!(fault(&server(1290, "read only")), Fault::Stale(StorageError::Unavailable(_))));
        assert!(matches!(fault(&server(1213, "deadlock")), Fault::Crossed));
        assert!(matches!(fault(&server(1146, "no table")), Fault::Final(StorageError::Failed(_))));
        assert!(leaves_connection(&server(1146, "no table")) && !leaves_connection(&server(1053, "shutdown")));
    }
}
