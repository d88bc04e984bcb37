//! From serde's words to a person's.

use toml::de::DeValue;

use super::{locate::Path, problem::Problem};

/// What serde complains of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Complaint {
    UnknownKey { known: Vec<String> },
    UnknownChoice { known: Vec<String> },
    WrongType { expected: String },
    Missing { key: String },
    Other(String),
}

impl Complaint {
    /// Reads one of the messages that serde's derive makes.
    pub(crate) fn read(message: &str) -> Self {
        let expected = || message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
        if message.starts_with("unknown field") {
            return Self::UnknownKey { known: quoted(expected()) };
        }
        if message.starts_with("unknown variant") {
            return Self::UnknownChoice { known: quoted(expected()) };
        }
        if message.starts_with("invalid type") || message.starts_with("invalid value") {
            return Self::WrongType { expected: plain(expected()) };
        }
        if let Some(key) = message.strip_prefix("missing field ") {
            return Self::Missing { key: key.trim_matches('`').to_owned() };
        }
        match untagged(message) {
            Some(expected) => Self::WrongType { expected: expected.to_owned() },
            None => Self::Other(message.to_owned()),
        }
    }

    /// The problem, at the key or value `path` below `parents`. Never repeats a value: it may have come from the
    /// environment.
    pub(crate) fn problem(&self, path: &Path, parents: &[&str], value: Option<&DeValue<'_>>) -> Problem {
        let name = path.below(parents);
        match self {
            Self::UnknownKey { known } => {
                with_choices(Problem::new(format!("unknown key `{name}`")), path.key(), known)
            }
            Self::UnknownChoice { known } => {
                let problem = Problem::new(format!("`{name}` is none of its possible values"));
                with_choices(problem, value.and_then(DeValue::as_str).unwrap_or_default(), known)
            }
            Self::WrongType { expected } => {
                let problem = Problem::new(format!("`{name}` has the wrong type or value"));
                let found = value.map_or("something else", |value| article(value.type_str()));
                problem.label(format!("expected {expected}, found {found}"))
            }
            Self::Missing { key } => {
                let full = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                Problem::new(format!("`{full}` is missing"))
            }
            Self::Other(message) if name.is_empty() => Problem::new(message.clone()),
            Self::Other(message) => Problem::new(format!("`{name}`: {message}")),
        }
    }
}

fn with_choices(problem: Problem, given: &str, known: &[String]) -> Problem {
    match nearest(given, known) {
        Some(near) => problem.label(format!("did you mean `{near}`?")),
        None if known.is_empty() => problem,
        None => problem.help(format!("possible here: {}", known.join(", "))),
    }
}

/// The one of `known` that was probably meant.
fn nearest<'k>(given: &str, known: &'k [String]) -> Option<&'k str> {
    // The reference writes `baseURL` where we write `base_url`.
    let folded = |text: &str| text.replace(['_', '-'], "").to_lowercase();
    let given = folded(given);
    let best = known.iter().map(|name| (distance(&given, &folded(name)), name)).min()?;
    let (distance, name) = best;
    (distance <= given.chars().count().max(3) / 3).then_some(name)
}

/// How many letters must be changed, added, left out or swapped with their neighbor (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<_>, Vec<_>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![(0..=right.len()).collect::<Vec<_>>()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let above = &rows[i];
            let mut least = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Names of Rust types in words.
fn plain(expected: &str) -> String {
    let words = match expected {
        "usize" | "u64" | "u32" => "a whole number, zero or more",
        "u16" => "a whole number from 0 to 65535",
        "u8" => "a whole number from 0 to 255",
        "i64" | "i32" => "a whole number",
        "a nonzero u64" | "a nonzero u32" | "a nonzero usize" => "a whole number, one or more",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        struct_name if struct_name.starts_with("struct ") => "a table",
        other => other,
    };
    words.to_owned()
}

fn untagged(message: &str) -> Option<&'static str> {
    Some(match message.strip_prefix("data did not match any variant of untagged enum ")? {
        "StoreIdentifier" => "plain, hashed, or a table with default and overrides",
        "BaseUrl" => "a URL, or a table with allowed_hosts",
        "OriginCheck" => "true, false, or a list of paths",
        "CustomRule" => "false, or a table with window and max",
        "OneOrMany" => "a text, or a list of texts",
        "RefreshCache" => "true, false, or a table with update_age",
        _ => "something else",
    })
}

fn article(kind: &'static str) -> &'static str {
    match kind {
        "string" => "a text",
        "integer" => "a whole number",
        "float" => "a number with a fraction",
        "boolean" => "true or false",
        "array" => "a list",
        "table" => "a table",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_swaps_once() {
        for (left, right, wanted) in
            [("", "", 0), ("a", "", 1), ("session", "sesion", 1), ("listen", "lsiten", 1), ("abc", "xyz", 3)]
        {
            assert_eq!(distance(left, right), wanted, "{left} {right}");
            assert_eq!(distance(right, left), wanted, "{right} {left}");
        }
    }

    #[test]
    fn what_is_near_is_suggested_and_what_is_far_is_not() {
        let known: Vec<_> = ["base_url", "base_path", "secret", "session"].map(str::to_owned).into();
        assert_eq!(nearest("baseURL", &known), Some("base_url"));
        assert_eq!(nearest("sesion", &known), Some("session"));
        assert_eq!(nearest("secert", &known), Some("secret"));
        assert_eq!(nearest("database", &known), None);
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn serdes_messages_are_understood() {
        let known = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        for (message, wanted) in [
            ("unknown field `a`, expected one of `b`, `c`", Complaint::UnknownKey { known: known(&["b", "c"]) }),
            ("unknown field `a`, expected `b` or `c`", Complaint::UnknownKey { known: known(&["b", "c"]) }),
            ("unknown field `a`, there are no fields", Complaint::UnknownKey { known: known(&[]) }),
            ("unknown variant `a`, expected `b`", Complaint::UnknownChoice { known: known(&["b"]) }),
            (
                "invalid type: string \"x, expected y\", expected usize",
                Complaint::WrongType { expected: "a whole number, zero or more".to_owned() },
            ),
            ("missing field `path`", Complaint::Missing { key: "path".to_owned() }),
            ("what else", Complaint::Other("what else".to_owned())),
        ] {
            assert_eq!(Complaint::read(message), wanted);
        }
    }
}
