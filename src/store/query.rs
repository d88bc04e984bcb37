//! Reads.

use super::{Name, Value};

/// A read of one table, with the rows of other tables that belong to what it finds.
///
/// One `Query` is one round trip wherever the database can do that.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The table.
    pub table: Name,
    /// Which rows.
    pub filter: Filter,
    /// In which order; ties and an empty list leave the order to the store.
    pub order: Vec<Order>,
    /// At most how many rows.
    pub limit: Option<u32>,
    /// How many rows to pass over first.
    pub offset: u32,
    /// True to answer the number of rows instead of the rows; `order`, `limit`, `offset` and `with` are ignored then.
    pub count: bool,
    /// Related rows to bring along.
    pub with: Vec<With>,
    /// Whether a replica that lags may answer.
    pub consistency: Consistency,
}

impl Query {
    /// All rows of `table`.
    #[must_use]
    pub fn all(table: impl Into<Name>) -> Self {
        Self {
            table: table.into(),
            filter: Filter::All,
            order: Vec::new(),
            limit: None,
            offset: 0,
            count: false,
            with: Vec::new(),
            consistency: Consistency::Latest,
        }
    }

    /// At most one row of `table`.
    #[must_use]
    pub fn one(table: impl Into<Name>, filter: Filter) -> Self {
        Self { filter, limit: Some(1), ..Self::all(table) }
    }

    /// The rows of `table` that `filter` accepts.
    #[must_use]
    pub fn many(table: impl Into<Name>, filter: Filter) -> Self {
        Self { filter, ..Self::all(table) }
    }

    /// The number of rows of `table` that `filter` accepts.
    #[must_use]
    pub fn count(table: impl Into<Name>, filter: Filter) -> Self {
        Self { filter, count: true, ..Self::all(table) }
    }

    /// Also brings the rows of `with.table` whose `with.foreign` equals this row's `with.local`.
    #[must_use]
    pub fn with(mut self, with: With) -> Self {
        self.with.push(with);
        self
    }

    /// Orders by `field`.
    #[must_use]
    pub fn order_by(mut self, field: impl Into<Name>, direction: Direction) -> Self {
        self.order.push(Order { field: field.into(), direction });
        self
    }

    /// At most `limit` rows.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// Related rows: a one-level join whose result is attached to each row under `name`.
#[derive(Clone, Debug, PartialEq)]
pub struct With {
    /// The name under which [`Row::detach`](super::Row::detach) finds the rows.
    pub name: Name,
    /// The related table.
    pub table: Name,
    /// The field of the queried row.
    pub local: Name,
    /// The field of the related row that must equal it.
    pub foreign: Name,
}

/// One sort key.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The field.
    pub field: Name,
    /// Which way.
    pub direction: Direction,
}

/// Sort direction. Nulls come first ascending and last descending, on every store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// How fresh a read must be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Consistency {
    /// Sees every committed write.
    #[default]
    Latest,
    /// May be answered by a replica that lags.
    Stale,
}

/// Which rows. A comparison with an absent value is false, save that `Eq`/`Ne` with [`Value::Null`] ask for absence.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every row.
    All,
    /// One comparison.
    Compare {
        /// The field.
        field: Name,
        /// The comparison.
        op: Op,
        /// What it is compared with.
        value: Value,
        /// Whether case matters; only for text.
        case: CaseMode,
    },
    /// The field is one of the values (none of them when `negated`).
    In {
        /// The field.
        field: Name,
        /// The values; an empty list accepts nothing, negated everything that is not null. Absent values in the list do
        /// not count, and an absent field is never accepted.
        values: Vec<Value>,
        /// True for "none of".
        negated: bool,
    },
    /// All of these. Empty accepts every row.
    And(Vec<Self>),
    /// Any of these. Empty accepts none.
    Or(Vec<Self>),
}

impl Filter {
    /// `field = value`.
    #[must_use]
    pub fn eq(field: impl Into<Name>, value: impl Into<Value>) -> Self {
        Self::compare(field, Op::Eq, value)
    }

    /// A case-sensitive comparison.
    #[must_use]
    pub fn compare(field: impl Into<Name>, op: Op, value: impl Into<Value>) -> Self {
        Self::Compare { field: field.into(), op, value: value.into(), case: CaseMode::Sensitive }
    }

    /// `field in values`.
    #[must_use]
    pub fn any_of<V: Into<Value>>(field: impl Into<Name>, values: impl IntoIterator<Item = V>) -> Self {
        Self::In { field: field.into(), values: values.into_iter().map(Into::into).collect(), negated: false }
    }

    /// This and `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All => other,
            Self::And(mut parts) => {
                parts.push(other);
                Self::And(parts)
            }
            first => Self::And(vec![first, other]),
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less than.
    Lt,
    /// At most.
    Lte,
    /// Greater than.
    Gt,
    /// At least.
    Gte,
    /// Text that contains.
    Contains,
    /// Text that starts with.
    StartsWith,
    /// Text that ends with.
    EndsWith,
}

/// Whether upper and lower case differ in a text comparison. Folding is ASCII only, as no database agrees on more.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum CaseMode {
    /// They differ.
    #[default]
    Sensitive,
    /// They do not.
    Insensitive,
}
