//! Findings for people and for programs.

use crate::terminal::{Paint, count};
use serde_json::json;

use super::{Finding, Severity};

/// For people.
pub(super) fn text(findings: &[Finding], paint: Paint) -> String {
    let mut text = String::new();
    for Finding { severity, check, what, why, fix } in findings {
        match severity {
            Severity::Good => text.push_str(&format!("{}  {check}: {what}\n", paint.good("ok"))),
            _ => {
                let word = if *severity == Severity::Error { "error" } else { "warning" };
                text.push_str(&format!("{}  {}\n", paint.warning(word), paint.bold(format!("{check}: {what}"))));
                text.push_str(&format!("    why: {why}\n    fix: {fix}\n"));
            }
        }
    }
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    text.push_str(&format!("\n{}, {}\n", count(errors, "error"), count(warnings, "warning")));
    text
}

/// For programs. Keys are only ever added; were one to change its meaning, `format` would count up.
pub(super) fn json(findings: &[Finding]) -> String {
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let report = json!({
        "format": 1,
        "errors": of(Severity::Error),
        "warnings": of(Severity::Warning),
        "findings": findings,
    });
    format!("{report:#}\n")
}
