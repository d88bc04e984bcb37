//! The tables of an installation: the core's, what plugins and the application add, and the names that the options give.

use super::{
    Places, Plugin,
    options::{AdditionalField, ColumnNames, Options, RateLimitStorage},
};
use crate::schema::{
    ACCOUNT, Name, Names, RATE_LIMIT, SESSION, Schema, SchemaError, Table, TableNames, USER, VERIFICATION, core_tables,
};

/// The schema that `options` and `plugins` make up, of what is in the database and in other `places`.
///
/// # Errors
/// [`SchemaError`].
pub(super) fn resolve(options: &Options, plugins: &[Box<dyn Plugin>], places: Places) -> Result<Schema, SchemaError> {
    let counters = options.rate_limit.storage == Some(RateLimitStorage::Database);
    let mut schema = Schema::new(core_tables(counters));
    let mut names = options.advanced.database.names();
    let added = [
        (USER, &options.user.additional_fields),
        (SESSION, &options.session.additional_fields),
        (ACCOUNT, &options.account.additional_fields),
        (VERIFICATION, &options.verification.additional_fields),
    ];
    for (table, fields) in added {
        let column = |(name, field): (&String, &AdditionalField)| Some((name.clone(), field.field_name.clone()?));
        let columns = fields.iter().filter_map(column).collect();
        add(&mut names, &table, TableNames { table: None, columns })?;
        let fields = fields.iter().map(|(name, field)| field.resolve(name));
        schema.extend(Table::new(table.clone(), fields))?;
    }
    for table in plugins.iter().flat_map(|plugin| plugin.tables()) {
        schema.extend(table)?;
    }
    schema.check_references()?;
    let core: [(_, &Option<String>, &ColumnNames); 5] = [
        (USER, &options.user.model_name, &options.user.fields),
        (SESSION, &options.session.model_name, &options.session.fields),
        (ACCOUNT, &options.account.model_name, &options.account.fields),
        (VERIFICATION, &options.verification.model_name, &options.verification.fields),
        (RATE_LIMIT, &options.rate_limit.model_name, &options.rate_limit.fields),
    ];
    // A core table that is kept elsewhere may be named all the same.
    for (table, model_name, fields) in core.into_iter().filter(|(table, ..)| schema.table(table).is_some()) {
        let own = TableNames { table: model_name.clone(), columns: fields.clone() };
        add(&mut names, &table, own)?;
    }
    schema.name(&names)?;
    schema.set_ids(options.advanced.database.generate_id.kind(), &places.elsewhere());
    Ok(schema)
}

fn add(names: &mut Names, table: &Name, own: TableNames) -> Result<(), SchemaError> {
    if own == TableNames::default() {
        return Ok(());
    }
    names.own.entry(table.to_string()).or_default().merge(table, own)
}
