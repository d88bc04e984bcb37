//! The tower layer.

use std::{
    future::Future,
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::{Either, Full};
use hyper::body::Body;
use kernia_runtime::{Auth, FromCurrent, Renewal, RequestHead, RequestSession};
use tower_layer::Layer;
use tower_service::Service;

use crate::request;

/// Answers what is for the engine, and gives every other request its [`RequestSession`], in the extensions. Cookies that the
/// look-up of a session sets are added to the application's answer.
///
/// The request's URI must be the one that the client sent. The client's address, if known, belongs into the request's extensions
/// as a [`std::net::IpAddr`].
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use kernia_hyper::{Auth, Session, extract};
///
/// async fn hello<B>(auth: Auth, request: Request<B>) -> Response<Full<Bytes>> {
///     let (mut parts, _) = request.into_parts();
///     match extract::<Session>(&auth, &mut parts).await {
///         Ok(session) => Response::new(format!("Hello {}!", session.user.name).into()),
///         Err(refused) => refused,
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct AuthLayer {
    auth: Auth,
}

impl AuthLayer {
    /// A layer over `auth`.
    #[must_use]
    pub fn new(auth: Auth) -> Self {
        Self { auth }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = WithAuth<S>;

    fn layer(&self, inner: S) -> WithAuth<S> {
        WithAuth { auth: self.auth.clone(), inner }
    }
}

/// A service behind an [`AuthLayer`].
#[derive(Clone, Debug)]
pub struct WithAuth<S> {
    auth: Auth,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for WithAuth<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    R: Body<Data = Bytes>,
{
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;
    type Response = Response<Either<Full<Bytes>, R>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let auth = self.auth.clone();
        if auth.serves(request.uri().path()) {
            return Box::pin(async move { Ok(request::answer(&auth, request, None).await.map(Either::Left)) });
        }
        let session = RequestSession::new(auth, Renewal::WhenDue);
        request.extensions_mut().insert(session.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            session.add_cookies(response.headers_mut());
            Ok(response.map(Either::Right))
        })
    }
}

/// What a handler asks for of whoever is signed in at `auth`: [`Session`](crate::Session), [`User`](crate::User),
/// [`Fresh`](crate::Fresh), [`Require`](crate::Require). Behind an [`AuthLayer`] the session is looked up once a request and renewed.
///
/// # Errors
/// The answer to a request that is not let in.
pub async fn extract<T: FromCurrent>(auth: &Auth, parts: &mut Parts) -> Result<T, Response<Full<Bytes>>> {
    let session = RequestSession::of(&mut parts.extensions, auth);
    let found = session.extract(|| head(parts)).await;
    found.map_err(|rejection| auth.reject(&rejection, &head(parts)).map(Full::new))
}

fn head(parts: &Parts) -> RequestHead {
    RequestHead {
        method: parts.method.clone(),
        target: parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), ToString::to_string),
        headers: parts.headers.clone(),
        peer: parts.extensions.get::<IpAddr>().copied(),
    }
}
