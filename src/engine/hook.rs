//! Points at which plugins and the application take part in a request.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::{Answer, App, Cx, Exit};

/// The future of a hook.
pub type HookFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Exit>> + Send + 'a>>;

type Before<A> = dyn for<'a> Fn(&'a mut Cx<A>) -> HookFuture<'a, ()> + Send + Sync;
type After<A> = dyn for<'a> Fn(&'a mut Cx<A>, &'a mut Answer) -> HookFuture<'a, ()> + Send + Sync;

/// Which routes a hook takes part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathMatch {
    /// All.
    Any,
    /// The one with this path.
    One(&'static str),
    /// Those with one of these paths.
    OneOf(&'static [&'static str]),
    /// Those whose path starts so.
    Prefix(&'static str),
}

impl PathMatch {
    /// Whether the route at `path` is one of them.
    #[must_use]
    pub fn accepts(self, path: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => path == one,
            Self::OneOf(paths) => paths.contains(&path),
            Self::Prefix(prefix) => path.starts_with(prefix),
        }
    }
}

impl From<&'static str> for PathMatch {
    fn from(path: &'static str) -> Self {
        Self::One(path)
    }
}

/// Runs before the input is validated. It may change the request, or end it with an [`Exit`] (after hooks do not run then).
pub struct BeforeHook<A: App> {
    /// Which routes.
    pub on: PathMatch,
    run: Arc<Before<A>>,
}

impl<A: App> BeforeHook<A> {
    /// A hook.
    #[must_use]
    pub fn new(
        on: PathMatch,
        run: impl for<'a> Fn(&'a mut Cx<A>) -> HookFuture<'a, ()> + Send + Sync + 'static,
    ) -> Self {
        Self { on, run: Arc::new(run) }
    }

    /// Runs it.
    #[must_use]
    pub fn run<'a>(&self, cx: &'a mut Cx<A>) -> HookFuture<'a, ()> {
        (self.run)(cx)
    }
}

/// Runs after the handler, also when it refused. It may change the answer, or replace it by an [`Exit`].
pub struct AfterHook<A: App> {
    /// Which routes.
    pub on: PathMatch,
    run: Arc<After<A>>,
}

impl<A: App> AfterHook<A> {
    /// A hook.
    #[must_use]
    pub fn new(
        on: PathMatch,
        run: impl for<'a> Fn(&'a mut Cx<A>, &'a mut Answer) -> HookFuture<'a, ()> + Send + Sync + 'static,
    ) -> Self {
        Self { on, run: Arc::new(run) }
    }

    /// Runs it.
    #[must_use]
    pub fn run<'a>(&self, cx: &'a mut Cx<A>, answer: &'a mut Answer) -> HookFuture<'a, ()> {
        (self.run)(cx, answer)
    }
}

impl<A: App> Clone for BeforeHook<A> {
    fn clone(&self) -> Self {
        Self { on: self.on, run: Arc::clone(&self.run) }
    }
}

impl<A: App> Clone for AfterHook<A> {
    fn clone(&self) -> Self {
        Self { on: self.on, run: Arc::clone(&self.run) }
    }
}

impl<A: App> fmt::Debug for BeforeHook<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BeforeHook").field("on", &self.on).finish_non_exhaustive()
    }
}

impl<A: App> fmt::Debug for AfterHook<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AfterHook").field("on", &self.on).finish_non_exhaustive()
    }
}
