//! What a plugin is: a value that declares what it adds.

use std::{fmt, sync::Arc};

use super::{Cx, Installation, Route};
use crate::{
    engine::{AfterHook, ApiError, BeforeHook, HookFuture, PathMatch},
    schema::Table,
    store::{Filter, Name, Row, Statement},
};

/// An addition to an installation. Every method returns data; none handles a request by itself.
pub trait Plugin: Send + Sync + 'static {
    /// Its name, as in the reference.
    fn id(&self) -> &'static str;

    /// Its options as they were resolved, for people to read; null when it has none. Secrets in them are
    /// [`SecretText`](super::options::SecretText).
    fn options(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// Tables, and fields added to others' tables.
    fn tables(&self) -> Vec<Table> {
        Vec::new()
    }

    /// Routes.
    fn routes(&self) -> Vec<Route> {
        Vec::new()
    }

    /// Hooks.
    fn hooks(&self) -> Hooks {
        Hooks::default()
    }

    /// Rate limits of paths. The first that matches counts.
    fn rate_limits(&self) -> Vec<RateRule> {
        Vec::new()
    }

    /// What is answered when the value of one of its unique fields is taken.
    fn unique_errors(&self) -> Vec<UniqueError> {
        Vec::new()
    }

    /// The errors it answers beyond the base ones.
    fn errors(&self) -> &'static [ApiError] {
        &[]
    }
}

/// What is answered when the value of a unique field is taken, whichever route wanted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueError {
    /// The table.
    pub table: Name,
    /// Its unique field.
    pub field: Name,
    /// The answer.
    pub error: ApiError,
}

/// The points at which a plugin takes part.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    /// Before a route's input is validated.
    pub before: Vec<BeforeHook<Installation>>,
    /// After a route's handler.
    pub after: Vec<AfterHook<Installation>>,
    /// Before a row is written.
    pub writes: Vec<WriteHook>,
}

impl Hooks {
    /// Adds another's hooks behind these.
    pub fn extend(&mut self, other: Self) {
        self.before.extend(other.before);
        self.after.extend(other.after);
        self.writes.extend(other.writes);
    }
}

/// A limit of requests to some paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRule {
    /// Which paths.
    pub on: PathMatch,
    /// The window in seconds.
    pub window_secs: u64,
    /// How many requests it allows.
    pub max: u64,
}

/// What is being done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteKind {
    /// It is made.
    Create,
    /// It is changed.
    Update,
}

/// A row on its way into the database.
#[derive(Debug)]
pub struct Draft {
    /// The new row, or the fields that an update sets. Hooks may change it. A new row's `id` may be a [placeholder](super::id::new),
    /// good for this batch only.
    pub row: Row,
    /// Statements to add to the batch, behind this one.
    pub also: Vec<Statement>,
    /// What an update must still find.
    pub guard: Option<Guard>,
}

/// What a row must be like at the moment at which it is updated. When it is not, it stays, and a batch that needs it changed
/// fails.
#[derive(Debug)]
pub struct Guard {
    /// What it must be like.
    pub filter: Filter,
    /// The answer when it is not.
    pub error: ApiError,
}

type Write = dyn for<'a> Fn(&'a mut Cx, &'a mut Draft) -> HookFuture<'a, ()> + Send + Sync;

/// Runs before a row is written, in the same batch. It may change the row, add statements, or refuse.
#[derive(Clone)]
pub struct WriteHook {
    /// The table.
    pub table: Name,
    /// What is being done.
    pub on: WriteKind,
    run: Arc<Write>,
}

impl WriteHook {
    /// A hook.
    #[must_use]
    pub fn new(
        table: Name,
        on: WriteKind,
        run: impl for<'a> Fn(&'a mut Cx, &'a mut Draft) -> HookFuture<'a, ()> + Send + Sync + 'static,
    ) -> Self {
        Self { table, on, run: Arc::new(run) }
    }

    /// Runs it.
    #[must_use]
    pub fn run<'a>(&self, cx: &'a mut Cx, draft: &'a mut Draft) -> HookFuture<'a, ()> {
        (self.run)(cx, draft)
    }
}

impl fmt::Debug for WriteHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHook").field("table", &self.table).field("on", &self.on).finish_non_exhaustive()
    }
}
