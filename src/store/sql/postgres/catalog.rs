//! What to ask PostgreSQL's catalog, of the schema that statements use, and how a migration begins.

use std::time::Duration;

use crate::store::sql::{Dialect, Live, LiveColumn, LiveIndex, LiveTable};

/// Asks for the tables, and whether each can be read.
pub const TABLES: &str = "
    SELECT c.relname::text, has_table_privilege(c.oid, 'SELECT')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()
    ORDER BY c.relname";

/// Asks for the table of each column, its name, its type, whether it may be absent, and whether it has a default. Types go by the
/// short names of the catalog; of domains, those below.
pub const COLUMNS: &str = "
    SELECT c.relname::text, a.attname::text, coalesce(b.typname, t.typname)::text, NOT (a.attnotnull OR t.typnotnull),
           a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
    WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()
    ORDER BY c.relname, a.attnum";

/// Asks for the table of each index, its name, whether it is unique, whether it covers every row, and its key columns; an
/// expression has no name.
pub const INDEXES: &str = "
    SELECT c.relname::text, ic.relname::text, i.indisunique,
           i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL,
           coalesce((SELECT array_agg(a.attname::text ORDER BY k.place)
                     FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                     WHERE k.place <= i.indnkeyatts), ARRAY[]::text[])
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()
    ORDER BY c.relname, ic.relname";

/// "kernia" in ASCII: the advisory lock that one migration holds at a time.
const LOCK: i64 = 0x6b65_726e_6961;
/// How long another migration may take.
const OTHER: Duration = Duration::from_secs(300);

/// Asks whether `table` has rows.
#[must_use]
pub fn any_row(table: &str) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM {})", Dialect::Postgres.quote(table))
}

/// What the database has, by what [`TABLES`], [`COLUMNS`] and [`INDEXES`] answered. Of a table that cannot be read, the worst is
/// assumed: that it has rows. Of the others, it is to be [asked](any_row).
#[must_use]
pub fn live(
    tables: Vec<(String, bool)>,
    columns: Vec<(String, LiveColumn)>,
    indexes: Vec<(String, LiveIndex)>,
) -> Live {
    let table = |(name, readable): (String, bool)| LiveTable {
        name,
        columns: Vec::new(),
        indexes: Vec::new(),
        populated: !readable,
    };
    let mut tables: Vec<_> = tables.into_iter().map(table).collect();
    for (name, column) in columns {
        if let Some(table) = tables.iter_mut().find(|table| table.name == name) {
            table.columns.push(column);
        }
    }
    for (name, index) in indexes {
        if let Some(table) = tables.iter_mut().find(|table| table.name == name) {
            table.indexes.push(index);
        }
    }
    Live { tables }
}

/// Begins a transaction that only one at a time can have. An index may take its time in it; a table that others hold for longer
/// than `lock_timeout` may not, as they would queue up behind us.
#[must_use]
pub fn begin_migration(lock_timeout: Duration) -> String {
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {}; \
         SELECT pg_advisory_xact_lock({LOCK}); SET LOCAL lock_timeout = {}",
        OTHER.as_millis(),
        lock_timeout.as_millis()
    )
}
