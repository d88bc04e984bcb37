//! Handing whoever is signed in to handlers.

use std::{
    convert::Infallible,
    fmt,
    ops::Deref,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use kernia_runtime::{Added, FromCurrent, Rejection, Renewal, RequestHead, RequestSession, Requirement};
use rocket::{
    Ignite, Request, Rocket, Sentinel,
    http::{Method, Status},
    request::{FromRequest, Outcome},
    response::{self, Responder},
    tokio::sync::OwnedSemaphorePermit,
};

use crate::{
    Fresh, Require, Session, User,
    fairing::Attached,
    routes::{answer, request_head},
};

/// The answer to a request that is not let in: the error of the guards, and a responder.
#[derive(Clone)]
pub struct AuthRejection {
    /// Why.
    pub reason: Rejection,
    response: http::Response<Bytes>,
}

impl AuthRejection {
    /// Why the last guard that did not let `request` in did not, for the application's own catchers.
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<Self> {
        let visit = Visit::of(request)?;
        visit.rejection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<'r> Responder<'r, 'static> for AuthRejection {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        Ok(answer(self.response))
    }
}

impl fmt::Debug for AuthRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuthRejection").field(&format_args!("{}", self.reason)).finish()
    }
}

/// One request, from its first moment until its answer is sent.
pub(crate) struct Visit {
    pub(crate) session: RequestSession,
    /// Whether it came as HEAD.
    pub(crate) head: bool,
    rejection: Mutex<Option<AuthRejection>>,
    _present: Option<OwnedSemaphorePermit>,
}

impl Visit {
    /// `None` when no [`with_auth`](crate::with_auth) is attached.
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        let attached = request.rocket().state::<Attached>()?;
        Some(request.local_cache(|| Self {
            session: RequestSession::new(attached.auth.clone(), Renewal::WhenDue),
            head: request.method() == Method::Head,
            rejection: Mutex::default(),
            _present: attached.enter(),
        }))
    }
}

async fn extract<T: FromCurrent>(request: &Request<'_>) -> Outcome<T, AuthRejection> {
    let Some(visit) = Visit::of(request) else {
        let reason = Rejection::Unreadable("kernia_rocket::with_auth is not attached".to_owned());
        let response = reason.response();
        return Outcome::Error((Status::InternalServerError, AuthRejection { reason, response }));
    };
    match visit.session.extract(|| request_head(request)).await {
        Ok(found) => Outcome::Success(found),
        Err(reason) => {
            let response = visit.session.auth().reject(&reason, &request_head(request));
            let status = Status::new(reason.status().as_u16());
            let rejection = AuthRejection { reason, response };
            *visit.rejection.lock().unwrap_or_else(PoisonError::into_inner) = Some(rejection.clone());
            Outcome::Error((status, rejection))
        }
    }
}

/// The head of a request, for calls on behalf of its client: `auth.api().list_sessions().headers(&head.headers)`.
#[derive(Clone, Debug)]
pub struct Head(pub RequestHead);

impl Deref for Head {
    type Target = RequestHead;

    fn deref(&self) -> &RequestHead {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Head {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self(request_head(request)))
    }
}

/// Both traits for each of the types, which have them by [`FromCurrent`].
macro_rules! extractor {
    ([$($generics:tt)*] $type:ty) => {
        #[rocket::async_trait]
        impl<'r, $($generics)*> FromRequest<'r> for $type {
            type Error = AuthRejection;

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthRejection> {
                extract(request).await
            }
        }

        /// Ends the launch when [`with_auth`](crate::with_auth) is not attached.
        impl<$($generics)*> Sentinel for $type {
            fn abort(rocket: &Rocket<Ignite>) -> bool {
                rocket.state::<Attached>().is_none()
            }
        }
    };
}

extractor!([U: Added, S: Added] Session<U, S>);
extractor!([U: Added] User<U>);
extractor!([T: FromCurrent] Fresh<T>);
extractor!([R: Requirement, T: FromCurrent] Require<R, T>);
