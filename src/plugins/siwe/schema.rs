//! The table of wallets.

use crate::schema::{
    Field,
    FieldType::{Boolean, Date, Number, Text},
    Name, Table, USER,
};

/// The table.
pub(super) const WALLET: Name = Name::constant("walletAddress");

pub(super) fn tables() -> Vec<Table> {
    vec![Table::new(
        WALLET,
        [
            Field::required("userId", Text).indexed().references(USER, "id"),
            Field::required("address", Text),
            Field::required("chainId", Number),
            Field::required("isPrimary", Boolean).default_value(false),
            Field::required("createdAt", Date),
        ],
    )]
}
