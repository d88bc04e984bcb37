//! What ends with the session of a browser that signs out.

use std::{fmt, sync::Arc};

use super::Cx;

type Tokens = dyn Fn(&Cx) -> Vec<String> + Send + Sync;

/// Names more sessions that a browser has, by their tokens: they end when it signs out, all in one batch.
#[derive(Clone)]
pub struct SignOutHook(Arc<Tokens>);

impl SignOutHook {
    /// A hook. It must answer tokens only that the browser has proven to have.
    #[must_use]
    pub fn new(tokens: impl Fn(&Cx) -> Vec<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tokens))
    }

    /// The tokens.
    #[must_use]
    pub fn tokens(&self, cx: &Cx) -> Vec<String> {
        (self.0)(cx)
    }
}

impl fmt::Debug for SignOutHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignOutHook")
    }
}
