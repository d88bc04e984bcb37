//! Passkeys as they are stored and shown.

use serde::{Deserialize, Serialize};

use crate::{
    schema::{
        Field,
        FieldType::{Boolean, Date, Number, Text},
        Name, Table, USER,
    },
    wire::{date::Timestamp, shape::JsonMap},
};

/// Passkeys.
pub const PASSKEY: Name = Name::constant("passkey");

/// The credential's id, in base64url.
pub(super) const CREDENTIAL_ID: &str = "credentialID";

pub(super) fn tables() -> Vec<Table> {
    vec![Table::new(
        PASSKEY,
        [
            Field::optional("name", Text),
            Field::required("publicKey", Text),
            Field::required("userId", Text).references(USER, "id").indexed(),
            Field::required(CREDENTIAL_ID, Text).indexed(),
            Field::required("counter", Number),
            Field::required("deviceType", Text),
            Field::required("backedUp", Boolean),
            Field::optional("transports", Text),
            Field::optional("createdAt", Date),
            Field::optional("aaguid", Text),
        ],
    )]
}

/// A passkey as the server's own code reads it. `X` has the fields that the application has added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyRecord<X = JsonMap> {
    /// The id of its row.
    pub id: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// The public key: COSE (RFC 9052) in base64.
    pub public_key: String,
    /// Whose it is.
    pub user_id: String,
    /// The credential's id, in base64url.
    #[serde(rename = "credentialID")]
    pub credential_id: String,
    /// How often it was used, as its authenticator counts; 0 where it does not.
    pub counter: u32,
    /// `singleDevice`, or `multiDevice` where it may be synchronized.
    pub device_type: String,
    /// Whether it was synchronized when it was made.
    pub backed_up: bool,
    /// How its authenticator can be reached, as the browser said; separated by commas.
    pub transports: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// The model of its authenticator, as a UUID; zeros where that is kept secret. See
    /// [`authenticator_name`](super::authenticator_name).
    pub aaguid: Option<String>,
    /// What was added.
    #[serde(flatten)]
    pub added: X,
}
