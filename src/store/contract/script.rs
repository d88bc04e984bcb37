//! Running the same script on two stores.

use std::fmt;

use super::Labelled;
use crate::{
    schema::Schema,
    store::{Batch, ConflictKind, Query, Row, Rows, Statement, Storage, StorageError},
};

/// Things to ask of a store, one after the other.
#[derive(Clone)]
pub struct Script {
    /// The questions.
    pub steps: Vec<Step>,
}

/// One thing to ask of a store.
#[derive(Clone)]
pub enum Step {
    /// A read.
    Read(Query),
    /// A write.
    Write(Batch),
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().enumerate().try_for_each(|(number, step)| write!(f, "\n{number}: {step:?}"))
    }
}

/// Prints the values of rows too, which `Row` keeps to itself: scripts are made up.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let batch = match self {
            Self::Read(query) => return query.fmt(f),
            Self::Write(batch) => batch,
        };
        batch.statements.iter().try_for_each(|statement| match statement {
            Statement::Insert { table, row } => write!(f, "insert into {table}: {} ", text(row)),
            Statement::Update { set, .. } | Statement::Increment { set, .. } => {
                write!(f, "{statement:?} sets: {} ", text(set))
            }
            other => write!(f, "{other:?} "),
        })
    }
}

/// Where two stores answered differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement(String);

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs `script` on both stores, which have the tables of `schema`, and compares each answer and, after each write, everything stored.
///
/// Rows of queries without a total order are compared as sets; of errors the kind is compared, not the wording; where a row
/// violates several constraints at once, any of them may be named.
///
/// # Errors
/// [`Disagreement`], at the first difference.
pub async fn agree(
    schema: &Schema,
    model: &dyn Storage,
    store: &dyn Storage,
    script: &Script,
) -> Result<(), Disagreement> {
    let (model, store) = (&Labelled::new(model, schema), &Labelled::new(store, schema));
    for (number, step) in script.steps.iter().enumerate() {
        let differ = |expected: String, found: String| {
            Disagreement(format!("step {number}: {step:?}\nexpected {expected}\nfound    {found}"))
        };
        match step {
            Step::Read(query) => {
                same_read(model, store, query.clone()).await.map_err(|(left, right)| differ(left, right))?;
            }
            Step::Write(batch) => {
                let expected =
                    model.write(batch.clone()).await.map(|answers| answers.iter().map(unordered).collect::<Vec<_>>());
                let found =
                    store.write(batch.clone()).await.map(|answers| answers.iter().map(unordered).collect::<Vec<_>>());
                same(&expected, &found).map_err(|(left, right)| differ(left, right))?;
                for table in ["person", "ticket", "note", "badge"] {
                    let stored = same_read(model, store, Query::all(table)).await;
                    stored.map_err(|(left, right)| differ(format!("{table} {left}"), format!("{table} {right}")))?;
                }
            }
        }
    }
    Ok(())
}

async fn same_read(model: &dyn Storage, store: &dyn Storage, query: Query) -> Result<(), (String, String)> {
    let total = query.order.iter().any(|key| key.field == "id");
    let view = |rows: Rows| if total { ordered(&rows) } else { unordered(&rows) };
    let relations: Vec<_> = query.with.iter().map(|with| with.name.clone()).collect();
    let expected = model.read(query.clone()).await;
    let found = store.read(query).await;
    if let (Ok(expected), Ok(found)) = (&expected, &found) {
        for relation in relations {
            let related = |rows: &Rows| {
                let mut related: Vec<_> =
                    rows.rows.iter().map(|row| format!("{} {:?}", row.id(), sorted(row.related(&relation)))).collect();
                related.sort();
                related
            };
            same(&Ok(related(expected)), &Ok(related(found)))?;
        }
    }
    same(&expected.map(view), &found.map(view))
}

fn same<T: PartialEq + fmt::Debug>(
    expected: &Result<T, StorageError>,
    found: &Result<T, StorageError>,
) -> Result<(), (String, String)> {
    let alike = match (expected, found) {
        (Ok(expected), Ok(found)) => expected == found,
        (Err(expected), Err(found)) => alike(expected, found),
        _ => false,
    };
    if alike { Ok(()) } else { Err((format!("{expected:?}"), format!("{found:?}"))) }
}

fn alike(expected: &StorageError, found: &StorageError) -> bool {
    use ConflictKind::{Expectation, Reference, Unique};
    match (expected, found) {
        (StorageError::Failed(_), StorageError::Failed(_)) => true,
        (StorageError::Conflict(expected), StorageError::Conflict(found)) => {
            let kinds = match (&expected.kind, &found.kind) {
                (Unique { table: expected, .. }, Unique { table: found, .. }) => expected == found,
                (Unique { .. }, Reference { .. }) | (Reference { .. }, Unique { .. }) => true,
                (Expectation { found: expected }, Expectation { found }) => expected == found,
                (expected, found) => expected == found,
            };
            kinds && expected.statement == found.statement
        }
        _ => false,
    }
}

/// Rows as text, as they came.
fn ordered(rows: &Rows) -> (u64, Vec<String>) {
    (rows.count, rows.rows.iter().map(text).collect())
}

/// Rows as text, sorted.
fn unordered(rows: &Rows) -> (u64, Vec<String>) {
    (rows.count, sorted(&rows.rows))
}

fn sorted(rows: &[Row]) -> Vec<String> {
    let mut rows: Vec<_> = rows.iter().map(text).collect();
    rows.sort();
    rows
}

fn text(row: &Row) -> String {
    row.fields().map(|(name, value)| format!("{name}={value:?} ")).collect()
}
