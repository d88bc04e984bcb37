//! Calls to other servers, read within limits.

use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;

use super::Cx;
use crate::{
    engine::{Fetch, FetchPolicy},
    wire::json::parse_body,
};

/// The most that is read of an answer, in bytes. Drivers may stop earlier.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Some refuse requests that do not say who makes them.
const USER_AGENT: HeaderValue = HeaderValue::from_static("kernia");

/// A server that is called.
pub trait OtherServer: Sync {
    /// What the log calls it.
    fn log_name(&self) -> &str;

    /// What a call to `url` must be kept from.
    fn policy_for(&self, url: &str) -> FetchPolicy;
}

/// A server of this name whose address the operator has chosen.
#[derive(Clone, Copy, Debug)]
pub struct Configured(pub &'static str);

impl OtherServer for Configured {
    fn log_name(&self) -> &str {
        self.0
    }

    fn policy_for(&self, _: &str) -> FetchPolicy {
        FetchPolicy::Configured
    }
}

/// Its answer.
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Bytes,
}

impl Answered {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        self.read_json().unwrap_or_default()
    }

    /// The body as JSON, if it is that.
    #[must_use]
    pub fn read_json(&self) -> Option<Value> {
        parse_body(&self.body, MAX_ANSWER_BYTES).ok()
    }
}

/// A request to be sent.
#[derive(Clone)]
pub struct Call {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    max_age: Option<u32>,
}

impl fmt::Debug for Call {
    /// What is asked is nobody's business: it holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

impl Call {
    /// A `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A request without a body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Bytes::new(), max_age: None }
    }

    /// A `POST` of a form.
    #[must_use]
    pub fn form(url: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::new(Method::POST, url).body("application/x-www-form-urlencoded", body)
    }

    /// A `GET` with a query.
    #[must_use]
    pub fn query(url: &str, fields: &[(&str, &str)]) -> Self {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let separator = if url.contains('?') { '&' } else { '?' };
        Self::get(format!("{url}{separator}{query}"))
    }

    /// Sets a header, in the place of one of the same name.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Shows an access token (RFC 6750 section 2.1).
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Sets the body, which is of this media type.
    #[must_use]
    pub fn body(self, kind: &str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }.header("content-type", kind)
    }

    /// Takes an answer from before, if it is no older than this.
    #[must_use]
    pub fn max_age(self, secs: u32) -> Self {
        Self { max_age: Some(secs), ..self }
    }

    /// Sends it. `None` when there is no answer.
    pub async fn send(self, cx: &mut Cx, server: &impl OtherServer) -> Option<Answered> {
        let mut request = Request::builder().method(self.method).uri(&self.url).header(header::USER_AGENT, USER_AGENT);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let Ok(request) = request.body(self.body) else {
            tracing::error!(server = server.log_name(), "a request to another server cannot be written");
            return None;
        };
        let fetch = Fetch { max_age: self.max_age, ..Fetch::new(request, server.policy_for(&self.url)) };
        match cx.fetch(fetch).await {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                Some(Answered { status: parts.status, body })
            }
            Err(error) => {
                tracing::warn!(server = server.log_name(), %error, "another server could not be asked");
                None
            }
        }
    }

    /// Sends it, for an answer of JSON with a status of success. Redirects are no answer.
    pub async fn json(self, cx: &mut Cx, server: &impl OtherServer) -> Option<Value> {
        let answered = self.send(cx, server).await?;
        if !answered.status.is_success() {
            tracing::warn!(server = server.log_name(), status = answered.status.as_u16(), "another server refused");
            return None;
        }
        Some(answered.json())
    }
}
