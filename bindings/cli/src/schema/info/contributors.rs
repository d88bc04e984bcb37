//! Who adds which table and field.

use kernia::{
    domain::Installation,
    schema::{ACCOUNT, SESSION, USER, core_tables},
};

/// The core's tables and fields.
pub(super) const CORE: &str = "core";
/// The additional fields of the options.
pub(super) const APPLICATION: &str = "application";

/// Who adds the table called `table` in code, and its field if one is asked for: the core, the application, or a plugin
/// by its id.
pub(super) fn contributor(installation: &Installation, table: &str, field: Option<&str>) -> &'static str {
    let adds =
        |known: &kernia::schema::Table| known.name == *table && field.is_none_or(|field| known.field(field).is_some());
    if core_tables(true).iter().any(adds) {
        return CORE;
    }
    let options = &installation.options;
    let additional = [
        (USER, &options.user.additional_fields),
        (SESSION, &options.session.additional_fields),
        (ACCOUNT, &options.account.additional_fields),
    ];
    let own = |field: &str| additional.iter().any(|(name, fields)| *name == *table && fields.contains_key(field));
    if field.is_some_and(own) {
        return APPLICATION;
    }
    let plugin = installation.plugins.iter().find(|plugin| plugin.tables().iter().any(adds));
    plugin.map_or(CORE, |plugin| plugin.id())
}
