//! Handing whoever is signed in to handlers.

use std::{cell::OnceCell, fmt, future::Future, pin::Pin, rc::Rc};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode,
};
use bytes::Bytes;
use http::Response;
use kernia_runtime::{Added, Auth, FromCurrent, Rejection, Renewal, RequestSession, Requirement};

use crate::{Fresh, Require, Session, User, convert, request_head};

/// The answer to a request that is not let in.
pub struct AuthRejection {
    /// Why.
    pub reason: Rejection,
    response: Response<Bytes>,
}

impl AuthRejection {
    /// The answer of `auth`'s to `request`, which is not let in because of `reason`: a handler's own, as the extractors'.
    #[must_use]
    pub fn new(auth: &Auth, request: &HttpRequest, reason: Rejection) -> Self {
        Self { response: auth.reject(&reason, &request_head(request)), reason }
    }
}

impl ResponseError for AuthRejection {
    fn status_code(&self) -> StatusCode {
        convert::status(&self.response)
    }

    fn error_response(&self) -> HttpResponse {
        convert::response(&self.response).map_into_boxed_body()
    }
}

impl fmt::Display for AuthRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl fmt::Debug for AuthRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuthRejection").field(&self.reason).finish()
    }
}

/// What the middleware and the extractors of one request share.
pub(crate) struct Visit {
    pub(crate) session: RequestSession,
    /// The answer to a request about which something could not be found out. It must win over what a handler answers that has
    /// not noticed.
    pub(crate) failed: OnceCell<Response<Bytes>>,
}

impl Visit {
    pub(crate) fn new(auth: Auth) -> Self {
        Self { session: RequestSession::new(auth, Renewal::WhenDue), failed: OnceCell::new() }
    }

    async fn extract<T: FromCurrent>(&self, request: &HttpRequest) -> Result<T, AuthRejection> {
        let found = self.session.extract(|| request_head(request)).await;
        found.map_err(|reason| {
            let rejection = AuthRejection::new(self.session.auth(), request, reason);
            if !matches!(rejection.reason, Rejection::Anonymous | Rejection::Stale | Rejection::Forbidden(_)) {
                self.failed.get_or_init(|| rejection.response.clone());
            }
            rejection
        })
    }
}

async fn extract<T: FromCurrent>(request: HttpRequest) -> Result<T, AuthRejection> {
    let visit = request.extensions().get::<Rc<Visit>>().cloned();
    match visit {
        Some(visit) => visit.extract(&request).await,
        None => {
            const MISSING: &str = "the application lacks .wrap(kernia_actix::with_auth(&auth))";
            tracing::error!(path = request.path(), "{MISSING}");
            let reason = Rejection::Unreadable(MISSING.to_owned());
            Err(AuthRejection { response: reason.response(), reason })
        }
    }
}

/// The trait for each of the types, which have it by [`FromCurrent`].
macro_rules! extractor {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> FromRequest for $type {
            type Error = AuthRejection;
            type Future = Pin<Box<dyn Future<Output = Result<Self, AuthRejection>>>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                Box::pin(extract(request.clone()))
            }
        }
    };
}

extractor!([U: Added + 'static, S: Added + 'static] Session<U, S>);
extractor!([U: Added + 'static] User<U>);
extractor!([T: FromCurrent + 'static] Fresh<T>);
extractor!([R: Requirement, T: FromCurrent + 'static] Require<R, T>);
