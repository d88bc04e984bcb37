//! What a PostgreSQL database has in the schema that statements use.

use futures_util::future::join_all;
use kernia::store::sql::{
    Live, LiveColumn, LiveIndex,
    postgres::{COLUMNS, INDEXES, TABLES, any_row, live},
};
use tokio_postgres::{Client, Error, Row};

/// All tables with their columns and indexes.
pub(super) async fn introspect(client: &Client) -> Result<Live, Error> {
    let tables = client.query(TABLES, &[]).await?;
    let columns = client.query(COLUMNS, &[]).await?;
    let indexes = client.query(INDEXES, &[]).await?;
    let mut live = live(
        tables.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, Error>>()?,
        columns.iter().map(column).collect::<Result<_, Error>>()?,
        indexes.iter().map(index).collect::<Result<_, Error>>()?,
    );
    let readable = live.tables.iter_mut().filter(|table| !table.populated);
    let asked = readable.map(async |table| {
        table.populated = client.query_one(&any_row(&table.name), &[]).await?.try_get(0)?;
        Ok(())
    });
    join_all(asked).await.into_iter().collect::<Result<(), Error>>()?;
    Ok(live)
}

fn column(row: &Row) -> Result<(String, LiveColumn), Error> {
    let column = LiveColumn {
        name: row.try_get(1)?,
        data_type: row.try_get(2)?,
        nullable: row.try_get(3)?,
        has_default: row.try_get(4)?,
    };
    Ok((row.try_get(0)?, column))
}

fn index(row: &Row) -> Result<(String, LiveIndex), Error> {
    let index = LiveIndex {
        name: row.try_get(1)?,
        unique: row.try_get(2)?,
        complete: row.try_get(3)?,
        columns: row.try_get(4)?,
    };
    Ok((row.try_get(0)?, index))
}
