//! A client with a cookie jar.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, header};
use serde_json::Value;

use super::World;
use crate::wire::cookie::SetCookie;

/// A client that keeps cookies and says where it comes from, as browsers do.
#[derive(Clone, Debug)]
pub struct Browser<'w> {
    world: &'w World,
    /// Cookies as sent, by name.
    pub cookies: BTreeMap<String, String>,
    /// The `Origin` of its requests.
    pub origin: Option<String>,
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct TestRequest {
    /// The method.
    pub method: Method,
    /// The path below the base path, with its query.
    pub path: String,
    /// Headers beyond cookies and origin.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Bytes>,
}

/// A response, read.
#[derive(Clone, Debug)]
pub struct TestResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The cookies that it sets.
    pub cookies: Vec<SetCookie>,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is not JSON.
    pub json: Value,
}

impl TestRequest {
    /// A request without a body.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: None }
    }

    /// A `POST` of JSON.
    #[must_use]
    pub fn json(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::POST, path).header("content-type", "application/json").body(body.to_string())
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The request as the engine takes it, with the base path in front.
    ///
    /// # Panics
    /// When the path or a header is not sendable.
    #[must_use]
    pub fn build(&self, base_path: &str) -> Request<Bytes> {
        let mut request = Request::builder().method(&self.method).uri(format!("{base_path}{}", self.path));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = self.body.clone().unwrap_or_default();
        if !body.is_empty() {
            request = request.header(header::CONTENT_LENGTH, body.len());
        }
        request.header(header::HOST, "localhost:3000").body(body).expect("a sendable request")
    }
}

impl<'w> Browser<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self { world, cookies: BTreeMap::new(), origin: Some(super::world::BASE_URL.to_owned()) }
    }

    /// Gets a page.
    pub fn get(&mut self, path: impl Into<String>) -> TestResponse {
        self.send(&TestRequest::new(Method::GET, path))
    }

    /// Posts JSON.
    pub fn post(&mut self, path: impl Into<String>, body: Value) -> TestResponse {
        self.send(&TestRequest::json(path, &body))
    }

    /// Sends a request and keeps the cookies of its answer.
    pub fn send(&mut self, request: &TestRequest) -> TestResponse {
        let response = self.world.answer(self.prepare(request));
        self.receive(response)
    }

    /// The request as this browser would send it now.
    #[must_use]
    pub fn prepare(&self, request: &TestRequest) -> Request<Bytes> {
        let mut request = request.clone();
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let explicit = request.headers.iter().any(|(name, _)| *name == "origin");
        if let (Some(origin), false) = (&self.origin, explicit) {
            request = request.header("origin", origin.clone());
        }
        request.build(self.world.engine.base_path())
    }

    /// Keeps the cookies of `response` and reads it.
    pub fn receive(&mut self, response: Response<Bytes>) -> TestResponse {
        let response = TestResponse::read(response);
        for cookie in &response.cookies {
            if cookie.attributes.max_age == Some(0) {
                self.cookies.remove(&cookie.name);
            } else {
                self.cookies.insert(cookie.name.clone(), cookie.value().to_owned());
            }
        }
        response
    }

    /// Is signed in as the user with this address from now on, who is made if there is none.
    ///
    /// # Panics
    /// When that fails.
    pub fn login_as(&mut self, email: &str) -> TestResponse {
        let response = self.world.outside.finish(super::login_as(&self.world.engine, email));
        let response = self.receive(response);
        assert_eq!(response.status, 200, "{}", response.text);
        response
    }

    /// Signs up with a fixed password and stays signed in.
    ///
    /// # Panics
    /// When that fails.
    pub fn sign_up(&mut self, email: &str) -> TestResponse {
        let body = serde_json::json!({"name": "Test User", "email": email, "password": super::browser::PASSWORD});
        let response = self.post("/sign-up/email", body);
        assert_eq!(response.status, 200, "{}", response.text);
        response
    }
}

/// The password of [`Browser::sign_up`].
pub const PASSWORD: &str = "correct horse battery";

impl TestResponse {
    /// Reads a response.
    #[must_use]
    pub fn read(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let lines = parts.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = lines.filter_map(SetCookie::parse).collect();
        let text = String::from_utf8_lossy(&body).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status: parts.status.as_u16(), cookies, headers: parts.headers, text, json }
    }

    /// A header as text; empty when absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The error code in the body; empty when there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// The cookie of this name, if it is set.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&SetCookie> {
        self.cookies.iter().rev().find(|cookie| cookie.name == name)
    }
}
