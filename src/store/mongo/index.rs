//! The indexes that a collection gets.

use super::{Bson, Collection, Document};
use crate::{
    schema::{Field, FieldType, Table},
    store::index_name::index_name,
    wire::date::Timestamp,
};

/// The first moment that JavaScript knows.
const FIRST_MOMENT: i64 = -8_640_000_000_000_000;

/// An index over ascending fields, under the name that the reference gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexModel {
    /// Its name.
    pub name: String,
    /// The fields, as documents call them.
    pub paths: Vec<String>,
    /// Whether no two documents may agree in them.
    pub unique: bool,
    /// Which documents it covers; all when absent.
    pub partial: Option<Document>,
    /// The first field's position.
    pub(super) field: usize,
}

/// The indexes of `table`: the single ones, then those over several fields.
pub(super) fn indexes(collection: &Collection, table: &Table) -> Vec<IndexModel> {
    let mut models = Vec::new();
    for (at, field) in table.fields.iter().enumerate() {
        let listed = table
            .indexes
            .iter()
            .any(|index| index.fields.len() == 1 && index.fields[0] == field.name && (index.unique || !field.unique));
        if (field.unique || field.index) && !listed && !is_document(field.kind) {
            models.push(model(collection, table, &[at], field.unique));
        }
    }
    for index in &table.indexes {
        let places = index.fields.iter().map(|field| collection.shape.position(field)).collect::<Result<Vec<_>, _>>();
        if let Ok(places) = places
            && !places.is_empty()
        {
            models.push(model(collection, table, &places, index.unique));
        }
    }
    models
}

fn model(collection: &Collection, table: &Table, places: &[usize], unique: bool) -> IndexModel {
    let paths: Vec<_> = places.iter().map(|at| collection.path(*at)).collect();
    // The name says `id` where documents say `_id`.
    let columns: Vec<_> = places.iter().map(|at| table.fields.get(*at).map_or("id", |field| &field.column)).collect();
    let optional = places.iter().filter_map(|at| table.fields.get(*at)).filter(|field| unique && !field.required);
    let present: Document = optional.map(|field| (field.column.to_string(), present(field))).collect();
    IndexModel {
        name: index_name(&table.physical, &columns, unique),
        paths: paths.into_iter().map(str::to_owned).collect(),
        unique,
        partial: if present.is_empty() { None } else { Some(present) },
        field: places[0],
    }
}

/// What every value of an optional field satisfies, and absence does not: a range, which look-ups can use where they cannot
/// use a type.
fn present(field: &Field) -> Bson {
    let least: Bson = match field.kind {
        _ if field.references.as_ref().is_some_and(|reference| reference.field == "id") => {
            return Document::of("$type", vec!["string".into(), "objectId".into(), "binData".into()]).into();
        }
        FieldType::Boolean => return Document::of("$type", "bool").into(),
        FieldType::Text | FieldType::Id(_) => "".into(),
        FieldType::Number | FieldType::BigNumber => f64::NEG_INFINITY.into(),
        FieldType::Date => Timestamp::from_millis(FIRST_MOMENT).into(),
        FieldType::Json | FieldType::TextList | FieldType::NumberList => {
            return Document::of("$exists", true).into();
        }
    };
    Document::of("$gte", least).into()
}

fn is_document(kind: FieldType) -> bool {
    matches!(kind, FieldType::Json | FieldType::TextList | FieldType::NumberList)
}
