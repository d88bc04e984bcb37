//! What a MySQL or MariaDB database has.

use kernia::store::sql::{Live, LiveColumn, LiveIndex, LiveTable};
use mysql_async::{Conn, Error, prelude::Queryable as _};

const TABLES: &str = "SELECT TABLE_NAME FROM information_schema.TABLES \
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME";

const COLUMNS: &str = "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, IS_NULLABLE, \
    COLUMN_DEFAULT IS NOT NULL OR EXTRA LIKE '%auto_increment%' OR EXTRA LIKE '%GENERATED%' \
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";

/// One row for each column; an expression has no name.
const INDEXES: &str = "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART IS NULL \
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";

/// All tables with their columns and indexes.
pub(super) async fn introspect(conn: &mut Conn) -> Result<Live, Error> {
    let table = |name| LiveTable { name, columns: Vec::new(), indexes: Vec::new(), populated: false };
    let names: Vec<String> = conn.query(TABLES).await?;
    let mut tables: Vec<_> = names.into_iter().map(table).collect();
    let columns: Vec<(String, String, String, String, bool)> = conn.query(COLUMNS).await?;
    for (table, name, data_type, nullable, has_default) in columns {
        if let Some(table) = find(&mut tables, &table) {
            table.columns.push(LiveColumn { name, data_type, nullable: nullable == "YES", has_default });
        }
    }
    let indexes: Vec<(String, String, i64, Option<String>, bool)> = conn.query(INDEXES).await?;
    for (table, name, non_unique, column, whole) in indexes {
        let Some(table) = find(&mut tables, &table) else { continue };
        if table.indexes.last().is_none_or(|last| last.name != name) {
            table.indexes.push(LiveIndex { name, columns: Vec::new(), unique: non_unique == 0, complete: true });
        }
        let Some(index) = table.indexes.last_mut() else { continue };
        index.complete &= whole && column.is_some();
        index.columns.extend(column);
    }
    for table in &mut tables {
        let any = format!("SELECT EXISTS (SELECT 1 FROM {})", quote(&table.name));
        table.populated = conn.query_first(any).await?.unwrap_or(true);
    }
    Ok(Live { tables })
}

fn find<'t>(tables: &'t mut [LiveTable], name: &str) -> Option<&'t mut LiveTable> {
    tables.iter_mut().find(|table| table.name == name)
}

fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
