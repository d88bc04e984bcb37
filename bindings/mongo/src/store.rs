//! The store.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use kernia::{
    schema::Schema,
    store::{Batch, Consistency, Query, Rows, Storage, StorageError, mongo::Translator},
    wire::date::Timestamp,
};
use mongodb::{
    Client, Database,
    bson::doc,
    options::{
        AggregateOptions, ClientOptions, DatabaseOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
    },
};

use crate::{
    Atomicity, MongoOptions, Prepared,
    apply::stands_alone,
    bson::{from_driver, to_driver},
    failure::storage_error,
    indexes, transaction,
};

/// So many rows come in one round trip.
const BATCH_SIZE: u32 = 1000;

/// A [`Storage`] in a MongoDB database.
pub struct MongoStore {
    core: Arc<Core>,
    atomicity: Atomicity,
    options: MongoOptions,
}

struct Core {
    client: Client,
    database: Database,
    translator: Translator,
}

impl MongoStore {
    /// Connects to the server that `url` names (`mongodb://…`, and `mongodb+srv://…` with the feature `dns-resolver`) and asks
    /// it whether it has transactions. Indexes are not created: see [`MongoStore::migrate`].
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the URL cannot be read, names no database, or the schema has names that MongoDB does not
    /// take; [`StorageError::Unavailable`] or [`StorageError::Timeout`] when no server answers.
    pub async fn connect(url: &str, schema: &Schema, options: MongoOptions) -> Result<Self, StorageError> {
        let translator = Translator::new(schema, options.ids)?;
        let client =
            Client::with_options(client_options(url, &options).await?).map_err(|error| storage_error(&error))?;
        let name = options.database.clone().or_else(|| client.default_database().map(|known| known.name().to_owned()));
        let name = name.ok_or_else(|| failed("the MongoDB URL names no database; write mongodb://host/database"))?;
        let admin = client.database("admin");
        let hello = async { admin.run_command(doc! { "hello": 1 }).await.map_err(|error| storage_error(&error)) };
        let hello = within(&options, hello).await?;
        let many = hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|kind| kind == "isdbgrid");
        let atomicity =
            options.atomicity.unwrap_or(if many { Atomicity::Transactions } else { Atomicity::Compensation });
        let mut concerns = DatabaseOptions::default();
        if many {
            concerns.read_concern = Some(ReadConcern::majority());
            concerns.write_concern = Some(WriteConcern::majority());
        }
        concerns.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        if atomicity == Atomicity::Compensation {
            tracing::warn!(
                "this MongoDB server stands alone and has no transactions: batches are taken back by compensation, and a \
                 crash can leave one half done; make it a replica set of one member for whole batches"
            );
        }
        let database = client.database_with_options(&name, concerns);
        Ok(Self { core: Arc::new(Core { client, database, translator }), atomicity, options })
    }

    /// How batches are kept whole.
    #[must_use]
    pub fn atomicity(&self) -> Atomicity {
        self.atomicity
    }

    /// What the database lacks of the schema.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    pub async fn plan(&self) -> Result<Prepared, StorageError> {
        within(&self.options, indexes::missing(&self.core.database, &self.core.translator)).await
    }

    /// Gives the database the collections and indexes that it lacks, and answers which. Takes as long as the server needs to
    /// build them.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when rows that are there share a value that must be unique;
    /// [`StorageError::Unavailable`].
    pub async fn migrate(&self) -> Result<Prepared, StorageError> {
        indexes::prepare(&self.core.database, &self.core.translator).await
    }

    /// The time on the clock of the server's machine; `None` when it does not tell.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    pub async fn clock(&self) -> Result<Option<Timestamp>, StorageError> {
        let admin = self.core.client.database("admin");
        let hello = async { admin.run_command(doc! { "hello": 1 }).await.map_err(|error| storage_error(&error)) };
        let hello = within(&self.options, hello).await?;
        Ok(hello.get_datetime("localTime").ok().map(|time| Timestamp::from_millis(time.timestamp_millis())))
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.core.client.clone().shutdown().await;
    }
}

async fn client_options(url: &str, options: &MongoOptions) -> Result<ClientOptions, StorageError> {
    // The driver's words may hold a part of the URL, and that a password.
    let mut parsed = ClientOptions::parse(url).await.map_err(|error| match storage_error(&error) {
        error @ (StorageError::Unavailable(_) | StorageError::Timeout) => error,
        _ => failed("the MongoDB URL cannot be read; special characters of a password must be percent-encoded"),
    })?;
    parsed.app_name.get_or_insert_with(|| "kernia".to_owned());
    parsed.max_pool_size.get_or_insert(options.max_connections);
    parsed.connect_timeout.get_or_insert(options.connect_timeout);
    parsed.server_selection_timeout.get_or_insert(options.connect_timeout);
    Ok(parsed)
}

fn failed(why: &str) -> StorageError {
    StorageError::Failed(why.to_owned())
}

/// The outcome, or [`StorageError::Timeout`] when it is late.
async fn within<T>(
    options: &MongoOptions,
    work: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    tokio::time::timeout(options.timeout, work).await.unwrap_or(Err(StorageError::Timeout))
}

impl MongoStore {
    async fn ask(&self, query: Query) -> Result<Rows, StorageError> {
        let read = self.core.translator.read(&query)?;
        let mut options = AggregateOptions::default();
        options.batch_size = Some(BATCH_SIZE);
        if read.consistency == Consistency::Stale && self.options.read_from_secondaries {
            let secondary = ReadPreference::SecondaryPreferred { options: None };
            options.selection_criteria = Some(SelectionCriteria::ReadPreference(secondary));
        }
        let collection = self.core.database.collection::<mongodb::bson::Document>(read.collection.name());
        let pipeline = read.pipeline.iter().cloned().map(to_driver);
        let cursor = collection.aggregate(pipeline).with_options(options).await;
        let mut cursor = cursor.map_err(|error| storage_error(&error))?;
        let mut documents = Vec::new();
        while cursor.advance().await.map_err(|error| storage_error(&error))? {
            documents.push(from_driver(cursor.deserialize_current().map_err(|error| storage_error(&error))?)?);
        }
        read.answer(documents)
    }

    async fn change(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        let Core { client, database, translator } = &*self.core;
        match &*batch.statements {
            [] => return Ok(Vec::new()),
            [statement] if stands_alone(translator, statement) => {
                return transaction::alone(database, translator, &batch).await;
            }
            _ => {}
        }
        if self.atomicity == Atomicity::Transactions {
            return transaction::in_transaction(client, database, translator, &batch, self.options.max_attempts).await;
        }
        // Whoever asked may stop waiting; the batch must not stop in the middle then.
        let core = Arc::clone(&self.core);
        let work =
            tokio::spawn(async move { transaction::compensated(&core.database, &core.translator, &batch).await });
        work.await.unwrap_or_else(|_| Err(failed("a batch was cut off")))
    }
}

#[async_trait]
impl Storage for MongoStore {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        within(&self.options, self.ask(query)).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        within(&self.options, self.change(batch)).await
    }
}

/// Shows neither the URL nor the driver's settings, which hold the password.
impl fmt::Debug for MongoStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoStore").field("atomicity", &self.atomicity).finish_non_exhaustive()
    }
}
