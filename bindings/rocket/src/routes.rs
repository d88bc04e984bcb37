//! The engine's routes.

use std::io::Cursor;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{CONTENT_LENGTH, HOST},
    uri::PathAndQuery,
};
use kernia_runtime::{Auth, BodyError, RequestHead};
use rocket::{
    Data, Request, Response, Route,
    data::ToByteUnit as _,
    http::{Method, RawStr, Status, uri::Host},
    route::{Handler, Outcome},
};

use crate::extract::Visit;

const METHODS: [Method; 9] = [
    Method::Get,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Options,
    Method::Head,
    Method::Trace,
    Method::Connect,
    Method::Patch,
];

/// The engine's routes alone, base path included: `rocket.mount("/", routes(auth))`. [`with_auth`](crate::with_auth) mounts them.
///
/// They come before routes of the application's whose path is dynamic. A route with a static path below the base path collides
/// with them, unless it has a rank of its own. Where the base path is `/`, they come after all others.
#[must_use]
pub fn routes(auth: Auth) -> Vec<Route> {
    /// Rocket's default for a path without parameters.
    const STATIC: isize = -9;
    let base = auth.engine().base_path();
    let engine = Engine(auth.clone());
    let rank = if base.is_empty() { isize::MAX } else { STATIC };
    // Rocket compares decoded segments.
    let path = format!("{}/<_..>", RawStr::new(base).percent_decode_lossy());
    // Rocket asks routes for HEAD before all routes for GET; with none it asks the application's for GET first.
    let own = METHODS.into_iter().filter(|method| !base.is_empty() || *method != Method::Head);
    own.map(|method| Route::ranked(rank, method, &path, engine.clone())).collect()
}

#[derive(Clone)]
struct Engine(Auth);

#[rocket::async_trait]
impl Handler for Engine {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let auth = &self.0;
        if !auth.serves(request.uri().path().as_str()) {
            return Outcome::forward(data, Status::NotFound);
        }
        let head = request_head(request);
        let Ok(target) = PathAndQuery::try_from(head.target) else { return Outcome::error(Status::BadRequest) };
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = head.method;
        parts.uri = Uri::from(target);
        parts.headers = head.headers;
        if let Some(peer) = head.peer {
            parts.extensions.insert(peer);
        }
        let announced = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let body = read(data, announced, auth.body_limit());
        Outcome::Success(answer(auth.answer(parts, body).await))
    }
}

/// Reads all of a body, but never keeps more than `limit` bytes. One that announces more is not read.
async fn read(data: Data<'_>, announced: Option<usize>, limit: usize) -> Result<Bytes, BodyError> {
    if announced.is_some_and(|announced| announced > limit) {
        return Err(BodyError::TooLarge);
    }
    let body = data.open(limit.bytes()).into_bytes().await.map_err(|_| BodyError::Unreadable)?;
    if !body.is_complete() {
        return Err(BodyError::TooLarge);
    }
    // Rocket looks at the first bytes before and keeps to itself that the connection broke.
    if announced.is_some_and(|announced| announced != body.len()) {
        return Err(BodyError::Unreadable);
    }
    Ok(body.into_inner().into())
}

/// The head of a request, as [`RequestSession`](crate::RequestSession) wants it.
#[must_use]
pub fn request_head(request: &Request<'_>) -> RequestHead {
    let mut headers = HeaderMap::with_capacity(request.headers().len());
    for header in request.headers().iter() {
        let name = HeaderName::try_from(header.name().as_str());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(header.value().as_bytes())) {
            headers.append(name, value);
        }
    }
    // HTTP/2 has an authority, which Rocket keeps apart, instead of the header (RFC 9113 section 8.3.1).
    let named = headers.get(HOST).and_then(|host| Host::parse_bytes(host.as_bytes()).ok());
    if let Some(host) = request.host().filter(|host| named.as_ref() != Some(host))
        && let Ok(host) = HeaderValue::try_from(host.to_string())
    {
        headers.insert(HOST, host);
    }
    RequestHead {
        method: method(request),
        target: request.uri().to_string(),
        headers,
        peer: request.remote().map(|peer| peer.ip()),
    }
}

fn method(request: &Request<'_>) -> http::Method {
    match request.method() {
        // Rocket makes GET of HEAD when no route is for HEAD.
        Method::Get if Visit::of(request).is_some_and(|visit| visit.head) => http::Method::HEAD,
        method => http::Method::try_from(method.as_str()).unwrap_or_default(),
    }
}

/// An answer as Rocket has it.
pub(crate) fn answer(response: http::Response<Bytes>) -> Response<'static> {
    let (parts, body) = response.into_parts();
    let mut answer = Response::build();
    answer.status(Status::new(parts.status.as_u16()));
    for (name, value) in &parts.headers {
        answer.raw_header_adjoin(name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    answer.sized_body(body.len(), Cursor::new(body)).finalize()
}
