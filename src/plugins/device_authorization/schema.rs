//! The table of the device flow.

use crate::schema::{
    Field,
    FieldType::{Date, Number, Text},
    Index, Name, Table,
};

/// The table.
pub(super) const DEVICE_CODE: Name = Name::constant("deviceCode");

/// How long a request stays when it is too old, so that a device that asks on is told why it asks in vain.
const KEPT_SECS: u32 = 3600;

pub(super) fn tables() -> Vec<Table> {
    let table = Table::new(
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
    let mut table = table.expires("expiresAt", KEPT_SECS);
    for code in ["deviceCode", "userCode"] {
        table.indexes.push(Index { fields: vec![code.into()], unique: true });
    }
    vec![table]
}
