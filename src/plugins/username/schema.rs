//! What the username plugin adds to the tables.

use super::logic::Rules;
use crate::schema::{Field, FieldType::Text, Name, Table, USER};

/// The name, as it is looked up.
pub(super) const USERNAME: Name = Name::constant("username");
/// The name, as it is shown.
pub(super) const DISPLAY_USERNAME: Name = Name::constant("displayUsername");

pub(super) fn tables(rules: &Rules) -> Vec<Table> {
    let shown = rules.has_display().then(|| Field::optional(DISPLAY_USERNAME, Text));
    let name = Field::optional(USERNAME, Text).unique().sortable();
    vec![Table::new(USER, [name].into_iter().chain(shown))]
}
