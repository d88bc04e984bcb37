//! From an HTTP request to the engine's own, within limits.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use crate::{
    domain::options::Limits,
    engine::{Answer, ApiError, Reply, Request},
    wire::path::RequestPath,
};

use super::outcome::error_answer;

/// A request that is within the limits, with its body still unread.
#[derive(Debug)]
pub struct Intake {
    /// The request.
    pub request: Request,
    /// The body's bytes.
    pub body: Bytes,
    /// The path for policies; see [`RequestPath::policy`].
    pub policy_path: String,
    /// Whether any route can have this path.
    pub routable: bool,
    /// The query as it was sent.
    pub query: String,
}

const BODY_TOO_LARGE: ApiError =
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "Request body is too large");
const HEADERS_TOO_LARGE: ApiError = ApiError::new(
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "REQUEST_HEADERS_TOO_LARGE",
    "Request headers are too large",
);
const TARGET_TOO_LONG: ApiError = ApiError::new(StatusCode::URI_TOO_LONG, "URI_TOO_LONG", "Request target is too long");

/// Takes a request in.
///
/// # Errors
/// The response to a request beyond `limits`.
pub fn intake(request: http::Request<Bytes>, base_path: &str, limits: &Limits) -> Result<Intake, Box<Response<Bytes>>> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    if target.len() > limits.target_bytes {
        return Err(refusal(&TARGET_TOO_LONG));
    }
    let header_bytes: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if header_bytes > limits.header_bytes {
        return Err(refusal(&HEADERS_TOO_LARGE));
    }
    if body.len() > limits.body_bytes {
        return Err(refusal(&BODY_TOO_LARGE));
    }
    let path = RequestPath::resolve(target, base_path);
    let policy_path = path.policy().to_owned();
    let query = path.query().to_owned();
    let routed = path.route().map(str::to_owned);
    let mut headers = parts.headers;
    unite_cookies(&mut headers);
    Ok(Intake {
        routable: routed.is_some(),
        request: Request {
            method: parts.method,
            path: routed.unwrap_or_default(),
            template: "",
            headers,
            peer: parts.extensions.get::<IpAddr>().copied(),
            params: Vec::new(),
            query: Value::Null,
            body: None,
        },
        body,
        policy_path,
        query,
    })
}

/// HTTP/2 clients may split `Cookie` (RFC 9113 section 8.2.3). What others have set beyond visible ASCII is left out: ours are never so, and
/// must not become unreadable by it.
fn unite_cookies(headers: &mut HeaderMap) {
    let mut values = headers.get_all(header::COOKIE).iter();
    let Some(first) = values.next() else { return };
    if values.next().is_none() && first.to_str().is_ok() {
        return;
    }
    let all: Vec<_> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    let pairs = all.iter().flat_map(|value| value.split(|byte| *byte == b';'));
    let readable: Vec<_> = pairs.filter(|pair| pair.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))).collect();
    if let Ok(united) = HeaderValue::from_bytes(&readable.join(&b';')) {
        headers.insert(header::COOKIE, united);
    }
}

fn refusal(error: &ApiError) -> Box<Response<Bytes>> {
    let answer: Answer = error_answer(error);
    Box::new(Reply::default().into_response(answer))
}
