//! A configuration file on its way to values.

use std::{borrow::Cow, ops::Range};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer},
};

use super::{
    locate::{Path, Step, locate},
    problem::{Problem, Problems},
    wording::Complaint,
};

/// Answers what a text stands for.
pub(crate) type Environment<'e> = &'e dyn Fn(Source<'_>) -> Option<String>;

/// What a text can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source<'s> {
    /// `env:NAME`: an environment variable.
    Variable(&'s str),
    /// `file:PATH`: the content of a file.
    File(&'s str),
}

impl<'s> Source<'s> {
    fn read(text: &'s str) -> Option<Self> {
        // What begins with `file://` is a URL.
        let file = || text.strip_prefix("file:").filter(|path| !path.starts_with("//")).map(Self::File);
        text.strip_prefix("env:").map(Self::Variable).or_else(file)
    }

    /// Complains that it is not there.
    fn missing(self, path: &Path) -> Problem {
        let path = path.below(&[]);
        match self {
            Self::Variable(name) => {
                Problem::new(format!("`{path}` asks for the environment variable `{name}`, which is not set"))
                    .help(format!("set {name} before kernia starts"))
            }
            Self::File(file) => {
                Problem::new(format!("`{path}` asks for the file `{file}`, which cannot be read as text"))
            }
        }
    }
}

/// A parsed file, of which one section after the other is read. What is wrong is collected, so that all of it can be told
/// at once.
pub(crate) struct Document<'t> {
    root: DeTable<'t>,
    problems: Vec<Problem>,
}

/// A table of the document, and where its name is.
pub(crate) struct Section<'t> {
    pub(crate) table: DeTable<'t>,
    pub(crate) span: Range<usize>,
}

impl<'t> Document<'t> {
    /// Parses `text` and puts in what comes from the environment and from other files.
    pub(crate) fn parse(text: &'t str, environment: Environment<'_>) -> Result<Self, Vec<Problem>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let problem = |error: toml::de::Error| Problem::new(error.message().to_owned()).at(error.span());
            return Err(errors.into_iter().map(problem).collect());
        }
        let mut document = Self { root: root.into_inner(), problems: Vec::new() };
        substitute_table(&mut document.root, &mut Path::default(), environment, &mut document.problems);
        Ok(document)
    }

    /// Takes the table `name` out of the root.
    pub(crate) fn section(&mut self, name: &str) -> Option<Section<'t>> {
        let (key, value) = self.root.remove_entry(name)?;
        match value.into_inner() {
            DeValue::Table(table) => Some(Section { table, span: key.span() }),
            _ => {
                let problem = Problem::new(format!("`{name}` is not a table"));
                self.problem(problem.at(Some(key.span())).label(format!("write [{name}]")));
                None
            }
        }
    }

    /// Reads a section into a value; `None` when that is not possible, which is then among the problems.
    pub(crate) fn read<T: DeserializeOwned>(&mut self, section: Section<'_>, parents: &[&str]) -> Option<T> {
        read(section, parents, &[], &mut self.problems)
    }

    /// Reads what is left of the root. `taken` are the names of the sections that belong there too.
    pub(crate) fn read_rest<T: DeserializeOwned>(&mut self, taken: &[&str]) -> Option<T> {
        let table = std::mem::take(&mut self.root);
        read(Section { table, span: 0..0 }, &[], taken, &mut self.problems)
    }

    /// Adds a problem.
    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// What is wrong, in the order of the file.
    pub(crate) fn finish(mut self, file: &str, text: &str) -> Result<(), Problems> {
        if self.problems.is_empty() {
            return Ok(());
        }
        self.problems.sort_by_key(|problem| problem.span.as_ref().map_or(usize::MAX, |span| span.start));
        // A value that could not be had cannot be right either; the first complaint says why.
        self.problems.dedup_by(|later, earlier| later.span.is_some() && later.span == earlier.span);
        Err(Problems { file: Some(file.to_owned()), text: text.to_owned(), list: self.problems })
    }
}

/// Reads a table, and when something in it is wrong, reads it again without that, to find what else is.
fn read<T: DeserializeOwned>(
    section: Section<'_>,
    parents: &[&str],
    taken: &[&str],
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let Section { mut table, span } = section;
    let before = problems.len();
    loop {
        let source = Deserializer::from(Spanned::new(span.clone(), table.clone()));
        let error = match T::deserialize(source) {
            Ok(value) => return (problems.len() == before).then_some(value),
            Err(error) => error,
        };
        let place = error.span().unwrap_or_else(|| span.clone());
        let path = locate(&table, &place).unwrap_or_default();
        let mut complaint = Complaint::read(error.message());
        if let Complaint::UnknownKey { known } = &mut complaint
            && path.0.len() == 1
        {
            known.extend(taken.iter().map(|name| (*name).to_owned()));
        }
        // What was taken out for being wrong is not missing.
        if !(matches!(complaint, Complaint::Missing { .. }) && problems.len() > before) {
            problems.push(complaint.problem(&path, parents, path.value(&table)).at(Some(place)));
        }
        if !path.remove(&mut table) {
            return None;
        }
    }
}

fn substitute_table(
    table: &mut DeTable<'_>,
    path: &mut Path,
    environment: Environment<'_>,
    problems: &mut Vec<Problem>,
) {
    for (key, value) in table.iter_mut() {
        path.0.push(Step::Key(key.get_ref().to_string()));
        substitute(value, path, environment, problems);
        path.0.pop();
    }
}

fn substitute(
    value: &mut Spanned<DeValue<'_>>,
    path: &mut Path,
    environment: Environment<'_>,
    problems: &mut Vec<Problem>,
) {
    let span = value.span();
    match value.get_mut() {
        DeValue::Table(table) => substitute_table(table, path, environment, problems),
        DeValue::Array(array) => {
            for (at, value) in array.iter_mut().enumerate() {
                path.0.push(Step::Index(at));
                substitute(value, path, environment, problems);
                path.0.pop();
            }
        }
        DeValue::String(text) => {
            let Some(source) = Source::read(text) else { return };
            match environment(source) {
                Some(value) => *text = Cow::Owned(value),
                None => problems.push(source.missing(path).at(Some(span))),
            }
        }
        _ => {}
    }
}
