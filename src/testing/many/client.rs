//! Somebody at a server whose store may wait.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use super::{
    super::{BASE_URL, PASSWORD, TestRequest, TestResponse},
    BASE_PATH, Many,
};

/// A browser with its cookies.
#[derive(Clone)]
pub(super) struct Client<'m> {
    many: &'m Many,
    cookies: BTreeMap<String, String>,
}

impl<'m> Client<'m> {
    pub(super) fn new(many: &'m Many) -> Self {
        Self { many, cookies: BTreeMap::new() }
    }

    /// Somebody who has signed up.
    pub(super) async fn signed_up(many: &'m Many, email: &str) -> Self {
        let mut client = Self::new(many);
        client.post("/sign-up/email", json!({"name": "Test User", "email": email, "password": PASSWORD})).await;
        drop(many.outside.rest.take_messages());
        client
    }

    /// Posts JSON and answers the JSON that comes back.
    pub(super) async fn post(&mut self, path: &str, body: Value) -> Value {
        self.ask(&TestRequest::json(path, &body)).await
    }

    /// Gets JSON.
    pub(super) async fn get(&mut self, path: &str) -> Value {
        self.ask(&TestRequest::new(Method::GET, path)).await
    }

    /// A `POST` of JSON as this browser would send it now.
    pub(super) fn posting(&self, path: &str, body: &Value) -> TestRequest {
        self.dressed(TestRequest::json(path, body))
    }

    /// A `GET` as this browser would send it now.
    pub(super) fn getting(&self, path: &str) -> TestRequest {
        self.dressed(TestRequest::new(Method::GET, path))
    }

    fn dressed(&self, request: TestRequest) -> TestRequest {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("origin", BASE_URL);
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    async fn ask(&mut self, request: &TestRequest) -> Value {
        let answer = self.many.asking(self.dressed(request.clone()).build(BASE_PATH)).await;
        let answer = TestResponse::read(answer);
        assert_eq!(answer.status, 200, "{}: {}", request.path, answer.text);
        for cookie in &answer.cookies {
            if cookie.attributes.max_age == Some(0) {
                self.cookies.remove(&cookie.name);
            } else {
                self.cookies.insert(cookie.name.clone(), cookie.value().to_owned());
            }
        }
        answer.json
    }
}
