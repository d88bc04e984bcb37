//! The table of the device flow.

use crate::schema::{
    Field,
    FieldType::{Date, Number, Text},
    Index, Name, Table,
};

/// The table.
pub(super) const DEVICE_CODE: Name = Name::constant("deviceCode");

pub(super) fn tables() -> Vec<Table> {
    let mut table = Table::new(
        DEVICE_CODE,
        [
            Field::required("deviceCode", Text),
            Field::required("userCode", Text),
            // Whoever has asked about the code, or for whom the device asks. No reference: the request outlives nobody.
            Field::optional("userId", Text),
            Field::required("expiresAt", Date),
            Field::required("status", Text),
            Field::optional("lastPolledAt", Date),
            Field::optional("pollingInterval", Number),
            Field::optional("clientId", Text),
            Field::optional("scope", Text),
        ],
    );
    for code in ["deviceCode", "userCode"] {
        table.indexes.push(Index { fields: vec![code.into()], unique: true });
    }
    vec![table]
}
