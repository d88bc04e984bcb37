//! What a plugin is: a value that declares what it adds.

use std::{fmt, sync::Arc};

use super::{
    ArrivalHook, Cx, Installation, PasswordHook, Route, SignInHook, SignOutHook, VerificationSender,
    options::{Limit, Options},
    provider::Provider,
    session::CacheSigner,
};
use crate::{
    engine::{AfterHook, ApiError, BeforeHook, Channel, HookFuture, PathMatch},
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

    /// Providers that users can sign in with.
    fn providers(&self) -> Vec<Provider> {
        Vec::new()
    }

    /// Hooks.
    fn hooks(&self) -> Hooks {
        Hooks::default()
    }

    /// What it sends messages by, so that a server can be told early that it has no way to.
    fn sends_by(&self) -> &'static [Channel] {
        &[]
    }

    /// What sends something else in the place of the link that proves an address.
    fn verification_sender(&self) -> Option<VerificationSender> {
        None
    }

    /// Rate limits of paths. The first that matches counts.
    fn rate_limits(&self) -> Vec<RateRule> {
        Vec::new()
    }

    /// What is answered when the value of one of its unique fields is taken.
    fn unique_errors(&self) -> Vec<UniqueError> {
        Vec::new()
    }

    /// What lets somebody sign in. What there is of these goes when an address is proven that was not before: somebody else may
    /// have made it.
    fn ways_in(&self) -> Vec<WayIn> {
        Vec::new()
    }

    /// What becomes a session of a user's without another proof. It goes with all of the user's sessions: whoever ends these means the
    /// sessions that are yet to come of them too.
    fn promised_sessions(&self) -> Vec<PromisedSession> {
        Vec::new()
    }

    /// Whose keys sign the cookie that caches a session, if not the server's secret.
    fn cache_signer(&self) -> Option<CacheSigner> {
        None
    }

    /// Holds its options against each other and against the installation's.
    ///
    /// # Errors
    /// What is wrong, for the operator to read.
    fn check(&self, options: &Options) -> Result<(), String> {
        let _ = options;
        Ok(())
    }

    /// The errors it answers beyond the base ones.
    fn errors(&self) -> &'static [ApiError] {
        &[]
    }
}

/// What lets somebody sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// The rows of a table.
    Rows {
        /// The table.
        table: Name,
        /// The field that names as whom.
        user_id: Name,
    },
    /// A field of the user.
    Field(Name),
}

/// Rows that become sessions without another proof.
#[derive(Clone, Debug, PartialEq)]
pub struct PromisedSession {
    /// Their table.
    pub table: Name,
    /// The field that names whose session it will be.
    pub user_id: Name,
    /// Which rows of the table do.
    pub when: Filter,
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
    /// When a request arrives, before its route is looked for.
    pub arrivals: Vec<ArrivalHook>,
    /// Before a route's input is validated.
    pub before: Vec<BeforeHook<Installation>>,
    /// After a route's handler.
    pub after: Vec<AfterHook<Installation>>,
    /// Before the password that a user is to have is hashed.
    pub passwords: Vec<PasswordHook>,
    /// Before a row is written.
    pub writes: Vec<WriteHook>,
    /// After a row was written.
    pub written: Vec<AfterWriteHook>,
    /// Between a sign-in's proof and its session.
    pub sign_ins: Vec<SignInHook>,
    /// When a browser signs out.
    pub sign_outs: Vec<SignOutHook>,
}

impl Hooks {
    /// Adds another's hooks behind these.
    pub fn extend(&mut self, other: Self) {
        self.arrivals.extend(other.arrivals);
        self.before.extend(other.before);
        self.after.extend(other.after);
        self.passwords.extend(other.passwords);
        self.writes.extend(other.writes);
        self.written.extend(other.written);
        self.sign_ins.extend(other.sign_ins);
        self.sign_outs.extend(other.sign_outs);
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

impl RateRule {
    /// This limit of requests to these paths.
    #[must_use]
    pub fn new(on: PathMatch, limit: Limit) -> Self {
        Self { on, window_secs: limit.window, max: limit.max }
    }
}

/// What is being done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteKind {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is removed.
    Delete,
}

/// A row on its way into the database.
#[derive(Debug)]
pub struct Draft {
    /// The new row, or the fields that an update sets, or the row that is removed. Hooks may change it, save the last. A new row's `id` may be a [placeholder](super::id::new),
    /// good for this batch only.
    pub row: Row,
    /// Statements to add to the batch, behind this one.
    pub also: Vec<Statement>,
    /// What an update must still find.
    pub guard: Option<Guard>,
    /// Statements to add whose failure has an answer of its own.
    pub(super) demanded: Vec<(Statement, ApiError)>,
}

impl Draft {
    /// A row on its way, with nothing added to its batch.
    pub(super) fn new(row: Row) -> Self {
        Self { row, also: Vec::new(), guard: None, demanded: Vec::new() }
    }

    /// Adds a statement to the batch without which nothing of it happens: when it does not find as many rows as it expects, the
    /// answer is `otherwise`. So a row is made and the permission to make it is used up at one moment.
    pub fn demand(&mut self, statement: Statement, otherwise: ApiError) {
        self.demanded.push((statement, otherwise));
    }
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

/// Runs before a row is written, in the same batch. It may change the row, add statements, or refuse. Before a removal it may only
/// refuse.
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

type Written = dyn for<'a> Fn(&'a mut Cx, &'a Row) -> HookFuture<'a, ()> + Send + Sync;

/// Runs when a row was written, with the row as it is stored now, or as it was when it is gone. The change stays whatever it does.
#[derive(Clone)]
pub struct AfterWriteHook {
    /// The table.
    pub table: Name,
    /// What was done.
    pub on: WriteKind,
    run: Arc<Written>,
}

impl AfterWriteHook {
    /// A hook.
    #[must_use]
    pub fn new(
        table: Name,
        on: WriteKind,
        run: impl for<'a> Fn(&'a mut Cx, &'a Row) -> HookFuture<'a, ()> + Send + Sync + 'static,
    ) -> Self {
        Self { table, on, run: Arc::new(run) }
    }

    /// Runs it.
    #[must_use]
    pub fn run<'a>(&self, cx: &'a mut Cx, row: &'a Row) -> HookFuture<'a, ()> {
        (self.run)(cx, row)
    }
}

impl fmt::Debug for AfterWriteHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AfterWriteHook").field("table", &self.table).field("on", &self.on).finish_non_exhaustive()
    }
}
