//! What a handler answers: a body, and the headers and cookies that gather on the way.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use super::Fault;
use crate::wire::cookie::SetCookie;

/// A status and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body.
    pub body: Body,
}

/// A response body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// JSON text.
    Json(Bytes),
    /// HTML text.
    Html(Bytes),
    /// Plain text.
    Text(Bytes),
    /// Nothing, under `application/json` as the reference sends it.
    EmptyJson,
    /// Nothing, without a content type.
    Empty,
}

impl Answer {
    /// A JSON answer with status 200.
    ///
    /// # Errors
    /// [`Fault::Bug`] when `output` cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(output: &T) -> Result<Self, Fault> {
        let mut text = Vec::with_capacity(512);
        serde_json::to_writer(&mut text, output)
            .map_err(|error| Fault::Bug(format!("output is not JSON: {error}").into()))?;
        Ok(Self { status: StatusCode::OK, body: Body::Json(text.into()) })
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self { status, body: Body::Empty }
    }

    /// A plain text answer.
    #[must_use]
    pub fn text(status: StatusCode, text: impl Into<Bytes>) -> Self {
        Self { status, body: Body::Text(text.into()) }
    }
}

/// Headers and cookies that a request has gathered for its response.
#[derive(Debug, Default)]
pub struct Reply {
    headers: HeaderMap,
    cookies: Vec<SetCookie>,
}

impl Reply {
    /// Sets a header, replacing an earlier one. A value that cannot be a header is left out.
    pub fn set_header(&mut self, name: HeaderName, value: &str) {
        match HeaderValue::from_str(value) {
            Ok(value) => {
                self.headers.insert(name, value);
            }
            Err(_) => tracing::warn!(header = %name, "a header value was not sendable and is left out"),
        }
    }

    /// The headers set so far.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Adds a cookie. Earlier cookies of the same name stay (the reference sends both, in order).
    pub fn push_cookie(&mut self, cookie: SetCookie) {
        self.cookies.push(cookie);
    }

    /// Takes back the cookies that `unwanted` names, so that a value set and then revoked never leaves the server.
    pub fn retract_cookies(&mut self, unwanted: impl Fn(&str) -> bool) {
        self.cookies.retain(|cookie| !unwanted(&cookie.name));
    }

    /// The cookies set so far, in order.
    #[must_use]
    pub fn cookies(&self) -> &[SetCookie] {
        &self.cookies
    }

    /// Adds `name` to `access-control-expose-headers`.
    pub fn expose_header(&mut self, name: &str) {
        let known = self.headers.get(header::ACCESS_CONTROL_EXPOSE_HEADERS).and_then(|value| value.to_str().ok());
        let listed = match known {
            Some(list) if list.split(',').any(|item| item.trim().eq_ignore_ascii_case(name)) => return,
            Some(list) if !list.is_empty() => format!("{list}, {name}"),
            _ => name.to_owned(),
        };
        self.set_header(header::ACCESS_CONTROL_EXPOSE_HEADERS, &listed);
    }

    /// Puts `answer` under the gathered headers.
    #[must_use]
    pub fn into_response(self, answer: Answer) -> Response<Bytes> {
        let (content_type, body) = match answer.body {
            Body::Json(text) => (Some("application/json"), text),
            Body::Html(text) => (Some("text/html"), text),
            Body::Text(text) => (Some("text/plain;charset=UTF-8"), text),
            Body::EmptyJson => (Some("application/json"), Bytes::new()),
            Body::Empty => (None, Bytes::new()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = answer.status;
        let headers = response.headers_mut();
        *headers = self.headers;
        if let Some(content_type) = content_type {
            // Whoever has said more about the text than its kind is believed.
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        }
        for cookie in self.cookies {
            match HeaderValue::try_from(cookie.to_string()) {
                Ok(value) => {
                    headers.append(header::SET_COOKIE, value);
                }
                Err(_) => tracing::warn!("a cookie was not sendable and is left out"),
            }
        }
        response
    }
}
