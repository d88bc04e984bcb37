//! Queries and statements out of bytes: mostly of fields that are there, and now and then of anything.

use serde_json::json;

use super::source::Source;
use crate::{
    schema::{FieldType, IdKind, Schema},
    store::{
        CaseMode, Consistency, Direction, Expect, Filter, Name, Op, Order, Query, Row, Statement, Value, With, contract,
    },
    wire::date::Timestamp,
};

/// How deep a filter is made.
const MAX_DEPTH: usize = 4;
const OPS: [Op; 9] = [Op::Eq, Op::Ne, Op::Lt, Op::Lte, Op::Gt, Op::Gte, Op::Contains, Op::StartsWith, Op::EndsWith];

/// One of the contract's schemas, with its own names or with hostile ones.
pub(super) fn schema(source: &mut Source<'_>, ids: &[IdKind]) -> Schema {
    let renamed = source.rarely(2);
    let mut schema = if renamed { contract::renamed_schema() } else { contract::schema() };
    schema.set_ids(*source.pick(ids), &[]);
    schema
}

/// Makes questions about the tables of a schema.
pub(super) struct Asker<'s, 'd, 'w> {
    pub(super) schema: &'w Schema,
    pub(super) source: &'s mut Source<'d>,
}

impl Asker<'_, '_, '_> {
    pub(super) fn query(&mut self) -> Query {
        let table = self.table();
        let filter = self.filter(&table, 0);
        let order = (0..self.source.below(3)).map(|_| Order { field: self.field(&table), direction: self.direction() });
        let order = order.collect();
        let with = (0..self.source.below(3)).map(|_| self.with(&table)).collect();
        Query {
            filter,
            order,
            limit: self.source.rarely(2).then(|| self.source.below(300) as u32),
            offset: self.source.below(3) as u32,
            count: self.source.rarely(4),
            with,
            consistency: if self.source.rarely(2) { Consistency::Stale } else { Consistency::Latest },
            table,
        }
    }

    pub(super) fn statement(&mut self) -> Statement {
        let table = self.table();
        let (filter, expect) = (self.filter(&table, 0), self.expect());
        match self.source.below(7) {
            0 => Statement::Insert { row: self.row(&table, true), table },
            1 => Statement::Update { filter, set: self.row(&table, false), expect, table },
            2 => {
                let by = (0..self.source.below(3)).map(|_| (self.field(&table), self.source.number())).collect();
                Statement::Increment { filter, by, set: self.row(&table, false), expect, table }
            }
            3 => Statement::Delete { table, filter, expect },
            4 => Statement::Consume { table, filter, expect },
            5 => Statement::Check { table, filter, expect },
            _ => Statement::Sweep { order: self.field(&table), limit: self.source.below(300) as u32, table, filter },
        }
    }

    fn table(&mut self) -> Name {
        if self.source.rarely(16) {
            return self.source.text().into();
        }
        self.source.pick(self.schema.tables()).name.clone()
    }

    fn field(&mut self, table: &str) -> Name {
        let known = self.schema.table(table).map_or(&[][..], |table| &table.fields);
        match self.source.below(known.len() + 2) {
            0 => "id".into(),
            at if at <= known.len() => known[at - 1].name.clone(),
            _ => self.source.text().into(),
        }
    }

    fn direction(&mut self) -> Direction {
        *self.source.pick(&[Direction::Ascending, Direction::Descending])
    }

    fn with(&mut self, table: &str) -> With {
        let other = self.table();
        With { name: self.source.text().into(), local: self.field(table), foreign: self.field(&other), table: other }
    }

    fn expect(&mut self) -> Expect {
        *self.source.pick(&[Expect::Any, Expect::Rows(1), Expect::AtLeast(1)])
    }

    fn filter(&mut self, table: &str, depth: usize) -> Filter {
        let parts = |asker: &mut Self| {
            let length = asker.source.below(4);
            (0..length).map(|_| asker.filter(table, depth + 1)).collect()
        };
        match self.source.below(6) {
            0 if depth < MAX_DEPTH => Filter::And(parts(self)),
            1 if depth < MAX_DEPTH => Filter::Or(parts(self)),
            2 => {
                let field = self.field(table);
                let length = self.source.below(6);
                let values = (0..length).map(|_| self.value(table, &field)).collect();
                Filter::In { field, values, negated: self.source.rarely(2) }
            }
            3 => Filter::All,
            _ => {
                let field = self.field(table);
                let value = self.value(table, &field);
                let case = *self.source.pick(&[CaseMode::Sensitive, CaseMode::Insensitive]);
                Filter::Compare { op: *self.source.pick(&OPS), value, case, field }
            }
        }
    }

    fn row(&mut self, table: &str, whole: bool) -> Row {
        let known = self.schema.table(table).map_or(&[][..], |table| &table.fields);
        let mut row = Row::new();
        for field in known {
            if whole || self.source.rarely(3) {
                row.set(field.name.clone(), self.value(table, &field.name));
            }
        }
        if whole || self.source.rarely(8) {
            row.set("id", self.value(table, "id"));
        }
        if self.source.rarely(8) {
            row.set(self.source.text(), Value::Text(self.source.text()));
        }
        row
    }

    /// A value of the field's kind, or of any.
    fn value(&mut self, table: &str, field: &str) -> Value {
        let kind = self.schema.table(table).and_then(|table| table.kind(field));
        let kind = kind.filter(|_| !self.source.rarely(8));
        match kind {
            Some(FieldType::Text | FieldType::Id(_)) => self.source.text().into(),
            Some(FieldType::Number | FieldType::BigNumber) => self.source.number().into(),
            Some(FieldType::Boolean) => self.source.rarely(2).into(),
            Some(FieldType::Date) => Timestamp::from_millis(self.source.number() >> 12).into(),
            _ => match self.source.below(6) {
                0 => Value::Null,
                1 => Value::Float(self.source.number() as f64 / 8.0),
                2 => Value::Json(json!({ self.source.text(): [self.source.text()] })),
                3 => Value::Json(json!([self.source.text()])),
                4 => self.source.number().into(),
                _ => self.source.text().into(),
            },
        }
    }
}

/// The names that a database knows a schema's tables and columns by.
pub(super) fn physical(schema: &Schema) -> impl Iterator<Item = &str> {
    let columns = schema.tables().iter().flat_map(|table| table.fields.iter().map(|field| &*field.column));
    schema.tables().iter().map(|table| &*table.physical).chain(columns)
}
