//! What has become of the records.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many records came to what.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New users.
    pub created: u64,
    /// New users with a password.
    pub with_password: u64,
    /// Users who were brought in before.
    pub present: u64,
    /// Users whose address or other unique value somebody else has.
    pub taken: u64,
    /// Records that cannot be read, and users who cannot be stored.
    pub refused: u64,
}

impl Counts {
    /// All records.
    #[must_use]
    pub fn records(self) -> u64 {
        self.created + self.present + self.left_out()
    }

    /// The records whose users are not there.
    #[must_use]
    pub fn left_out(self) -> u64 {
        self.taken + self.refused
    }
}

/// What has become of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// How many records came to what.
    pub counts: Counts,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { created, with_password, present, taken, refused } = self.counts;
        let done = if self.dry_run { "would be imported" } else { "imported" };
        writeln!(f, "{} records", self.counts.records())?;
        writeln!(f, "  {created} users {done}, {with_password} of them with their password")?;
        writeln!(f, "  {present} were imported before")?;
        writeln!(f, "  {taken} left out because somebody else has their e-mail address or another unique value")?;
        writeln!(f, "  {refused} left out because of problems")?;
        if self.dry_run {
            writeln!(f, "Nothing was written, as asked.")?;
        }
        Ok(())
    }
}
