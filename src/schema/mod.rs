//! Tables and fields as data: the core tables, what plugins and the application add to them, and the names a database knows
//! them by.
//!
//! Not here: SQL. A dialect reads a [`Schema`] and writes text.

mod core;
mod field;
mod naming;
mod row;
mod table;
mod value;

pub use self::core::{ACCOUNT, RATE_LIMIT, SESSION, USER, VERIFICATION, core_tables};
pub use field::{DefaultValue, Field, FieldType, IdKind, InputRule, MakeRule, OnDelete, OutputRule, Reference};
pub use naming::{Names, Naming, TableNames};
pub use row::{Name, Row};
pub use table::{Expiry, Index, Schema, SchemaError, Table};
pub use value::Value;
