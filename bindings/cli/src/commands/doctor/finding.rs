//! What was found.

use serde::Serialize;

use crate::config::Problem;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// It does not work, or it is not safe.
    Error,
    /// It works, and may not be what was meant.
    Warning,
    /// It was looked at and is as it should be.
    Good,
}

/// One thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    /// What was looked at.
    pub(super) check: &'static str,
    /// What is the case.
    pub(super) what: String,
    /// Why it matters; empty when all is well.
    pub(super) why: String,
    /// How to change it; empty when all is well.
    pub(super) fix: String,
}

impl Finding {
    pub(super) fn error(
        check: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Error, check, what: what.into(), why: why.into(), fix: fix.into() }
    }

    pub(super) fn warning(
        check: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(check, what, why, fix) }
    }

    pub(super) fn good(check: &'static str, what: impl Into<String>) -> Self {
        Self { severity: Severity::Good, ..Self::error(check, what, "", "") }
    }

    /// What keeps the server from starting.
    pub(super) fn of_problem(problem: &Problem) -> Self {
        let Problem { message, label, help, .. } = problem;
        let check = if message.starts_with("secret ") { "secret" } else { "configuration" };
        let fix = help.as_ref().or(label.as_ref()).cloned().unwrap_or_default();
        Self::error(check, message, "the server does not start", fix)
    }
}
