//! Kernia on an application's own sqlx pool: its tables stand beside the application's, and both use the same connections.
//!
//! [`SqlxStore`] is the storage of an engine over a `sqlx::PgPool`. What to say to the database is decided in
//! `kernia::store::sql`, for every driver alike.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use kernia::{schema::Schema, store::{Storage, StorageError}};
//! use kernia_sqlx::{Database as _, SqlxStore};
//! use sqlx::PgPool;
//!
//! // For `Auth::builder().storage(move |schema| open(pool, schema))`.
//! async fn open(pool: PgPool, schema: Arc<Schema>) -> Result<Arc<dyn Storage>, StorageError> {
//!     let store = SqlxStore::new(pool, schema);
//!     store.migrate().await?;
//!     Ok(Arc::new(store))
//! }
//! ```

mod error;
mod migrate;
mod run;
mod store;
mod value;

pub use kernia_sql::Database;
pub use store::SqlxStore;
