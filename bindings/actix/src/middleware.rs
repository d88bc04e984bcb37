//! The engine's routes beside the application's own, and the sessions of these.

use std::{
    fmt,
    future::{Future, Ready, ready},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage as _, HttpResponse, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::StatusCode,
};
use bytes::Bytes;
use kernia_runtime::Auth;

use crate::{add_cookies, convert, extract::Visit, routes};

/// Adds Kernia to an application, or to a scope that `auth`'s base path lies in: `App::new().wrap(with_auth(&auth))`.
///
/// Requests below the base path are answered by the engine, all others get their [`RequestSession`](crate::RequestSession), which the
/// extractors ask. Middleware that changes targets, as `NormalizePath` does, must be wrapped before, so that it acts after.
///
/// If the base path is `/`, so that the engine cannot tell its requests from others, add [`routes`](crate::routes) as the last
/// service too.
#[must_use = "an application gets it by App::wrap"]
pub fn with_auth(auth: &Auth) -> AuthMiddleware {
    AuthMiddleware { auth: auth.clone() }
}

/// What [`with_auth`] makes.
#[derive(Clone, Debug)]
pub struct AuthMiddleware {
    auth: Auth,
}

impl<S, B> Transform<S, ServiceRequest> for AuthMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody,
{
    type Error = Error;
    type Future = Ready<Result<WithAuth<S>, ()>>;
    type InitError = ();
    type Response = ServiceResponse<EitherBody<B, Bytes>>;
    type Transform = WithAuth<S>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(WithAuth { auth: self.auth.clone(), inner }))
    }
}

/// A service behind an [`AuthMiddleware`].
#[derive(Debug)]
pub struct WithAuth<S> {
    auth: Auth,
    inner: S,
}

impl<S> WithAuth<S> {
    fn answers(&self, path: &str) -> bool {
        !self.auth.engine().base_path().is_empty() && self.auth.serves(path)
    }
}

impl<S, B> Service<ServiceRequest> for WithAuth<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody,
{
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;
    type Response = ServiceResponse<EitherBody<B, Bytes>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let auth = self.auth.clone();
        if self.answers(request.path()) {
            let (request, payload) = request.into_parts();
            return Box::pin(async move {
                let response = routes::answer(&auth, &request, payload).await;
                Ok(ServiceResponse::new(request, response).map_into_right_body())
            });
        }
        let visit = Rc::new(Visit::new(auth));
        request.extensions_mut().insert(visit.session.clone());
        request.extensions_mut().insert(Rc::clone(&visit));
        let answer = self.inner.call(request);
        Box::pin(async move {
            match answer.await {
                Ok(response) => Ok(amend(response, &visit)),
                Err(error) => Err(Amended { error, visit }.into()),
            }
        })
    }
}

/// The application's answer with the cookies of its request, or what must be answered instead.
fn amend<B>(response: ServiceResponse<B>, visit: &Visit) -> ServiceResponse<EitherBody<B, Bytes>> {
    let mut response = match visit.failed.get() {
        Some(failed) => response.into_response(convert::response(failed)).map_into_right_body(),
        None => response.map_into_left_body(),
    };
    add_cookies(response.headers_mut(), visit.session.cookies());
    response
}

/// An error of the application's, whose answer is amended like any other.
struct Amended {
    error: Error,
    visit: Rc<Visit>,
}

impl ResponseError for Amended {
    fn status_code(&self) -> StatusCode {
        match self.visit.failed.get() {
            Some(failed) => convert::status(failed),
            None => self.error.as_response_error().status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = match self.visit.failed.get() {
            Some(failed) => convert::response(failed).map_into_boxed_body(),
            None => self.error.error_response(),
        };
        add_cookies(response.headers_mut(), self.visit.session.cookies());
        response
    }
}

impl fmt::Display for Amended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Debug for Amended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}
