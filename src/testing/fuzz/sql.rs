//! Queries and statements as SQL, in every dialect.

use std::collections::HashSet;

use super::{
    source::Source,
    statements::{self, Asker},
};
use crate::{
    schema::{IdKind, Schema},
    store::{
        Batch,
        sql::{Dialect, Sql, Translator, Write},
    },
};

/// Every word that stands outside of quotes in a statement.
const WORDS: &str = "ALL AND AS ASC BINARY BY CAST COLLATE DELETE DESC DO FIRST FOR FROM IN INSERT INTO IS JOIN KEY LAST LEFT LIMIT \
                     LOCK NOT NULL NULLS OFFSET ON OR ORDER REPLACE RETURNING SELECT SET SHARE UPDATE VALUES WHERE coalesce \
                     count instr left locate lower right strpos substr float8 int8 t r0 r1 r2";

/// A query and a batch, translated for each dialect.
///
/// # Panics
/// When a value became part of the text, a name stands there without quotes, or a parameter has no place.
pub(super) fn run(data: &[u8]) {
    let mut source = Source::new(data);
    let schema = statements::schema(&mut source, &[IdKind::Text, IdKind::Uuid, IdKind::Serial]);
    let mut asker = Asker { schema: &schema, source: &mut source };
    let query = asker.query();
    let batch = Batch { statements: (0..1 + asker.source.below(3)).map(|_| asker.statement()).collect() };
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        let translator = Translator::new(dialect, &schema);
        let reader = Reader::new(dialect, &schema);
        if let Ok(read) = translator.read(&query) {
            reader.check(&read.sql);
        }
        let _ = translator.demands(&batch);
        for statement in batch.statements.clone() {
            let Ok(write) = translator.write(statement) else { continue };
            match &write {
                Write::Insert { run, .. } | Write::Number { run, .. } | Write::Change { run } => reader.check(run),
                Write::Count { ask } | Write::Take { ask, .. } => reader.check(ask),
                Write::LockAndTake { ask, run, .. } => {
                    reader.check(ask);
                    reader.check(run);
                }
            }
        }
    }
}

/// Reads statements of one dialect as a lexer of that database does.
struct Reader<'s> {
    dialect: Dialect,
    words: HashSet<&'static str>,
    names: HashSet<&'s str>,
}

impl<'s> Reader<'s> {
    fn new(dialect: Dialect, schema: &'s Schema) -> Self {
        let names = statements::physical(schema).chain(["id", "C"]).collect();
        Self { dialect, words: WORDS.split_whitespace().collect(), names }
    }

    fn check(&self, sql: &Sql) {
        let (mark, quote) = match self.dialect {
            Dialect::Sqlite => ('?', '"'),
            Dialect::Postgres => ('$', '"'),
            Dialect::MySql => ('?', '`'),
        };
        let mut places = 0;
        let mut rest = sql.text.as_str();
        while let Some(letter) = rest.chars().next() {
            rest = if letter == quote {
                self.name(rest, quote)
            } else if letter == mark {
                places += 1;
                rest[1..].trim_start_matches(|digit: char| digit.is_ascii_digit())
            } else if letter.is_ascii_alphabetic() {
                self.word(rest)
            } else {
                // MySQL's folding names letters by their codes, and limits that are none are numbers.
                let allowed = letter.is_ascii_digit() || " (),.=<>*+:-".contains(letter);
                assert!(allowed, "{letter:?} outside of quotes: {}", sql.text);
                &rest[letter.len_utf8()..]
            };
        }
        assert_eq!(places, sql.params.len(), "places and parameters: {}", sql.text);
        assert!(!sql.text.contains("--") && !sql.text.contains("/*"), "a comment: {}", sql.text);
    }

    fn name<'t>(&self, text: &'t str, quote: char) -> &'t str {
        let inside = &text[1..];
        let mut end = 0;
        loop {
            let length = inside[end..].find(quote).expect("a quote that ends");
            end += length + 1;
            match inside[end..].strip_prefix(quote) {
                Some(_) => end += 1,
                None => break,
            }
        }
        let name = inside[..end - 1].replace(&format!("{quote}{quote}"), &quote.to_string());
        assert!(self.names.contains(name.as_str()), "{name:?} is no name of the schema");
        &inside[end..]
    }

    fn word<'t>(&self, text: &'t str) -> &'t str {
        let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
        let word = &text[..end];
        let code = word.starts_with('x') && word.len() == 3;
        assert!(code || self.words.contains(word), "{word} outside of quotes");
        &text[end..]
    }
}
