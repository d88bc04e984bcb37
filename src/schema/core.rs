//! The five core tables, as the reference's `getAuthTables` has them.

use super::{Field, FieldType::*, Name, Table};

/// People.
pub const USER: Name = Name::constant("user");
/// Signed-in browsers and devices.
pub const SESSION: Name = Name::constant("session");
/// Ways to sign in: the password of a user, or an identity at a provider.
pub const ACCOUNT: Name = Name::constant("account");
/// One-time values.
pub const VERIFICATION: Name = Name::constant("verification");
/// Request counters, when they are kept in the database.
pub const RATE_LIMIT: Name = Name::constant("rateLimit");

/// The core tables. `rateLimit` is part of them only when counters are kept in the database.
#[must_use]
pub fn core_tables(rate_limit_table: bool) -> Vec<Table> {
    let mut tables = vec![user(), session(), account(), verification()];
    if rate_limit_table {
        tables.push(rate_limit());
    }
    tables
}

fn user() -> Table {
    Table::new(
        USER,
        [
            Field::required("name", Text).sortable(),
            Field::required("email", Text).unique().sortable(),
            Field::required("emailVerified", Boolean).default_value(false).no_input(),
            Field::optional("image", Text),
            Field::required("createdAt", Date).default_now(),
            Field::required("updatedAt", Date).default_now().touched(),
        ],
    )
}

fn session() -> Table {
    Table::new(
        SESSION,
        [
            Field::required("expiresAt", Date),
            Field::required("token", Text).unique(),
            Field::required("createdAt", Date).default_now(),
            Field::required("updatedAt", Date).touched(),
            Field::optional("ipAddress", Text),
            Field::optional("userAgent", Text),
            Field::required("userId", Text).references(USER, "id").indexed(),
        ],
    )
    .expires("expiresAt", 0)
}

fn account() -> Table {
    Table::new(
        ACCOUNT,
        [
            Field::required("accountId", Text),
            Field::required("providerId", Text),
            Field::required("userId", Text).references(USER, "id").indexed(),
            Field::optional("accessToken", Text).secret(),
            Field::optional("refreshToken", Text).secret(),
            Field::optional("idToken", Text).secret(),
            Field::optional("accessTokenExpiresAt", Date).secret(),
            Field::optional("refreshTokenExpiresAt", Date).secret(),
            Field::optional("scope", Text),
            Field::optional("password", Text).secret(),
            Field::required("createdAt", Date).default_now(),
            Field::required("updatedAt", Date).touched(),
        ],
    )
}

fn verification() -> Table {
    Table::new(
        VERIFICATION,
        [
            Field::required("identifier", Text).indexed(),
            Field::required("value", Text),
            Field::required("expiresAt", Date),
            Field::required("createdAt", Date).default_now(),
            Field::required("updatedAt", Date).default_now().touched(),
        ],
    )
    .expires("expiresAt", 0)
}

fn rate_limit() -> Table {
    const DAY_SECS: u32 = 86_400;
    Table::new(
        RATE_LIMIT,
        [
            Field::required("key", Text).unique(),
            Field::required("count", Number),
            Field::required("lastRequest", BigNumber),
        ],
    )
    .expires("lastRequest", DAY_SECS)
}
