//! What every [`Storage`] must do, as cases to run against it.
//!
//! A store is tested with an empty database of [`schema`] and one of [`renamed_schema`] for each of the [`cases`], and with
//! generated [`Script`]s whose every answer must [`agree`] with that of the memory store. The [`races`] are run on a runtime of
//! several threads. Where the reference's columns hold less than others, the [`extremes`] and [`fractions`] are left out, and
//! [scripts](whole_script) come without fractions. A [`Cache`](super::Cache) is tested with the [`CACHE_CASES`].

mod cache;
mod changes;
mod conflicts;
mod filters;
mod given;
mod lists;
mod naive;
mod races;
mod schema;
mod script;
mod strategies;
mod values;

use std::{fmt, pin::Pin};

pub use self::{
    cache::{CACHE_CASES, CacheCase},
    naive::NaiveStore,
    races::{Outcome, Race, Write, races},
    schema::{renamed_schema, schema},
    script::{Disagreement, Script, Step, agree},
    strategies::{script, whole_script},
};
use super::Storage;

/// One rule, checked on an empty store.
#[derive(Clone, Copy)]
pub struct Case {
    /// What holds.
    pub name: &'static str,
    check: for<'s> fn(&'s dyn Storage) -> Checking<'s>,
}

type Checking<'s> = Pin<Box<dyn Future<Output = ()> + Send + 's>>;

impl Case {
    /// Checks the rule on `store`, an empty one.
    ///
    /// # Panics
    /// When the rule does not hold.
    pub async fn check(&self, store: &dyn Storage) {
        (self.check)(store).await;
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

/// All rules that every store keeps.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [filters::CASES, lists::CASES, changes::CASES, conflicts::CASES, values::CASES].into_iter().flatten()
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
        &[$(Case { name: stringify!($name), check: |store| Box::pin($name(store)) }),+]
    };
}
use rules;
