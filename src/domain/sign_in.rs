//! A sign-in between its proof and its session: where plugins may ask for more.

use std::{fmt, sync::Arc};

use super::Cx;
use crate::{
    engine::{Exit, HookFuture},
    store::{Batch, Row},
    wire::cookie::SetCookie,
};

/// Somebody who has proven who they are, by whatever way they came.
#[derive(Debug)]
pub struct SignIn {
    /// The user, as read.
    pub user: Row,
    /// What is written in one batch with the session, or in its place.
    pub also: Batch,
    /// Cookies that are set when it is written.
    pub cookies: Vec<SetCookie>,
    /// The answer in the place of a session: none is made, and the browser's own ends.
    pub instead: Option<Exit>,
}

impl SignIn {
    /// The sign-in of `user`, to which nobody has anything to add yet.
    #[must_use]
    pub fn new(user: Row) -> Self {
        Self { user, also: Batch::new(), cookies: Vec::new(), instead: None }
    }
}

type Judge = dyn for<'a> Fn(&'a mut Cx, &'a mut SignIn) -> HookFuture<'a, ()> + Send + Sync;

/// Runs when a proof was accepted and before a session is made, whatever the way. It may add to what is written, or hold the
/// sign-in by an answer of its own; hooks behind it do not run then. There is no session until all have run.
#[derive(Clone)]
pub struct SignInHook(Arc<Judge>);

impl SignInHook {
    /// A hook.
    #[must_use]
    pub fn new(run: impl for<'a> Fn(&'a mut Cx, &'a mut SignIn) -> HookFuture<'a, ()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(run))
    }

    /// Runs it.
    #[must_use]
    pub fn run<'a>(&self, cx: &'a mut Cx, sign_in: &'a mut SignIn) -> HookFuture<'a, ()> {
        (self.0)(cx, sign_in)
    }
}

impl fmt::Debug for SignInHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInHook")
    }
}

/// What the plugins make of the sign-in of `user`.
///
/// # Errors
/// What a hook refused with, or a store that fails.
pub(super) async fn judge(cx: &mut Cx, user: Row) -> Result<SignIn, Exit> {
    let app = cx.app_arc();
    let mut sign_in = SignIn::new(user);
    for hook in &app.hooks.sign_ins {
        hook.run(cx, &mut sign_in).await?;
        if sign_in.instead.is_some() {
            break;
        }
    }
    Ok(sign_in)
}
