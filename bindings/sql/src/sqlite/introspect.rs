//! What a SQLite database has.

use kernia::store::sql::{Live, LiveColumn, LiveIndex, LiveTable};
use rusqlite::{Connection, Result};

/// All tables with their columns and indexes.
pub(super) fn introspect(connection: &Connection) -> Result<Live> {
    let mut statement = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name",
    )?;
    let names = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>>>()?;
    let tables = names.into_iter().map(|name| table(connection, name)).collect::<Result<_>>()?;
    Ok(Live { tables })
}

fn table(connection: &Connection, name: String) -> Result<LiveTable> {
    let mut statement =
        connection.prepare("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(?)")?;
    let columns = statement.query_map([&name], |row| {
        let data_type: String = row.get(1)?;
        let numbered = row.get::<_, i64>(4)? > 0 && data_type.eq_ignore_ascii_case("integer");
        Ok(LiveColumn {
            name: row.get(0)?,
            nullable: !row.get::<_, bool>(2)?,
            has_default: numbered || row.get::<_, Option<String>>(3)?.is_some(),
            data_type,
        })
    })?;
    let columns = columns.collect::<Result<_>>()?;
    let indexes = indexes(connection, &name)?;
    let any = format!("SELECT EXISTS (SELECT 1 FROM \"{}\")", name.replace('"', "\"\""));
    let populated = connection.query_row(&any, [], |row| row.get(0))?;
    Ok(LiveTable { name, columns, indexes, populated })
}

fn indexes(connection: &Connection, table: &str) -> Result<Vec<LiveIndex>> {
    let mut statement = connection.prepare("SELECT name, \"unique\", partial FROM pragma_index_list(?)")?;
    let mut columns = connection.prepare("SELECT name FROM pragma_index_info(?) ORDER BY seqno")?;
    let found = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, bool>(2)?)))?;
    let found = found.collect::<Result<Vec<(String, bool, bool)>>>()?;
    let indexes = found.into_iter().map(|(name, unique, partial)| {
        let names = columns.query_map([&name], |row| row.get(0))?.collect::<Result<Vec<Option<String>>>>()?;
        // A column without a name is an expression.
        let complete = !partial && names.iter().all(Option::is_some);
        Ok(LiveIndex { name, columns: names.into_iter().flatten().collect(), unique, complete })
    });
    indexes.collect()
}
