//! Queries as aggregations.

use super::{Bson, Collection, Document, Translator, collection::RELATED, filter};
use crate::store::{Consistency, Direction, Name, Query, Row, Rows, StorageError};

/// A query as an aggregation: one round trip, related rows included.
#[derive(Debug)]
pub struct Read<'t> {
    /// The collection that is read.
    pub collection: &'t Collection,
    /// What to ask of it.
    pub pipeline: Vec<Document>,
    /// Whether a secondary that lags may answer.
    pub consistency: Consistency,
    count: bool,
    relations: Vec<Relation<'t>>,
}

#[derive(Debug)]
struct Relation<'t> {
    name: Name,
    local: usize,
    collection: &'t Collection,
}

/// The aggregation that answers `query`.
pub(super) fn translate<'t>(translator: &'t Translator, query: &Query) -> Result<Read<'t>, StorageError> {
    let collection = translator.by_name(&query.table)?;
    let accepted = filter::condition(collection, translator.ids, &query.filter)?;
    let mut read = Read {
        collection,
        pipeline: vec![Document::of("$match", accepted)],
        consistency: query.consistency,
        count: query.count,
        relations: Vec::new(),
    };
    if query.count {
        read.pipeline.push(Document::of("$count", "count"));
        return Ok(read);
    }
    read.window(query)?;
    for with in &query.with {
        let related = translator.by_name(&with.table)?;
        let (local, foreign) = collection.shape.joinable(&with.local, &related.shape, &with.foreign)?;
        let lookup = Document::of("from", related.name())
            .with("localField", collection.path(local))
            .with("foreignField", related.path(foreign))
            .with("as", format!("{RELATED}{}", read.relations.len()));
        read.pipeline.push(Document::of("$lookup", lookup));
        read.relations.push(Relation { name: with.name.clone(), local, collection: related });
    }
    Ok(read)
}

impl Read<'_> {
    fn window(&mut self, query: &Query) -> Result<(), StorageError> {
        let mut keys = Document::new();
        for key in &query.order {
            let path = self.collection.path(self.collection.shape.sortable(&key.field)?);
            if keys.get(path).is_none() {
                keys.push(path, if key.direction == Direction::Ascending { 1 } else { -1 });
            }
        }
        if !keys.is_empty() {
            self.pipeline.push(Document::of("$sort", keys));
        }
        if query.offset > 0 {
            self.pipeline.push(Document::of("$skip", i64::from(query.offset)));
        }
        match query.limit {
            None => {}
            // MongoDB takes no limit of zero.
            Some(0) => self.pipeline.push(Document::of("$match", filter::nothing())),
            Some(limit) => self.pipeline.push(Document::of("$limit", i64::from(limit))),
        }
        Ok(())
    }

    /// The answer, from the documents that the aggregation gave.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when a document does not hold what its fields can.
    pub fn answer(&self, documents: Vec<Document>) -> Result<Rows, StorageError> {
        if self.count {
            // Where there is nothing to count there is no document.
            return Ok(Rows::counted(documents.first().and_then(|counted| counted.get("count")).map_or(0, number)));
        }
        let rows = documents.into_iter().map(|document| self.row(document)).collect::<Result<_, _>>()?;
        Ok(Rows::found(rows))
    }

    fn row(&self, mut document: Document) -> Result<Row, StorageError> {
        let mut attached = Vec::with_capacity(self.relations.len());
        for (position, relation) in self.relations.iter().enumerate() {
            let related = document.take(&format!("{RELATED}{position}"));
            // `$lookup` relates what is absent to what is absent.
            let absent = matches!(document.get(self.collection.path(relation.local)), None | Some(Bson::Null));
            let rows = match related {
                Some(Bson::List(related)) if !absent => related.into_iter().map(|related| match related {
                    Bson::Document(related) => relation.collection.row(related),
                    _ => Err(StorageError::Failed("a related row is no document".to_owned())),
                }),
                _ => {
                    attached.push((relation.name.clone(), Vec::new()));
                    continue;
                }
            };
            attached.push((relation.name.clone(), rows.collect::<Result<_, _>>()?));
        }
        let mut row = self.collection.row(document)?;
        attached.into_iter().for_each(|(name, rows)| row.attach(name, rows));
        Ok(row)
    }
}

fn number(value: &Bson) -> u64 {
    match value {
        Bson::Int32(number) => u64::try_from(*number).unwrap_or(0),
        Bson::Int64(number) => u64::try_from(*number).unwrap_or(0),
        Bson::Double(number) => *number as u64,
        _ => 0,
    }
}
