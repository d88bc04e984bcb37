//! The application's own asynchronous code, as a value that options can hold.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::Cx;
use crate::engine::{ApiError, Exit};

type Answer<O> = Pin<Box<dyn Future<Output = Result<O, ApiError>> + Send>>;

/// The application's own code: told an `I`, it answers an `O`, or refuses.
pub struct HostFn<I, O>(Arc<dyn Fn(I) -> Answer<O> + Send + Sync>);

impl<I, O: Send + 'static> HostFn<I, O> {
    /// What `run` does. It runs as one [`Effect::Run`](crate::engine::Effect::Run), so what it awaits is its own business.
    #[must_use]
    pub fn new<F>(run: impl Fn(I) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<O, ApiError>> + Send + 'static,
    {
        Self(Arc::new(move |told| Box::pin(run(told))))
    }

    /// Has it run.
    ///
    /// # Errors
    /// What it refused with.
    pub async fn run(&self, cx: &mut Cx, told: I) -> Result<O, Exit> {
        Ok(cx.run((self.0)(told)).await??)
    }
}

impl<I, O> Clone for HostFn<I, O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<I, O> fmt::Debug for HostFn<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostFn")
    }
}
