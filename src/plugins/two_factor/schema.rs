//! What the two-factor plugin adds to the tables.

use crate::schema::{
    Field,
    FieldType::{Boolean, Date, Number, Text},
    Name, Table, USER,
};

/// Authenticator apps and backup codes, a row for each user who has them.
pub const TWO_FACTOR: Name = Name::constant("twoFactor");

/// Whether a user is asked for a second factor.
pub(super) const ENABLED: Name = Name::constant("twoFactorEnabled");
/// The sealed key of the authenticator app.
pub(super) const SECRET: Name = Name::constant("secret");
/// The backup codes that are left, as they are stored.
pub(super) const BACKUP_CODES: Name = Name::constant("backupCodes");
/// Whether the user has shown a code of the app. Rows of older servers do not say, and count as shown.
pub(super) const VERIFIED: Name = Name::constant("verified");
/// How many wrong codes came since the last right one.
pub(super) const FAILURES: Name = Name::constant("failedVerificationCount");
/// Until when no code is looked at.
pub(super) const LOCKED_UNTIL: Name = Name::constant("lockedUntil");

pub(super) fn tables() -> Vec<Table> {
    vec![
        Table::new(USER, [Field::optional(ENABLED, Boolean).default_value(false).no_input()]),
        Table::new(
            TWO_FACTOR,
            [
                Field::required(SECRET, Text).indexed().secret(),
                Field::required(BACKUP_CODES, Text).secret(),
                Field::required("userId", Text).references(USER, "id").indexed().secret(),
                Field::optional(VERIFIED, Boolean).default_value(true).no_input(),
                Field::optional(FAILURES, Number).default_value(0).no_input().secret(),
                Field::optional(LOCKED_UNTIL, Date).no_input().secret(),
            ],
        ),
    ]
}
