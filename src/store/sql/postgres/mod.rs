//! What every crate shares that owns a connection to PostgreSQL, whatever its driver: values in binary form, what errors mean, and
//! the catalog.

mod catalog;
mod constraints;
mod numeric;
mod report;
mod value;

pub use self::{
    catalog::{COLUMNS, INDEXES, TABLES, any_row, begin_migration, live},
    constraints::{CONSTRAINT_COLUMNS, Constraints},
    report::Report,
    value::{ColumnType, read, write},
};
