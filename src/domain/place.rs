//! Where sessions and one-time values are kept.

use super::options::Options;
use crate::schema::{Name, SESSION, VERIFICATION};

/// Where the rows of a table are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the database.
    Database,
    /// In secondary storage.
    Secondary,
    /// In both. The database decides, secondary storage answers what it can.
    Both,
    /// In secondary storage, which decides. The database keeps a record of each, also beyond its end.
    Recorded,
}

impl Place {
    /// Whether secondary storage has the rows.
    #[must_use]
    pub fn in_secondary(self) -> bool {
        self != Self::Database
    }

    /// Whether the database has the rows.
    #[must_use]
    pub fn in_database(self) -> bool {
        self != Self::Secondary
    }

    /// Whether it is the database that says which rows there are.
    #[must_use]
    pub fn database_decides(self) -> bool {
        matches!(self, Self::Database | Self::Both)
    }
}

/// Where an installation keeps what need not be in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Sessions.
    pub sessions: Place,
    /// One-time values.
    pub verifications: Place,
    /// Whether there is secondary storage at all.
    pub secondary: bool,
}

impl Places {
    /// The places under `options`, `secondary` being whether there is secondary storage.
    #[must_use]
    pub fn new(options: &Options, secondary: bool) -> Self {
        let session = &options.session;
        let sessions = match (session.store_session_in_database, session.preserve_session_in_database) {
            _ if !secondary => Place::Database,
            (false, _) => Place::Secondary,
            (true, false) => Place::Both,
            (true, true) => Place::Recorded,
        };
        let verifications = match options.verification.store_in_database {
            _ if !secondary => Place::Database,
            false => Place::Secondary,
            true => Place::Both,
        };
        Self { sessions, verifications, secondary }
    }

    /// The tables that the database does not have.
    #[must_use]
    pub fn elsewhere(self) -> Vec<Name> {
        let held = [(SESSION, self.sessions), (VERIFICATION, self.verifications)];
        held.into_iter().filter(|(_, place)| !place.in_database()).map(|(table, _)| table).collect()
    }
}
