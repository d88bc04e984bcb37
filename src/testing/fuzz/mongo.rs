//! Queries and statements as MongoDB documents.

use std::collections::HashSet;

use super::{
    source::Source,
    statements::{self, Asker},
};
use crate::{
    schema::{IdKind, Schema},
    store::mongo::{Bson, Change, Document, IdFormat, Translator},
};

/// Every operator that is said to the server.
const OPERATORS: &[&str] = &[
    "$and", "$count", "$eq", "$gt", "$gte", "$in", "$inc", "$limit", "$lookup", "$lt", "$lte", "$match", "$ne", "$nin",
    "$not", "$or", "$regex", "$set", "$skip", "$sort",
];
/// What a `$lookup` is made of.
const LOOKUP: &[&str] = &["from", "localField", "foreignField", "as"];

/// A query and a statement, translated.
///
/// # Panics
/// When a value became a name or an operator, or a pattern is not anchored text.
pub(super) fn run(data: &[u8]) {
    let mut source = Source::new(data);
    let ids = *source.pick(&[IdFormat::Text, IdFormat::ObjectId, IdFormat::Uuid]);
    let schema = statements::schema(&mut source, &[IdKind::Text]);
    let translator = Translator::new(&schema, ids).expect("the contract's names are taken");
    let reader = Reader::new(&schema);
    let mut asker = Asker { schema: &schema, source: &mut source };
    if let Ok(read) = translator.read(&asker.query()) {
        read.pipeline.iter().for_each(|stage| reader.question(stage));
    }
    let Ok(change) = translator.write(asker.statement()) else { return };
    match change {
        Change::Insert(insert) => {
            reader.fields(&insert.document);
            insert.parents.iter().for_each(|parent| reader.question(&parent.filter));
        }
        Change::Edit(edit) => {
            for form in &edit.updates {
                reader.question(&form.filter);
                reader.update(&form.update);
            }
            edit.parents.iter().for_each(|parent| reader.question(&parent.filter));
        }
        Change::Remove(remove) => reader.question(&remove.filter),
        Change::Check { filter, .. } => reader.question(&filter),
    }
}

struct Reader<'s>(HashSet<&'s str>);

impl<'s> Reader<'s> {
    fn new(schema: &'s Schema) -> Self {
        Self(statements::physical(schema).chain(["_id"]).collect())
    }

    /// A condition or a stage: operators of the list, and fields of the schema. What is no document is content.
    fn question(&self, document: &Document) {
        for (name, value) in document.iter() {
            if name.starts_with('$') {
                assert!(OPERATORS.contains(&name), "{name} is no operator that is used");
            } else {
                assert!(self.0.contains(name) || LOOKUP.contains(&name), "{name} is no name of the schema");
            }
            match value {
                Bson::Document(inside) => self.question(inside),
                Bson::List(list) => list.iter().for_each(|item| self.item(item)),
                Bson::Pattern(pattern) => anchored(pattern),
                Bson::Text(pattern) if name == "$regex" => anchored(pattern),
                _ => {}
            }
        }
    }

    fn item(&self, item: &Bson) {
        match item {
            Bson::Document(inside) => self.question(inside),
            Bson::Pattern(pattern) => anchored(pattern),
            Bson::List(_) => panic!("a list in a list"),
            _ => {}
        }
    }

    fn update(&self, update: &Document) {
        for (operator, value) in update.iter() {
            assert!(["$set", "$inc"].contains(&operator), "{operator} in an update");
            let Bson::Document(fields) = value else { panic!("{operator} of no document") };
            self.fields(fields);
        }
    }

    /// Stored fields, whose content is nobody's expression.
    fn fields(&self, document: &Document) {
        assert!(document.iter().all(|(name, _)| self.0.contains(name)), "a field that the schema does not have");
    }
}

/// Whether all that could mean something is escaped: what is left when escapes are taken away has balanced groups and classes, and
/// no repetition.
fn anchored(pattern: &str) {
    let mut depth = 0_i32;
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next().expect("an escape escapes something");
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            '*' | '+' | '^' | '$' | '.' => panic!("{letter} is not escaped in {pattern}"),
            _ => {}
        }
        assert!(depth >= 0, "{pattern}");
    }
    assert_eq!(depth, 0, "{pattern}");
}
