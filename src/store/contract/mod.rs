//! What every [`Storage`] must do, as cases to run against it.
//!
//! A store is tested with an empty database of each of the [`schemas`] for each of their [`cases`], and with generated
//! [`Script`]s whose every answer must [`agree`] with that of the memory store. The [`races`] are run on a runtime of
//! several threads. Where the reference's columns hold less than others, the [`extremes`] and [`fractions`] are left out, and
//! [scripts](whole_script) come without fractions. A [`Cache`](super::Cache) is tested with the [`CACHE_CASES`].

mod cache;
mod changes;
mod conflicts;
mod filters;
mod given;
mod ids;
mod labelled;
mod lists;
mod naive;
mod races;
mod schema;
mod script;
mod strategies;
mod values;

use std::{fmt, pin::Pin};

use self::labelled::Labelled;
pub use self::{
    cache::{CACHE_CASES, CacheCase},
    naive::NaiveStore,
    races::{Outcome, Race, Write, races},
    schema::{renamed_schema, schema, schemas},
    script::{Disagreement, Script, Step, agree},
    strategies::{script, whole_script},
};
use super::Storage;
use crate::schema::{IdKind, Schema};

/// One rule, checked on an empty store.
#[derive(Clone, Copy)]
pub struct Case {
    /// What holds.
    pub name: &'static str,
    ids: Ids,
    check: for<'s> fn(&'s dyn Storage) -> Checking<'s>,
}

/// The schemas that a rule is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    /// All; the rule may name rows as it likes.
    Named,
    /// Those in which whoever inserts a row makes its id; the rule may name rows as it likes.
    Made,
    /// Those with ids of this kind; the rule knows what they are.
    Only(IdKind),
}

type Checking<'s> = Pin<Box<dyn Future<Output = ()> + Send + 's>>;

impl Case {
    /// Checks the rule on `store`, an empty one with the tables of `schema`.
    ///
    /// # Panics
    /// When the rule does not hold.
    pub async fn check(&self, schema: &Schema, store: &dyn Storage) {
        match self.ids {
            Ids::Named | Ids::Made => (self.check)(&Labelled::new(store, schema)).await,
            Ids::Only(_) => (self.check)(store).await,
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

/// The rules for stores of `schema`.
pub fn cases(schema: &Schema) -> impl Iterator<Item = &'static Case> + use<> {
    let ids = schema.tables().first().map(|table| table.ids).unwrap_or_default();
    let all =
        [filters::CASES, lists::CASES, changes::CASES, conflicts::CASES, conflicts::MADE, values::CASES, ids::CASES];
    all.into_iter().flatten().filter(move |case| match case.ids {
        Ids::Named => true,
        Ids::Made => ids != IdKind::Serial,
        Ids::Only(kind) => ids == kind,
    })
}

/// Rules for stores that hold moments of every year that can be written, and texts of any length.
pub fn extremes() -> impl Iterator<Item = &'static Case> {
    values::EXTREMES.iter()
}

/// Rules for stores whose number columns hold fractions.
pub fn fractions() -> impl Iterator<Item = &'static Case> {
    values::FRACTIONS.iter()
}

macro_rules! rules {
    ($($name:ident),+ $(,)?) => {
        &[$(Case { name: stringify!($name), ids: $crate::store::contract::Ids::Named, check: |store| Box::pin($name(store)) }),+]
    };
}
macro_rules! raw_rules {
    ($($kind:ident: $name:ident),+ $(,)?) => {
        &[$(Case {
            name: stringify!($name),
            ids: $crate::store::contract::Ids::Only(IdKind::$kind),
            check: |store| Box::pin($name(store)),
        }),+]
    };
}
use raw_rules;
use rules;
