//! Saying what is wrong with a configuration file, and where.

use std::{fmt, ops::Range};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// The bytes of the file that it is about.
    pub(crate) span: Option<Range<usize>>,
    /// What to write instead; shown under the line.
    pub(crate) label: Option<String>,
    /// What else helps.
    pub(crate) help: Option<String>,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), span: None, label: None, help: None }
    }

    pub(crate) fn at(mut self, span: Option<Range<usize>>) -> Self {
        self.span = span;
        self
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// All that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problems {
    pub(crate) file: Option<String>,
    pub(crate) text: String,
    pub(crate) list: Vec<Problem>,
}

impl Problems {
    /// Problems that are about no place in particular.
    pub(crate) fn nowhere(list: Vec<Problem>) -> Self {
        Self { file: None, text: String::new(), list }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.list.iter().enumerate() {
            if at > 0 {
                writeln!(f, "\n")?;
            }
            write!(f, "error: {}", problem.message)?;
            let place = problem.span.clone().and_then(|span| Place::of(&self.text, span));
            let margin = place.as_ref().map_or(1, |place| place.number.to_string().len());
            match (&self.file, &place) {
                (Some(file), Some(place)) => place.show(f, file, problem.label.as_deref())?,
                (Some(file), None) => write!(f, "\n --> {file}")?,
                _ => {}
            }
            if let Some(help) = &problem.help {
                write!(f, "\n{:margin$} = help: {help}", "")?;
            }
        }
        Ok(())
    }
}

/// Where a span is, for people.
struct Place<'t> {
    /// The line's number, from 1.
    number: usize,
    /// The line, without what could be a secret.
    line: &'t str,
    masked: bool,
    /// The column of the first character, from 1.
    column: usize,
    /// How many characters, at least 1.
    width: usize,
}

impl<'t> Place<'t> {
    fn of(text: &'t str, span: Range<usize>) -> Option<Self> {
        let start = span.start.min(text.len());
        let before = text.get(..start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].split('\n').next().unwrap_or_default().trim_end();
        let column = before[line_start..].chars().count() + 1;
        let rest = line.get(start - line_start..).unwrap_or_default();
        let marked = rest.get(..span.len().min(rest.len())).unwrap_or(rest);
        let (shown, masked) = without_secrets(line);
        let room = (shown.chars().count() + 2).saturating_sub(column).max(1);
        Some(Self {
            number: before.matches('\n').count() + 1,
            line: shown,
            masked,
            column,
            width: marked.chars().count().clamp(1, room),
        })
    }

    fn show(&self, f: &mut fmt::Formatter<'_>, file: &str, label: Option<&str>) -> fmt::Result {
        let Self { number, line, column, width, masked } = self;
        let margin = number.to_string().len();
        write!(f, "\n{:margin$}--> {file}:{number}:{column}", "")?;
        write!(f, "\n{:margin$} |", "")?;
        write!(f, "\n{number} | {line}{}", if *masked { " …" } else { "" })?;
        write!(f, "\n{:margin$} | {:indent$}{}", "", "", "^".repeat(*width), indent = column - 1)?;
        if let Some(label) = label {
            write!(f, " {label}")?;
        }
        Ok(())
    }
}

/// Terminals are copied into issues: a line that may hold a secret is shown up to its `=`.
fn without_secrets(line: &str) -> (&str, bool) {
    let lower = line.to_ascii_lowercase();
    let suspicious = ["secret", "password", "token", "value"].iter().any(|word| lower.contains(word));
    // A URL with somebody's name in it may have their password too.
    let suspicious = suspicious || lower.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    match line.find('=') {
        Some(at) if suspicious && !line.contains("\"env:") => (&line[..=at], true),
        _ => (line, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, marked: &str, label: Option<&str>) -> String {
        let start = text.find(marked).unwrap();
        let mut problem = Problem::new("no good").at(Some(start..start + marked.len())).help("do better");
        problem.label = label.map(str::to_owned);
        let file = Some("kernia.toml".to_owned());
        Problems { file, text: text.to_owned(), list: vec![problem] }.to_string()
    }

    #[test]
    fn the_line_is_shown_with_a_mark_under_it() {
        let text = "a = 1\n\n  wörd = true # x\n";
        assert_eq!(
            shown(text, "true", Some("did you mean `false`?")),
            "error: no good\n --> kernia.toml:3:10\n  |\n3 |   wörd = true # x\n  |          ^^^^ did you mean `false`?\n  \
             = help: do better"
        );
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let shown = shown("secret = \"hunter2\"", "\"hunter2\"", None);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("1 | secret = …\n  |          ^"), "{shown}");
    }

    #[test]
    fn a_span_beyond_the_text_is_shown_at_its_end() {
        let problem = Problem::new("ends early").at(Some(3..9));
        let problems = Problems { file: Some("f".into()), text: "a =".into(), list: vec![problem] };
        assert!(problems.to_string().contains("--> f:1:4"), "{problems}");
    }
}
