//! What the phone number plugin adds to the tables.

use crate::schema::{
    Field,
    FieldType::{Boolean, Text},
    Name, Table, USER,
};

/// The number.
pub(super) const PHONE_NUMBER: Name = Name::constant("phoneNumber");
/// Whether it is proven.
pub(super) const PHONE_NUMBER_VERIFIED: Name = Name::constant("phoneNumberVerified");

pub(super) fn tables() -> Vec<Table> {
    let number = Field::optional(PHONE_NUMBER, Text).unique().sortable();
    let verified = Field::optional(PHONE_NUMBER_VERIFIED, Boolean).no_input();
    vec![Table::new(USER, [number, verified])]
}
