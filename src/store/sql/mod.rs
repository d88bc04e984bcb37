//! Queries, batches and schemas as SQL text, without a database.
//!
//! Text is the same for questions of the same form, so that prepared statements can be kept: identifiers are quoted, values
//! are always parameters, and lists are padded to a few lengths. A binding runs the text and hands the cells back.

mod attempts;
mod demands;
mod dialect;
mod diff;
mod draw;
mod filter;
mod migrate;
mod names;
mod numbering;
pub mod postgres;
mod read;
mod table;
mod text;
mod translator;
mod types;
mod value;
mod write;

pub use self::{
    attempts::{Attempts, Fault},
    demands::Demands,
    dialect::Dialect,
    diff::{Live, LiveColumn, LiveIndex, LiveTable, Plan, plan},
    draw::Draw,
    names::{reference_conflict, unique_conflict},
    numbering::Numbering,
    read::{Answer, Read},
    table::Records,
    text::Sql,
    translator::Translator,
    value::{Cells, Param, Raw},
    write::{Step, Write},
};

#[cfg(test)]
mod tests;
