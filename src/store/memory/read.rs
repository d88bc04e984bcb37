//! Answering a query.

use std::cmp::Ordering;

use super::{
    filter::{Test, order},
    index::Record,
    plan::Plan,
    table::TableRows,
};
use crate::store::{Direction, Name, Query, Row, Rows, StorageError, With, shape::Shape};

/// A relation with positions for names.
struct Relation<'s> {
    name: &'s Name,
    local: usize,
    foreign: usize,
    shape: &'s Shape,
    rows: &'s TableRows,
}

/// Answers `query` from `tables`.
pub(super) fn read(plan: &Plan, tables: &[TableRows], query: &Query) -> Result<Rows, StorageError> {
    let table = plan.table(&query.table)?;
    let shape = &plan.tables[table].shape;
    let test = Test::new(shape, &query.filter)?;
    if query.count {
        return Ok(Rows::counted(tables[table].select(&test, usize::MAX).len() as u64));
    }
    let relations = query.with.iter().map(|with| Relation::new(plan, tables, shape, with));
    let relations = relations.collect::<Result<Vec<_>, _>>()?;
    let records = window(shape, &tables[table], &test, query)?;
    let rows = records.into_iter().map(|record| {
        let mut row = shape.row(record.iter().cloned());
        for relation in &relations {
            row.attach(relation.name.clone(), relation.of(record));
        }
        row
    });
    Ok(Rows::found(rows.collect()))
}

fn window<'t>(
    shape: &Shape,
    rows: &'t TableRows,
    test: &Test<'_>,
    query: &Query,
) -> Result<Vec<&'t Record>, StorageError> {
    let skip = query.offset as usize;
    let take = query.limit.map_or(usize::MAX, |limit| limit as usize);
    let keys = query.order.iter().map(|key| Ok((shape.sortable(&key.field)?, key.direction)));
    let keys = keys.collect::<Result<Vec<_>, StorageError>>()?;
    let most = if keys.is_empty() { skip.saturating_add(take) } else { usize::MAX };
    let mut records: Vec<_> = rows.select(test, most).into_iter().map(|(_, record)| record).collect();
    if !keys.is_empty() {
        records.sort_by(|left, right| compare(&keys, left, right));
    }
    Ok(records.into_iter().skip(skip).take(take).collect())
}

fn compare(keys: &[(usize, Direction)], left: &Record, right: &Record) -> Ordering {
    let mut by_key = keys.iter().map(|(at, direction)| match direction {
        Direction::Ascending => order(&left[*at], &right[*at]),
        Direction::Descending => order(&right[*at], &left[*at]),
    });
    by_key.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl<'s> Relation<'s> {
    fn new(plan: &'s Plan, tables: &'s [TableRows], local: &Shape, with: &'s With) -> Result<Self, StorageError> {
        let table = plan.table(&with.table)?;
        let shape = &plan.tables[table].shape;
        let (local, foreign) = local.joinable(&with.local, shape, &with.foreign)?;
        Ok(Self { name: &with.name, local, foreign, shape, rows: &tables[table] })
    }

    fn of(&self, record: &Record) -> Vec<Row> {
        let value = &record[self.local];
        if value.is_null() {
            return Vec::new();
        }
        let row = |related: &Record| self.shape.row(related.iter().cloned());
        match self.rows.index(self.foreign) {
            Some(index) => index.find(value).iter().filter_map(|sequence| self.rows.get(*sequence)).map(row).collect(),
            None => {
                let equal = self.rows.iter().filter(|(_, related)| order(&related[self.foreign], value).is_eq());
                equal.map(|(_, related)| row(related)).collect()
            }
        }
    }
}
