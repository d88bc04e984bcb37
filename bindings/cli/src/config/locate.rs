//! From a place in the file to the key it belongs to.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// One step from a table or array into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// A key or a value in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Step>);

impl Path {
    /// The last key.
    pub(crate) fn key(&self) -> &str {
        let keys = self.0.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        });
        keys.unwrap_or_default()
    }

    /// `a.b[2].c`, below `parents`.
    pub(crate) fn below(&self, parents: &[&str]) -> String {
        let mut text = parents.join(".");
        for step in &self.0 {
            match step {
                Step::Index(at) => text.push_str(&format!("[{at}]")),
                Step::Key(key) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(key);
                }
            }
        }
        text
    }

    /// What is at this path.
    pub(crate) fn value<'t, 'i>(&self, table: &'t DeTable<'i>) -> Option<&'t DeValue<'i>> {
        let mut steps = self.0.iter();
        let Some(Step::Key(first)) = steps.next() else { return None };
        let mut value = table.get(first.as_str())?.get_ref();
        for step in steps {
            value = match (step, value) {
                (Step::Key(key), DeValue::Table(table)) => table.get(key.as_str())?.get_ref(),
                (Step::Index(at), DeValue::Array(array)) => array.get(*at)?.get_ref(),
                _ => return None,
            };
        }
        Some(value)
    }

    /// Takes what is at this path out of its table; an array's element goes with the array. Answers whether there was
    /// anything.
    pub(crate) fn remove(&self, table: &mut DeTable<'_>) -> bool {
        let is_key = |step: &Step| matches!(step, Step::Key(_));
        let Some(last) = self.0.iter().rposition(is_key) else { return false };
        let Step::Key(key) = &self.0[last] else { return false };
        match self.0.split_first() {
            Some((Step::Key(_), _)) if last == 0 => table.remove(key.as_str()).is_some(),
            Some((Step::Key(first), rest)) => {
                let Some(value) = table.get_mut(first.as_str()) else { return false };
                remove(value.get_mut(), &rest[..last - 1], key)
            }
            _ => false,
        }
    }
}

fn remove(value: &mut DeValue<'_>, steps: &[Step], key: &str) -> bool {
    match (value, steps.split_first()) {
        (DeValue::Table(table), None) => table.remove(key).is_some(),
        (DeValue::Table(table), Some((Step::Key(step), rest))) => {
            table.get_mut(step.as_str()).is_some_and(|value| remove(value.get_mut(), rest, key))
        }
        (DeValue::Array(array), Some((Step::Index(at), rest))) => {
            array.get_mut(*at).is_some_and(|value| remove(value.get_mut(), rest, key))
        }
        _ => false,
    }
}

/// The key at exactly these bytes, else the smallest value that has them.
pub(crate) fn locate(table: &DeTable<'_>, span: &Range<usize>) -> Option<Path> {
    let mut found = Found { span, key: None, value: None };
    found.visit_table(table, &mut Vec::new());
    found.key.or(found.value.map(|(_, path)| path))
}

struct Found<'s> {
    span: &'s Range<usize>,
    key: Option<Path>,
    value: Option<(usize, Path)>,
}

impl Found<'_> {
    fn visit_table(&mut self, table: &DeTable<'_>, path: &mut Vec<Step>) {
        for (key, value) in table {
            path.push(Step::Key(key.get_ref().to_string()));
            if key.span() == *self.span {
                self.key = Some(Path(path.clone()));
            }
            self.visit(value, path);
            path.pop();
        }
    }

    fn visit(&mut self, value: &Spanned<DeValue<'_>>, path: &mut Vec<Step>) {
        let span = value.span();
        let smaller = self.value.as_ref().is_none_or(|(length, _)| span.len() <= *length);
        if span.start <= self.span.start && self.span.end <= span.end && smaller {
            self.value = Some((span.len(), Path(path.clone())));
        }
        match value.get_ref() {
            DeValue::Table(table) => self.visit_table(table, path),
            DeValue::Array(array) => {
                for (at, value) in array.iter().enumerate() {
                    path.push(Step::Index(at));
                    self.visit(value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\nlist = [{ x = 1 }, { y = \"deep\" }]\n[b.c]\nd = true\n";

    fn path(marked: &str) -> String {
        let start = TEXT.find(marked).unwrap();
        let table = DeTable::parse(TEXT).unwrap().into_inner();
        locate(&table, &(start..start + marked.len())).unwrap().below(&["root"])
    }

    #[test]
    fn keys_and_values_are_found() {
        assert_eq!(path("a"), "root.a");
        assert_eq!(path("1"), "root.a");
        assert_eq!(path("y"), "root.list[1].y");
        assert_eq!(path("\"deep\""), "root.list[1].y");
        assert_eq!(path("true"), "root.b.c.d");
        assert_eq!(path("c"), "root.b.c");
    }

    #[test]
    fn what_is_found_can_be_removed() {
        let mut table = DeTable::parse(TEXT).unwrap().into_inner();
        for marked in ["y", "true", "a"] {
            let start = TEXT.find(marked).unwrap();
            let path = locate(&table, &(start..start + marked.len())).unwrap();
            assert!(path.value(&table).is_some());
            assert!(path.remove(&mut table));
            assert!(path.value(&table).is_none());
            assert!(!path.remove(&mut table));
        }
        assert!(table.get("list").is_some() && table.get("b").is_some());
    }
}
