//! The tower service.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Body;
use kernia_runtime::Auth;
use tower_service::Service;

use crate::request;

/// A tower service over any body: mount it where the engine's base path is.
///
/// The request's URI must be the one that the client sent, base path included. The client's address, if known, belongs
/// into the request's extensions as a [`std::net::IpAddr`].
#[derive(Clone, Debug)]
pub struct AuthService {
    kernia: Auth,
}

impl AuthService {
    /// A service that answers with `kernia`.
    #[must_use]
    pub fn new(kernia: Auth) -> Self {
        Self { kernia }
    }
}

impl<B> Service<Request<B>> for AuthService
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let kernia = self.kernia.clone();
        Box::pin(async move { Ok(request::answer(&kernia, request, None).await) })
    }
}
