//! What tools that look after a database need of it.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use kernia::{
    schema::Schema,
    store::{
        Storage, StorageError,
        sql::{Dialect, Live, Plan, plan},
    },
    wire::date::Timestamp,
};

/// A SQL database: a store, and what it can tell about itself.
///
/// Opened with an empty [`Schema`], a database can still be asked for what is [`live`](Database::live).
#[async_trait]
pub trait Database: Storage + fmt::Debug {
    /// Which SQL it speaks.
    fn dialect(&self) -> Dialect;

    /// The tables that it was opened for.
    fn schema(&self) -> &Arc<Schema>;

    /// The version of the database, as it names it; `None` when it does not say.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn version(&self) -> Result<Option<String>, StorageError> {
        Ok(None)
    }

    /// The time on the clock of the database's machine; `None` when that is this one.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn clock(&self) -> Result<Option<Timestamp>, StorageError> {
        Ok(None)
    }

    /// What the database has, whatever it was opened for.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn live(&self) -> Result<Live, StorageError>;

    /// What the database lacks of the schema.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn plan(&self) -> Result<Plan, StorageError> {
        Ok(plan(self.dialect(), self.schema(), &self.live().await?))
    }

    /// Gives the database what it lacks of the schema, and answers what was done. Of several that try at once, one does it.
    ///
    /// # Errors
    /// [`StorageError::Failed`] with the obstacles when a person has to settle something first, in which case nothing was done;
    /// [`StorageError::Unavailable`] or [`StorageError::Timeout`].
    async fn migrate(&self) -> Result<Plan, StorageError>;
}
