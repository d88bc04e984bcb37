//! What the anonymous plugin adds to the tables.

use crate::schema::{Field, FieldType::Boolean, Name, Table, USER};

/// Whether a user has said nothing of themselves.
pub(super) const IS_ANONYMOUS: Name = Name::constant("isAnonymous");

pub(super) fn tables() -> Vec<Table> {
    vec![Table::new(USER, [Field::optional(IS_ANONYMOUS, Boolean).default_value(false).no_input()])]
}
