//! Filters as the conditions of `$match`.

use super::{Bson, Collection, Document, IdFormat, pattern::pattern};
use crate::{
    schema::FieldType,
    store::{CaseMode, Filter, Op, StorageError, Value},
};

/// What accepts no document.
pub(super) fn nothing() -> Document {
    Document::of("_id", Document::of("$in", Vec::new()))
}

/// What accepts the documents that `filter` accepts.
pub(super) fn condition(collection: &Collection, ids: IdFormat, filter: &Filter) -> Result<Document, StorageError> {
    let all = |parts: &[Filter]| {
        let parts = parts.iter().map(|part| Ok(condition(collection, ids, part)?.into()));
        parts.collect::<Result<Vec<Bson>, StorageError>>()
    };
    Ok(match filter {
        Filter::All => Document::new(),
        Filter::And(parts) if parts.is_empty() => Document::new(),
        Filter::And(parts) => Document::of("$and", all(parts)?),
        Filter::Or(parts) if parts.is_empty() => nothing(),
        Filter::Or(parts) => Document::of("$or", all(parts)?),
        Filter::In { field, values, negated } => {
            let at = collection.shape.position(field)?;
            let mut list = Vec::with_capacity(values.len() + 1);
            for value in values.iter().filter(|value| !value.is_null()) {
                let comparand = collection.shape.comparand(at, Op::Eq, value)?;
                list.extend(comparand.map(|value| collection.encode(ids, at, &value)));
            }
            let operator = if *negated { "$nin" } else { "$in" };
            if *negated {
                list.push(Bson::Null);
            }
            Document::of(collection.path(at), Document::of(operator, list))
        }
        Filter::Compare { field, op, value, case } => {
            let at = collection.shape.position(field)?;
            match collection.shape.comparand(at, *op, value)? {
                None => nothing(),
                Some(value) if value.is_null() => absence(collection, at, *op),
                Some(value) => comparison(collection, ids, at, *op, &value, *case)?,
            }
        }
    })
}

/// The field is absent, or is not.
fn absence(collection: &Collection, at: usize, op: Op) -> Document {
    let mut absent = vec![Bson::Null];
    // The reference writes the JSON document `null` as text.
    if collection.shape.kind(at) == FieldType::Json {
        absent.push("null".into());
    }
    let operator = if op == Op::Ne { "$nin" } else { "$in" };
    Document::of(collection.path(at), Document::of(operator, absent))
}

fn comparison(
    collection: &Collection,
    ids: IdFormat,
    at: usize,
    op: Op,
    value: &Value,
    case: CaseMode,
) -> Result<Document, StorageError> {
    let text = value.as_text();
    let fold = case == CaseMode::Insensitive;
    let is_pattern = matches!(op, Op::Contains | Op::StartsWith | Op::EndsWith);
    let encoded = |value: &Value| collection.encode(ids, at, value);
    let test: Bson = match (op, text) {
        (_, Some("")) if is_pattern => Document::of("$ne", Bson::Null).into(),
        (Op::Eq | Op::Ne, Some(text)) if fold => {
            let mut list = vec![Bson::Pattern(pattern(op, text, case)?)];
            // Ids in binary form have no upper case, and no pattern finds them.
            if collection.is_id(at) {
                list.push(ids.encode(&text.to_ascii_lowercase()));
            }
            if op == Op::Ne {
                list.push(Bson::Null);
            }
            Document::of(if op == Op::Ne { "$nin" } else { "$in" }, list).into()
        }
        (_, Some(text)) if fold || is_pattern => Document::of("$regex", pattern(op, text, case)?).into(),
        (Op::Ne, _) => Document::of("$nin", vec![encoded(value), Bson::Null]).into(),
        (Op::Lt, _) => Document::of("$lt", encoded(value)).into(),
        (Op::Lte, _) => Document::of("$lte", encoded(value)).into(),
        (Op::Gt, _) => Document::of("$gt", encoded(value)).into(),
        (Op::Gte, _) => Document::of("$gte", encoded(value)).into(),
        // `Shape::comparand` lets patterns through for text only.
        (Op::Eq | Op::Contains | Op::StartsWith | Op::EndsWith, _) => Document::of("$eq", encoded(value)).into(),
    };
    Ok(Document::of(collection.path(at), test))
}

/// Whether at most one document can be accepted, because a unique field must equal something.
pub(super) fn accepts_one(collection: &Collection, filter: &Filter) -> bool {
    match filter {
        Filter::Compare { field, op: Op::Eq, value, case: CaseMode::Sensitive } => {
            let at = collection.shape.position(field);
            !value.is_null() && at.is_ok_and(|at| collection.unique[at])
        }
        Filter::And(parts) => parts.iter().any(|part| accepts_one(collection, part)),
        _ => false,
    }
}
