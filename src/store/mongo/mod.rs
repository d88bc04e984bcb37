//! Queries, batches and schemas as MongoDB documents, without a database and without a driver.
//!
//! Names, values and indexes are those of the reference's mongo adapter, so that both can serve one database. MongoDB knows
//! no references between collections, so a [`Change`] also says which documents must be there, which must not, and
//! which go along. A binding sends the documents and hands back what it got.

mod change;
mod collection;
mod document;
mod filter;
mod index;
mod pattern;
mod read;
mod translator;
mod undo;
mod value;

pub use self::{
    change::{Change, Edit, Insert, Moved, Pointer, Remove, Update},
    collection::{Collection, LOCK, Link},
    document::{Bson, Document},
    index::IndexModel,
    read::Read,
    translator::Translator,
    value::IdFormat,
};

#[cfg(test)]
mod tests;
