//! Finding a table or column again under another name.

use kernia::{
    schema::{Field, Names, Naming, Schema, Table},
    store::sql::{Live, LiveTable},
};

/// A name without what differs between conventions.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// These tables under the names that a convention gives.
pub(super) fn named(tables: &[Table], naming: Naming, plural: bool) -> Vec<Table> {
    let mut schema = Schema::new(tables.to_vec());
    match schema.name(&Names { naming, plural, ..Names::default() }) {
        Ok(()) => schema.tables().to_vec(),
        Err(_) => tables.to_vec(),
    }
}

/// The convention by which most of these tables and columns are found.
pub(super) fn convention(live: &Live, core: &[Table]) -> (Naming, bool) {
    let conventions = [(Naming::Camel, false), (Naming::Snake, false), (Naming::Camel, true), (Naming::Snake, true)];
    let score = |(naming, plural): (Naming, bool)| -> usize {
        let found = |table: &Table| {
            let known = live.tables.iter().find(|known| known.name == *table.physical);
            let columns = |known: &LiveTable| {
                table
                    .fields
                    .iter()
                    .filter(|field| known.columns.iter().any(|column| column.name == *field.column))
                    .count()
            };
            known.map_or(0, |known| 1 + columns(known))
        };
        named(core, naming, plural).iter().map(found).sum()
    };
    let first = conventions[0];
    let better = |best: (Naming, bool), other| if score(other) > score(best) { other } else { best };
    conventions.into_iter().fold(first, better)
}

/// The column of `table` that is `field`'s by its name, other conventions included.
pub(super) fn column<'l>(table: &'l LiveTable, field: &Field) -> Option<&'l str> {
    let names = || table.columns.iter().map(|column| column.name.as_str());
    let wanted = folded(&field.name);
    names().find(|name| field.column == *name).or_else(|| names().find(|name| folded(name) == wanted))
}

/// The column, of those that are nobody's, whose name looks most like `field`'s.
pub(super) fn similar<'l>(table: &'l LiveTable, field: &Field, taken: &[&str]) -> Option<&'l str> {
    const SHORTEST: usize = 4;
    let wanted = folded(&field.name);
    let alike = |name: &&str| {
        let found = folded(name);
        found.contains(&wanted) || found.len() >= SHORTEST && wanted.contains(&found)
    };
    let free =
        table.columns.iter().map(|column| column.name.as_str()).filter(|name| !taken.contains(name) && *name != "id");
    free.filter(alike).min_by_key(|name| folded(name).len().abs_diff(wanted.len()))
}

/// The table that is `wanted` by its name, if it has most of its required fields.
pub(super) fn table<'l>(live: &'l Live, wanted: &Table) -> Option<&'l LiveTable> {
    let (one, many) = (folded(&wanted.name), format!("{}s", folded(&wanted.name)));
    let by_name = |known: &&LiveTable| {
        let found = folded(&known.name);
        (found == one || found == many) && fitting(known, wanted, column) * 2 >= required(wanted).count()
    };
    let exact = live.tables.iter().filter(|known| known.name == *wanted.physical).find(by_name);
    exact.or_else(|| live.tables.iter().find(by_name))
}

/// The one of these tables that has nearly all required fields of `wanted` under whatever names, and the unique ones unique.
pub(super) fn similar_table<'l>(
    live: &'l Live,
    wanted: &Table,
    free: impl Fn(&LiveTable) -> bool,
) -> Option<&'l LiveTable> {
    let column = |known: &'l LiveTable, field: &Field| column(known, field).or_else(|| similar(known, field, &[]));
    let is_unique = |known: &'l LiveTable, field: &Field| {
        let alone = column(known, field).map(|column| vec![column.to_owned()]);
        known.indexes.iter().any(|index| index.unique && Some(&index.columns) == alone.as_ref())
    };
    let unique = |known: &&'l LiveTable| {
        wanted.fields.iter().filter(|field| field.unique && field.required).all(|field| is_unique(known, field))
    };
    let score = |known: &'l LiveTable| fitting(known, wanted, column);
    let enough = |known: &&'l LiveTable| score(known) * 4 > required(wanted).count() * 3;
    let mut found: Vec<_> = live.tables.iter().filter(|known| free(known)).filter(unique).filter(enough).collect();
    found.sort_by_key(|known| std::cmp::Reverse(score(known)));
    match found.as_slice() {
        [only] => Some(only),
        [first, second, ..] if score(first) > score(second) => Some(first),
        _ => None,
    }
}

fn required(table: &Table) -> impl Iterator<Item = &Field> {
    table.fields.iter().filter(|field| field.required)
}

fn fitting<'l>(
    known: &'l LiveTable,
    wanted: &Table,
    column: impl Fn(&'l LiveTable, &Field) -> Option<&'l str>,
) -> usize {
    required(wanted).filter(|field| column(known, field).is_some()).count()
}
