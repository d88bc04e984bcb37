//! What was promised and does not hold.

use std::fmt;

/// A broken promise.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// The promise, in words that stay the same while a history shrinks.
    pub(crate) rule: &'static str,
    /// How it was broken.
    pub(crate) what: String,
}

/// Whether promises hold.
pub(crate) type Checked = Result<(), Violation>;

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

/// Holds `rule` to `holds`.
pub(crate) fn rule(rule: &'static str, holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Violation { rule, what: what() }) }
}
