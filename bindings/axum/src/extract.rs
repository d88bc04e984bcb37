//! Handing whoever is signed in to handlers.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRef, FromRequestParts, OptionalFromRequestParts, OriginalUri},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use kernia_runtime::{Added, Auth, FromCurrent, Rejection, RequestHead, RequestSession, Requirement};

use crate::{Fresh, Require, Session, User};

/// The answer to a request that is not let in.
pub struct AuthRejection {
    /// Why.
    pub reason: Rejection,
    response: Response<Bytes>,
}

impl IntoResponse for AuthRejection {
    fn into_response(self) -> Response {
        self.response.map(Body::from)
    }
}

impl fmt::Debug for AuthRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuthRejection").field(&self.reason).finish()
    }
}

async fn extract<T: FromCurrent>(parts: &mut Parts, auth: Auth) -> Result<T, AuthRejection> {
    let session = RequestSession::of(&mut parts.extensions, &auth);
    let found = session.extract(|| head(parts)).await;
    found.map_err(|reason| AuthRejection { response: session.auth().reject(&reason, &head(parts)), reason })
}

fn head(parts: &Parts) -> RequestHead {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    RequestHead {
        method: parts.method.clone(),
        target: uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string),
        headers: parts.headers.clone(),
        peer: connected.or_else(|| parts.extensions.get::<IpAddr>().copied()),
    }
}

/// Both traits for each of the types, which have them by [`FromCurrent`].
macro_rules! extractor {
    ([$($generics:tt)*] $type:ty) => {
        impl<State, $($generics)*> FromRequestParts<State> for $type
        where
            State: Send + Sync,
            Auth: FromRef<State>,
        {
            type Rejection = AuthRejection;

            async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, AuthRejection> {
                extract(parts, Auth::from_ref(state)).await
            }
        }

        impl<State, $($generics)*> OptionalFromRequestParts<State> for $type
        where
            State: Send + Sync,
            Auth: FromRef<State>,
        {
            type Rejection = AuthRejection;

            async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Option<Self>, AuthRejection> {
                match extract(parts, Auth::from_ref(state)).await {
                    Err(AuthRejection { reason: Rejection::Anonymous, .. }) => Ok(None),
                    found => found.map(Some),
                }
            }
        }
    };
}

extractor!([U: Added, S: Added] Session<U, S>);
extractor!([U: Added] User<U>);
extractor!([T: FromCurrent] Fresh<T>);
extractor!([R: Requirement, T: FromCurrent] Require<R, T>);
