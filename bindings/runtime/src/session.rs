//! The session of a request to one of the application's own routes.

use std::{fmt, future::Future, sync::Arc};

use http::{Extensions, HeaderMap, HeaderValue, header::SET_COOKIE};
use kernia::{
    domain::{
        api::{CallError, Called},
        record::{SessionRecord, User},
        session::Freshness,
    },
    routes::get_session::{GetSession, Output, Query},
    wire::shape::{JsonValue, Truthy},
};
use serde::{Deserialize as _, de::DeserializeOwned};
use tokio::sync::OnceCell;

use crate::{Auth, Rejection, RequestHead};

/// The session of one request: looked up when it is first asked for, and once however many ask.
///
/// Cheap to clone; all clones are of one request.
#[derive(Clone)]
pub struct RequestSession(Arc<Inner>);

struct Inner {
    auth: Auth,
    renewal: Renewal,
    found: OnceCell<Result<Called<Option<JsonValue>>, CallError>>,
}

/// Whether a look-up may renew the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// It may: the [cookies](RequestSession::cookies) reach the browser.
    WhenDue,
    /// It must not: cookies are lost.
    Never,
}

impl RequestSession {
    /// The session of a request to `auth`, not yet looked up.
    #[must_use]
    pub fn new(auth: Auth, renewal: Renewal) -> Self {
        Self(Arc::new(Inner { auth, renewal, found: OnceCell::new() }))
    }

    /// The session of a request to `auth` with these extensions: the one that a layer has put there, or a new one, which leaves the
    /// session's end where it is since no layer would add cookies to the answer.
    pub fn of(extensions: &mut Extensions, auth: &Auth) -> Self {
        if let Some(session) = extensions.get::<Self>().filter(|session| session.auth().is(auth)) {
            return session.clone();
        }
        let session = Self::new(auth.clone(), Renewal::Never);
        extensions.insert(session.clone());
        session
    }

    /// Whose sessions these are.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// Who is signed in; `None` when nobody is. `head` is the head of the request.
    ///
    /// # Errors
    /// [`Rejection::Failed`] when it cannot be found out.
    pub async fn current(&self, head: impl FnOnce() -> RequestHead) -> Result<Option<Current<'_>>, Rejection> {
        let found = self.0.found.get_or_init(|| self.look(head())).await;
        match found {
            Ok(Called { value: Some(json), .. }) => Ok(Some(Current { auth: &self.0.auth, json })),
            Ok(Called { value: None, .. }) => Ok(None),
            Err(error) => Err(Rejection::Failed(error.clone())),
        }
    }

    /// What a route asks for of whoever is signed in.
    ///
    /// # Errors
    /// Why the request is not let in.
    pub async fn extract<T: FromCurrent>(&self, head: impl FnOnce() -> RequestHead) -> Result<T, Rejection> {
        let current = self.current(head).await?.ok_or(Rejection::Anonymous)?;
        T::from_current(&current).await
    }

    /// Why it is not known who is signed in, if somebody asked and there was no answer.
    #[must_use]
    pub fn failure(&self) -> Option<Rejection> {
        match self.0.found.get() {
            Some(Err(error)) => Some(Rejection::Failed(error.clone())),
            _ => None,
        }
    }

    /// The cookies that the look-up has set: values of `Set-Cookie` that belong into the answer.
    pub fn cookies(&self) -> impl Iterator<Item = &HeaderValue> {
        let may = self.0.renewal == Renewal::WhenDue;
        let found = self.0.found.get().filter(|_| may).and_then(|found| found.as_ref().ok());
        found.into_iter().flat_map(Called::cookies)
    }

    /// Adds the [`cookies`](Self::cookies) to an answer.
    pub fn add_cookies(&self, headers: &mut HeaderMap) {
        for cookie in self.cookies() {
            headers.append(SET_COOKIE, cookie.clone());
        }
    }

    async fn look(&self, head: RequestHead) -> Result<Called<Option<JsonValue>>, CallError> {
        let query =
            Query { disable_refresh: (self.0.renewal == Renewal::Never).then_some(Truthy(true)), ..Query::default() };
        let api = self.0.auth.api();
        api.call::<GetSession, _>().query(query).headers(&head.headers).peer(head.peer).await
    }
}

impl fmt::Debug for RequestSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSession").field("known", &self.0.found.initialized()).finish_non_exhaustive()
    }
}

/// Whoever is signed in.
#[derive(Clone, Copy)]
pub struct Current<'a> {
    auth: &'a Auth,
    json: &'a JsonValue,
}

impl<'a> Current<'a> {
    /// Whose session it is.
    #[must_use]
    pub fn auth(&self) -> &'a Auth {
        self.auth
    }

    /// The session and its user, with added fields as `S` and `U`.
    ///
    /// # Errors
    /// [`Rejection::Unreadable`] when they lack what `S` or `U` wants.
    pub fn read<U: DeserializeOwned, S: DeserializeOwned>(
        &self,
    ) -> Result<Output<SessionRecord<S>, User<U>>, Rejection> {
        Output::deserialize(self.json).map_err(|error| {
            tracing::error!(%error, "a session lacks what a route wants of it");
            Rejection::Unreadable(error.to_string())
        })
    }

    /// Whether the session is fresh enough for something sensitive.
    ///
    /// # Errors
    /// [`Rejection::Stale`] when it is not.
    pub fn require_fresh(&self) -> Result<(), Rejection> {
        let session = self.read::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.session;
        match self.auth.engine().freshness(session.created_at) {
            Freshness::Fresh => Ok(()),
            Freshness::Stale => Err(Rejection::Stale),
        }
    }
}

impl fmt::Debug for Current<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current").finish_non_exhaustive()
    }
}

/// What a route can ask for of whoever is signed in: the arguments of the frameworks' handlers.
pub trait FromCurrent: Sized + Send {
    /// Takes it, or says why the request is not let in.
    ///
    /// # Errors
    /// Why the request is not let in.
    fn from_current(current: &Current<'_>) -> impl Future<Output = Result<Self, Rejection>> + Send;
}

/// What a route requires of whoever is signed in, as a type: a role, a permission, membership.
///
/// ```
/// use http::StatusCode;
/// use kernia::{engine::ApiError, wire::shape::JsonMap};
/// use kernia_runtime::{Current, Rejection, Requirement};
///
/// struct Verified;
///
/// impl Requirement for Verified {
///     async fn check(current: &Current<'_>) -> Result<(), Rejection> {
///         const FORBIDDEN: ApiError = ApiError::new(StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", "Email not verified");
///         let verified = current.read::<JsonMap, JsonMap>()?.user.email_verified;
///         if verified { Ok(()) } else { Err(Rejection::Forbidden(FORBIDDEN)) }
///     }
/// }
/// ```
pub trait Requirement: Send + Sync + 'static {
    /// Holds `current` against it.
    ///
    /// # Errors
    /// Why the request is not let in.
    fn check(current: &Current<'_>) -> impl Future<Output = Result<(), Rejection>> + Send;
}
