//! Giving the database what it lacks.

use kernia::{
    schema::Schema,
    store::{
        StorageError,
        sql::{
            Dialect, Live, LiveColumn, LiveIndex, Plan, plan,
            postgres::{COLUMNS, INDEXES, TABLES, any_row, begin_migration, live},
        },
    },
};
use kernia_sql::ServerOptions;
use sqlx::{AssertSqlSafe, Connection as _, Error, PgConnection};

use crate::error::decided;

type ColumnRow = (String, String, String, bool, bool);
type IndexRow = (String, String, bool, bool, Vec<String>);

/// All tables with their columns and indexes.
pub(crate) async fn introspect(conn: &mut PgConnection) -> Result<Live, Error> {
    let tables = sqlx::query_as(TABLES).fetch_all(&mut *conn).await?;
    let columns: Vec<ColumnRow> = sqlx::query_as(COLUMNS).fetch_all(&mut *conn).await?;
    let columns = columns.into_iter().map(|(table, name, data_type, nullable, has_default)| {
        (table, LiveColumn { name, data_type, nullable, has_default })
    });
    let indexes: Vec<IndexRow> = sqlx::query_as(INDEXES).fetch_all(&mut *conn).await?;
    let indexes = indexes
        .into_iter()
        .map(|(table, name, unique, complete, columns)| (table, LiveIndex { name, columns, unique, complete }));
    let mut live = live(tables, columns.collect(), indexes.collect());
    for table in live.tables.iter_mut().filter(|table| !table.populated) {
        let any = sqlx::query_scalar(AssertSqlSafe(any_row(&table.name))).persistent(false);
        table.populated = any.fetch_one(&mut *conn).await?;
    }
    Ok(live)
}

/// Does it, all or nothing, in a transaction that only one at a time can have.
pub(crate) async fn migrate(conn: &mut PgConnection, schema: &Schema) -> Result<Plan, StorageError> {
    let decided = |error: Error| decided(&error);
    let begin = begin_migration(ServerOptions::default().lock_timeout);
    let mut transaction = conn.begin_with(AssertSqlSafe(begin)).await.map_err(decided)?;
    let plan = plan(Dialect::Postgres, schema, &introspect(&mut transaction).await.map_err(decided)?);
    if !plan.obstacles.is_empty() {
        return Err(StorageError::Failed(plan.obstacles.join("; ")));
    }
    for statement in &plan.statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *transaction).await.map_err(decided)?;
    }
    transaction.commit().await.map_err(decided)?;
    Ok(plan)
}
