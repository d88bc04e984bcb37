//! What an operator can decide about anonymous users.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{domain::session::Session, engine::ApiError};

/// The options of the anonymous plugin. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AnonymousOptions {
    /// The domain of the addresses of anonymous users. Whoever receives mail there can take them over. By default no mail reaches
    /// them.
    pub email_domain_name: Option<String>,
    /// Whether anonymous users stay: they neither delete themselves, nor go when they have become somebody.
    pub disable_delete_anonymous_user: bool,
    #[serde(skip)]
    pub(super) generate_name: Option<Text>,
    #[serde(skip)]
    pub(super) generate_random_email: Option<Text>,
    #[serde(skip)]
    pub(super) on_link_account: Option<Link>,
}

/// An anonymous user who has become somebody.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The anonymous user, and the session in which they were signed in.
    pub anonymous: Session,
    /// Whoever they have signed in as, and the new session.
    pub new: Session,
}

impl AnonymousOptions {
    /// Names as `make` makes them, instead of `Anonymous`.
    #[must_use]
    pub fn generate_name<F, T>(mut self, make: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = String> + Send + 'static,
    {
        self.generate_name = Some(Text(Arc::new(move || Box::pin(make()))));
        self
    }

    /// Addresses as `make` makes them: never the same twice, and nobody's.
    #[must_use]
    pub fn generate_random_email<F, T>(mut self, make: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = String> + Send + 'static,
    {
        self.generate_random_email = Some(Text(Arc::new(move || Box::pin(make()))));
        self
    }

    /// Runs when somebody who was anonymous has signed in, before the anonymous user goes: to move what belongs to them. It runs
    /// once for an anonymous user, however many sign in at once. When it refuses, the refusal is the answer, and the anonymous user
    /// stays.
    #[must_use]
    pub fn on_link_account<F, T>(mut self, link: F) -> Self
    where
        F: Fn(Linked) -> T + Send + Sync + 'static,
        T: Future<Output = Result<(), ApiError>> + Send + 'static,
    {
        self.on_link_account = Some(Link(Arc::new(move |linked| Box::pin(link(linked)))));
        self
    }
}

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A text of the application's own making.
#[derive(Clone)]
pub(super) struct Text(pub(super) Arc<dyn Fn() -> Pending<String> + Send + Sync>);

/// The application's own moving of data.
#[derive(Clone)]
pub(super) struct Link(pub(super) Arc<dyn Fn(Linked) -> Pending<Result<(), ApiError>> + Send + Sync>);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text")
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}
