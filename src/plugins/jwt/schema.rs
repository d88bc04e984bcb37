//! The table of keys, and its rows.

use super::options::{KeyRecord, StoredKey};
use crate::{
    crypto::secret::Secret,
    schema::{
        Field,
        FieldType::{Date, Text},
        Name, Row, Table,
    },
    wire::date::Timestamp,
};

/// The keys. A token names its key by the row's id.
pub(super) const JWKS: Name = Name::constant("jwks");
/// When the key stops to sign.
pub(super) const EXPIRES_AT: Name = Name::constant("expiresAt");
/// What the key signs with; keys from before there was this field have none.
pub(super) const ALG: Name = Name::constant("alg");
/// When the key was made.
pub(super) const CREATED_AT: Name = Name::constant("createdAt");

const PUBLIC_KEY: Name = Name::constant("publicKey");
const PRIVATE_KEY: Name = Name::constant("privateKey");
const CRV: Name = Name::constant("crv");

pub(super) fn tables() -> Vec<Table> {
    let fields = [
        Field::required(PUBLIC_KEY, Text),
        Field::required(PRIVATE_KEY, Text).secret(),
        Field::required(CREATED_AT, Date),
        Field::optional(EXPIRES_AT, Date),
        Field::optional(ALG, Text),
        Field::optional(CRV, Text),
    ];
    vec![Table::new(JWKS, fields)]
}

pub(super) fn to_row(key: &KeyRecord) -> Row {
    let mut row = Row::new()
        .with(PUBLIC_KEY, key.public_key.as_str())
        .with(PRIVATE_KEY, key.private_key.expose())
        .with(CREATED_AT, key.created_at);
    if let Some(expires_at) = key.expires_at {
        row.set(EXPIRES_AT, expires_at);
    }
    for (name, text) in [(ALG, &key.alg), (CRV, &key.crv)] {
        if let Some(text) = text {
            row.set(name, text.as_str());
        }
    }
    row
}

pub(super) fn from_row(row: &Row) -> StoredKey {
    let text = |name: &Name| Some(row.text(name)).filter(|text| !text.is_empty()).map(str::to_owned);
    StoredKey {
        id: row.id().to_owned(),
        key: KeyRecord {
            public_key: row.text(&PUBLIC_KEY).to_owned(),
            private_key: Secret::from(row.text(&PRIVATE_KEY)),
            created_at: row.date(&CREATED_AT).unwrap_or(Timestamp::UNIX_EPOCH),
            expires_at: row.date(&EXPIRES_AT),
            alg: text(&ALG),
            crv: text(&CRV),
        },
    }
}
