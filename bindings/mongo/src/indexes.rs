//! Collections and indexes that a database lacks. Nothing is ever dropped or changed.

use kernia::store::{
    StorageError,
    mongo::{Collection, IndexModel, Translator},
};
use mongodb::{
    Database,
    bson::{self, Document, doc},
    error::Error,
};

use crate::{
    bson::to_driver,
    failure::{code, is_duplicate, storage_error},
};

const NAMESPACE_NOT_FOUND: i32 = 26;
/// The same index under another name, and another index under the same name.
const INDEX_IS_OTHER: [i32; 2] = [85, 86];

/// What a database lacked, or lacks, of a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prepared {
    /// Indexes that were not there, by name.
    pub indexes: Vec<String>,
    /// What differs but works.
    pub warnings: Vec<String>,
}

/// What the database lacks.
pub(crate) async fn missing(database: &Database, translator: &Translator) -> Result<Prepared, StorageError> {
    let mut prepared = Prepared::default();
    for (collection, models) in translator.collections() {
        let live = live(database, collection).await?;
        compare(&mut prepared, collection, models, &live);
    }
    Ok(prepared)
}

/// Gives the database what it lacks.
pub(crate) async fn prepare(database: &Database, translator: &Translator) -> Result<Prepared, StorageError> {
    let mut prepared = Prepared::default();
    for (collection, models) in translator.collections() {
        let live = live(database, collection).await?;
        if live.is_empty() {
            // An index brings its collection along, which older servers cannot create inside a transaction.
            let made = create(database, collection, doc! { "key": { "_id": 1 }, "name": "_id_" }).await;
            made.map_err(|error| storage_error(&error))?;
        }
        for model in compare(&mut prepared, collection, models, &live) {
            match create(database, collection, definition(model)).await {
                Ok(()) => {}
                Err(error) if is_duplicate(&error) => {
                    return Err(StorageError::Failed(format!(
                        "the unique index {} of {} cannot be made: rows that are there share a value; remove one of each",
                        model.name,
                        collection.name()
                    )));
                }
                Err(error) if code(&error).is_some_and(|code| INDEX_IS_OTHER.contains(&code)) => {
                    prepared.warnings.push(differs(collection, model));
                }
                Err(error) => return Err(storage_error(&error)),
            }
        }
    }
    Ok(prepared)
}

/// The indexes that are missing; what differs is noted.
fn compare<'m>(
    prepared: &mut Prepared,
    collection: &Collection,
    models: &'m [IndexModel],
    live: &[Document],
) -> Vec<&'m IndexModel> {
    let mut missing = Vec::new();
    for model in models {
        let wanted = definition(model);
        let same_key = |known: &&Document| known.get("key") == wanted.get("key");
        if live.iter().filter(same_key).any(|known| agrees(known, &wanted)) {
            continue;
        }
        // An index that does not enforce what it should does no harm beside one that does, but MongoDB keeps the first.
        if live.iter().any(|known| known.get("name") == wanted.get("name")) {
            prepared.warnings.push(differs(collection, model));
            continue;
        }
        prepared.indexes.push(model.name.clone());
        missing.push(model);
    }
    missing
}

fn differs(collection: &Collection, model: &IndexModel) -> String {
    let (name, table) = (&model.name, collection.name());
    if model.unique {
        return format!(
            "an index over the fields of {name} of {table} has other options: drop it and start again, or two requests at once can store the same value"
        );
    }
    format!("an index over the fields of {name} of {table} has other options")
}

/// Whether `known` enforces at least what is wanted.
fn agrees(known: &Document, wanted: &Document) -> bool {
    let unique = |index: &Document| index.get_bool("unique").unwrap_or(false);
    let partial = |index: &Document| index.get_document("partialFilterExpression").ok().cloned();
    if !unique(wanted) {
        return partial(known).is_none();
    }
    unique(known) && partial(known) == partial(wanted)
}

fn definition(model: &IndexModel) -> Document {
    let key: Document = model.paths.iter().map(|path| (path.clone(), bson::Bson::Int32(1))).collect();
    let mut definition = doc! { "key": key, "name": &model.name };
    if model.unique {
        definition.insert("unique", true);
    }
    if let Some(partial) = &model.partial {
        definition.insert("partialFilterExpression", to_driver(partial.clone()));
    }
    definition
}

async fn create(database: &Database, collection: &Collection, definition: Document) -> Result<(), Error> {
    let command = doc! { "createIndexes": collection.name(), "indexes": [definition] };
    database.run_command(command).await.map(drop)
}

async fn live(database: &Database, collection: &Collection) -> Result<Vec<Document>, StorageError> {
    let command = doc! { "listIndexes": collection.name(), "cursor": { "batchSize": 1000 } };
    let answer = match database.run_command(command).await {
        Err(error) if code(&error) == Some(NAMESPACE_NOT_FOUND) => return Ok(Vec::new()),
        answer => answer.map_err(|error| storage_error(&error))?,
    };
    let batch = answer.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
    Ok(batch.map(|batch| batch.iter().filter_map(bson::Bson::as_document).cloned().collect()).unwrap_or_default())
}
