//! MongoDB for Kernia: the engine asks, this store answers, over the official driver.
//!
//! Collections, names and values are those of the reference's mongo adapter, so that both can serve one database. What to say
//! to a database is decided in `kernia::store::mongo`; this crate owns the connections and the order of things.
#![forbid(unsafe_code)]

mod apply;
mod bson;
mod failure;
mod indexes;
mod options;
mod store;
mod transaction;
mod work;

pub use indexes::Prepared;
pub use options::{Atomicity, MongoOptions};
pub use store::MongoStore;

pub use kernia::store::mongo::IdFormat;
