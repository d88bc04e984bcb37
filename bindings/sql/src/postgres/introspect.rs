//! What a PostgreSQL database has in the schema that statements use.

use futures_util::future::join_all;
use kernia::store::sql::{Live, LiveColumn, LiveIndex, LiveTable};
use tokio_postgres::{Client, Error};

use super::options::quote;

const TABLES: &str = "
    SELECT c.relname::text, has_table_privilege(c.oid, 'SELECT')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()
    ORDER BY c.relname";

/// Types under the short names of the catalog; of domains, those below.
const COLUMNS: &str = "
    SELECT c.relname::text, a.attname::text, coalesce(b.typname, t.typname)::text, NOT (a.attnotnull OR t.typnotnull),
           a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
    WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()
    ORDER BY c.relname, a.attnum";

/// The key columns of each index; an expression has no name.
const INDEXES: &str = "
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

/// All tables with their columns and indexes.
pub(super) async fn introspect(client: &Client) -> Result<Live, Error> {
    let mut tables = Vec::new();
    for row in client.query(TABLES, &[]).await? {
        let readable: bool = row.try_get(1)?;
        // Of a table that cannot be read, the worst is assumed.
        let table = LiveTable { name: row.try_get(0)?, columns: Vec::new(), indexes: Vec::new(), populated: !readable };
        tables.push(table);
    }
    for row in client.query(COLUMNS, &[]).await? {
        let column = LiveColumn {
            name: row.try_get(1)?,
            data_type: row.try_get(2)?,
            nullable: row.try_get(3)?,
            has_default: row.try_get(4)?,
        };
        if let Some(table) = find(&mut tables, row.try_get(0)?) {
            table.columns.push(column);
        }
    }
    for row in client.query(INDEXES, &[]).await? {
        let index = LiveIndex {
            name: row.try_get(1)?,
            unique: row.try_get(2)?,
            complete: row.try_get(3)?,
            columns: row.try_get(4)?,
        };
        if let Some(table) = find(&mut tables, row.try_get(0)?) {
            table.indexes.push(index);
        }
    }
    let readable = tables.iter_mut().filter(|table| !table.populated);
    let asked = readable.map(async |table| {
        let any = format!("SELECT EXISTS (SELECT 1 FROM {})", quote(&table.name));
        table.populated = client.query_one(&any, &[]).await?.try_get(0)?;
        Ok(())
    });
    join_all(asked).await.into_iter().collect::<Result<(), Error>>()?;
    Ok(Live { tables })
}

fn find<'t>(tables: &'t mut [LiveTable], name: &str) -> Option<&'t mut LiveTable> {
    tables.iter_mut().find(|table| table.name == name)
}
