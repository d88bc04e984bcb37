//! Calls to a provider, read within limits.

use ::http::{HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;

use crate::{
    domain::{Cx, provider::Provider},
    engine::Fetch,
    wire::json::parse_body,
};

/// The most that is read of an answer, in bytes. Drivers may stop earlier.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Some refuse requests that do not say who makes them.
const USER_AGENT: HeaderValue = HeaderValue::from_static("kernia");

/// A provider's answer.
pub(super) struct Answered {
    /// The status.
    pub(super) status: StatusCode,
    /// The body.
    pub(super) body: Bytes,
}

impl Answered {
    /// The body as JSON; null when it is none.
    pub(super) fn json(&self) -> Value {
        parse_body(&self.body, MAX_ANSWER_BYTES).unwrap_or_default()
    }
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub(super) struct Call {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    max_age: Option<u32>,
}

impl Call {
    pub(super) fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    pub(super) fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Bytes::new(), max_age: None }
    }

    /// A `POST` of a form.
    pub(super) fn form(url: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::new(Method::POST, url).body("application/x-www-form-urlencoded", body)
    }

    /// A `GET` with a query.
    pub(super) fn query(url: &str, fields: &[(&str, &str)]) -> Self {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let separator = if url.contains('?') { '&' } else { '?' };
        Self::get(format!("{url}{separator}{query}"))
    }

    /// Sets a header, in the place of one of the same name.
    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Shows an access token (RFC 6750 section 2.1).
    pub(super) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(super) fn body(self, kind: &str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }.header("content-type", kind)
    }

    /// Takes an answer from before, if it is no older than this.
    pub(super) fn max_age(self, secs: u32) -> Self {
        Self { max_age: Some(secs), ..self }
    }

    /// Sends it. `None` when there is no answer.
    pub(super) async fn send(self, cx: &mut Cx, provider: &Provider) -> Option<Answered> {
        let mut request = Request::builder().method(self.method).uri(&self.url).header(header::USER_AGENT, USER_AGENT);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let Ok(request) = request.body(self.body) else {
            tracing::error!(provider = %provider.id, "a request to the provider cannot be written");
            return None;
        };
        let fetch = Fetch { max_age: self.max_age, ..Fetch::new(request, provider.policy_for(&self.url)) };
        match cx.fetch(fetch).await {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                Some(Answered { status: parts.status, body })
            }
            Err(error) => {
                tracing::warn!(provider = %provider.id, %error, "the provider could not be asked");
                None
            }
        }
    }

    /// Sends it, for an answer of JSON with a status of success. Redirects are no answer.
    pub(super) async fn json(self, cx: &mut Cx, provider: &Provider) -> Option<Value> {
        let answered = self.send(cx, provider).await?;
        if !answered.status.is_success() {
            tracing::warn!(provider = %provider.id, status = answered.status.as_u16(), "the provider refused");
            return None;
        }
        Some(answered.json())
    }
}
