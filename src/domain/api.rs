//! Calling routes from the server's own code, with typed input and output.

use std::{fmt, future::Future, future::IntoFuture, marker::PhantomData, net::IpAddr, pin::Pin};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::Installation;
use crate::{engine::Endpoint, wire::shape::Shaped};

/// What one call brings, beside the name of its route.
#[derive(Clone, Debug, Default)]
pub struct ServerCall {
    /// The headers of the request on whose behalf it is made: a cookie, if somebody is signed in.
    pub headers: HeaderMap,
    /// The address of the client on whose behalf it is made.
    pub peer: Option<IpAddr>,
    /// The values of the path's parameters.
    pub params: Vec<(String, String)>,
    /// The query.
    pub query: Map<String, Value>,
    /// The body.
    pub body: Option<Value>,
}

/// Whoever can carry out calls: an engine and its outside.
pub trait Caller: Sync {
    /// Calls the route called `route`; `None` when there is no such route.
    fn call(&self, route: &'static str, call: ServerCall) -> impl Future<Output = Option<Response<Bytes>>> + Send;
}

/// Every route as a typed method, for the server's own code: `auth.api().sign_up_email(body).await`.
///
/// Hooks and validation run; rate limits and origin checks, which guard against strangers, do not. A route of a plugin that
/// the server does not have is [`CallError::Unknown`].
#[derive(Clone, Copy, Debug)]
pub struct Api<'a, C>(&'a C);

impl<'a, C: Caller> Api<'a, C> {
    /// The routes of `caller`.
    #[must_use]
    pub fn new(caller: &'a C) -> Self {
        Self(caller)
    }

    /// Calls the route `E`, whose answer is read as `R`. For the routes of Kernia there are methods.
    pub fn call<E: Endpoint<Installation>, R: DeserializeOwned>(&self) -> Call<'a, C, E, R> {
        Call { caller: self.0, call: ServerCall::default(), route: PhantomData }
    }
}

/// A call that is made when it is awaited.
#[must_use = "a call is made when it is awaited"]
pub struct Call<'a, C, E, R> {
    caller: &'a C,
    call: ServerCall,
    route: PhantomData<fn(E) -> R>,
}

impl<C, E: Endpoint<Installation>, R> Call<'_, C, E, R> {
    /// Calls on behalf of the request with these headers: whoever its cookie signs in.
    pub fn headers(mut self, headers: &HeaderMap) -> Self {
        self.call.headers = headers.clone();
        self
    }

    /// Calls with one more header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.call.headers.append(name, value);
        self
    }

    /// Calls on behalf of the client at this address.
    pub fn peer(mut self, peer: impl Into<Option<IpAddr>>) -> Self {
        self.call.peer = peer.into();
        self
    }

    /// Gives the path's parameter called `name`.
    pub fn param(mut self, name: &str, value: impl Into<String>) -> Self {
        self.call.params.push((name.to_owned(), value.into()));
        self
    }
}

impl<C, E: Endpoint<Installation>, R> Call<'_, C, E, R>
where
    E::Body: Shaped,
{
    /// Gives the body.
    pub fn body(mut self, body: impl Into<E::Body>) -> Self {
        self.call.body = body.into().to_json();
        self
    }
}

impl<C, E: Endpoint<Installation>, R> Call<'_, C, E, R>
where
    E::Query: Shaped,
{
    /// Gives the query.
    pub fn query(mut self, query: impl Into<E::Query>) -> Self {
        if let Some(Value::Object(query)) = query.into().to_json() {
            self.call.query = query;
        }
        self
    }
}

impl<'a, C: Caller, E: Endpoint<Installation>, R: DeserializeOwned + 'a> IntoFuture for Call<'a, C, E, R> {
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;
    type Output = Result<Called<R>, CallError>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { caller, call, .. } = self;
        Box::pin(async move { read(caller.call(E::NAME, call).await.ok_or(CallError::Unknown(E::NAME))?) })
    }
}

impl<C, E: Endpoint<Installation>, R> fmt::Debug for Call<'_, C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("route", &E::NAME).finish_non_exhaustive()
    }
}

/// What a call came to.
#[derive(Clone, Debug)]
pub struct Called<R> {
    /// The route's answer.
    pub value: R,
    /// The headers of the answer. What it sets of [cookies](Called::cookies) must reach the browser, or nobody is signed in.
    pub headers: HeaderMap,
}

impl<R> Called<R> {
    /// The cookies to set: values of `Set-Cookie`.
    pub fn cookies(&self) -> impl Iterator<Item = &HeaderValue> {
        self.headers.get_all(header::SET_COOKIE).iter()
    }
}

/// How a call ends without its answer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The route refused, or the server could not answer (a status from 500).
    #[error("{status}: {}", message.as_deref().or(code.as_deref()).unwrap_or("refused"))]
    Refused {
        /// The status that a client would see.
        status: StatusCode,
        /// The machine-readable code.
        code: Option<String>,
        /// The text for people.
        message: Option<String>,
        /// The headers of the answer, cookies included.
        headers: Box<HeaderMap>,
    },
    /// The route sends the browser elsewhere.
    #[error("the browser is sent elsewhere")]
    Redirected {
        /// Where to.
        location: String,
        /// The headers of the answer, cookies included.
        headers: Box<HeaderMap>,
    },
    /// There is no such route: a plugin is missing.
    #[error("there is no route {0}")]
    Unknown(&'static str),
    /// The answer is of another form than the route's: a hook has replaced it.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
}

impl CallError {
    /// The status that a client would see.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused { status, .. } => *status,
            Self::Redirected { .. } => StatusCode::FOUND,
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Unreadable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The machine-readable code, if there is one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => code.as_deref(),
            _ => None,
        }
    }
}

#[derive(Default, Deserialize)]
struct Told {
    #[serde(alias = "error")]
    code: Option<String>,
    #[serde(alias = "error_description")]
    message: Option<String>,
}

fn read<R: DeserializeOwned>(response: Response<Bytes>) -> Result<Called<R>, CallError> {
    let (parts, body) = response.into_parts();
    let headers = parts.headers;
    if parts.status.is_redirection() {
        let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        return Err(CallError::Redirected { location: location.to_owned(), headers: Box::new(headers) });
    }
    if !parts.status.is_success() {
        let Told { code, message } = serde_json::from_slice(&body).unwrap_or_default();
        return Err(CallError::Refused { status: parts.status, code, message, headers: Box::new(headers) });
    }
    let text: &[u8] = if body.is_empty() { b"null" } else { &body };
    let value = serde_json::from_slice(text).map_err(|error| CallError::Unreadable(error.to_string()))?;
    Ok(Called { value, headers })
}

/// Declares typed methods of [`Api`]: ``name: Endpoint (body) -> Output;`` for each route, where `body` or `query` name what
/// the route cannot do without.
macro_rules! typed_calls {
    ($( $(#[$about:meta])* $name:ident : $endpoint:ty $(, $part:ident)? => $output:ty; )*) => {
        impl<'a, C: $crate::domain::api::Caller> $crate::domain::api::Api<'a, C> {
            $( $crate::domain::api::typed_calls!(@method [$(#[$about])*] $name $endpoint [$($part)?] $output); )*
        }
    };
    (@method [$($about:tt)*] $name:ident $endpoint:ty [] $output:ty) => {
        $($about)*
        pub fn $name(&self) -> $crate::domain::api::Call<'a, C, $endpoint, $output> {
            self.call()
        }
    };
    (@method [$($about:tt)*] $name:ident $endpoint:ty [body] $output:ty) => {
        $($about)*
        pub fn $name(
            &self,
            body: <$endpoint as $crate::engine::Endpoint<$crate::domain::Installation>>::Body,
        ) -> $crate::domain::api::Call<'a, C, $endpoint, $output> {
            self.call().body(body)
        }
    };
    (@method [$($about:tt)*] $name:ident $endpoint:ty [query] $output:ty) => {
        $($about)*
        pub fn $name(
            &self,
            query: <$endpoint as $crate::engine::Endpoint<$crate::domain::Installation>>::Query,
        ) -> $crate::domain::api::Call<'a, C, $endpoint, $output> {
            self.call().query(query)
        }
    };
}
pub(crate) use typed_calls;
