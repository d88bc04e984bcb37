//! The engine's routes, and the sessions of the application's own.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, OriginalUri, Request, State},
    middleware::{self, Next},
    response::Response,
    routing::{MethodRouter, any},
};
use kernia_hyper::AuthService;
use kernia_runtime::{Auth, Renewal, RequestSession};
use tower_service::Service as _;

/// Adds Kernia to a router.
pub trait AuthRouter {
    /// Adds the engine's routes at its base path, and renews sessions by the use of the routes that are there already: call it last.
    ///
    /// Extractors work on routes that are added later too; these leave the session's end where it is.
    #[must_use]
    fn with_auth(self, auth: &Auth) -> Self;
}

impl<S: Clone + Send + Sync + 'static> AuthRouter for Router<S> {
    fn with_auth(self, auth: &Auth) -> Self {
        let router = self.layer(middleware::from_fn_with_state(auth.clone(), session));
        let base = auth.engine().base_path();
        if base.is_empty() {
            return router.fallback_service(routes(auth.clone()));
        }
        let answer: MethodRouter<S> = any(answer).with_state(auth.clone());
        let router = router.route(base, answer.clone()).route(&format!("{base}/"), answer.clone());
        router.route(&format!("{base}/{{*path}}"), answer)
    }
}

/// The engine's routes alone, to nest where its base path is: `Router::new().nest("/v1/auth", routes(auth))`.
pub fn routes(auth: Auth) -> Router {
    Router::new().route("/", any(answer)).route("/{*path}", any(answer)).with_state(auth)
}

async fn answer(State(auth): State<Auth>, OriginalUri(uri): OriginalUri, mut request: Request) -> Response {
    *request.uri_mut() = uri;
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let peer = peer.ip();
        request.extensions_mut().insert(peer);
    }
    let answered: Result<_, Infallible> = AuthService::new(auth).call(request).await;
    let Ok(response) = answered;
    response.map(Body::new)
}

/// Gives a request its session, and the answer the cookies that its look-up sets.
async fn session(State(auth): State<Auth>, mut request: Request, next: Next) -> Response {
    let session = RequestSession::new(auth, Renewal::WhenDue);
    request.extensions_mut().insert(session.clone());
    let mut response = next.run(request).await;
    session.add_cookies(response.headers_mut());
    response
}
