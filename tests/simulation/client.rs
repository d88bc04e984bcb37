//! Clients: cookies, and how requests carry them.

use bytes::Bytes;
use http::{Request, header};
use kernia::{
    domain::api::ServerCall,
    testing::{BASE_URL, TestRequest, TestResponse},
};
use serde_json::Value as Json;

use crate::{actions::Carry, world::Jar};

const SESSION_TOKEN: &str = "better-auth.session_token";
const SESSION_DATA: &str = "better-auth.session_data";
const CEREMONY: &str = "better-auth.better-auth-passkey";
const BASE_PATH: &str = "/api/auth";

/// A client that keeps every cookie until it is told to forget it, also beyond its age.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    jar: Jar,
}

impl Client {
    /// The session's token in its cookies.
    pub(crate) fn session_token(&self) -> Option<String> {
        self.jar.get(SESSION_TOKEN).map(|(value, _)| unsigned(value))
    }

    /// The cookie that ties it to what it is asked of a passkey.
    pub(crate) fn ceremony(&self) -> Option<String> {
        self.jar.get(CEREMONY).map(|(value, _)| value.clone())
    }

    /// When the session in its cookies came.
    pub(crate) fn cached_at(&self) -> Option<i64> {
        let data = self.jar.iter().filter(|(name, _)| name.starts_with(SESSION_DATA));
        data.map(|(_, (_, at))| *at).max()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.jar.is_empty()
    }

    /// Keeps the cookies of an answer that comes at `now`.
    pub(crate) fn receive(&mut self, answer: &TestResponse, now: i64) {
        for cookie in &answer.cookies {
            if cookie.attributes.max_age == Some(0) {
                self.jar.remove(&cookie.name);
            } else {
                self.jar.insert(cookie.name.clone(), (cookie.value().to_owned(), now));
            }
        }
    }

    fn cookies(&self) -> String {
        self.jar.iter().map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

/// The token of the session that an answer gives to the client.
pub(crate) fn session_token(answer: &TestResponse) -> Option<String> {
    let cookie = answer.cookie(SESSION_TOKEN).filter(|cookie| cookie.attributes.max_age != Some(0))?;
    Some(unsigned(cookie.value()))
}

/// The cookie that ties the client to what the answer asks of a passkey.
#[cfg(feature = "passkey")]
pub(crate) fn ceremony(answer: &TestResponse) -> Option<String> {
    Some(answer.cookie(CEREMONY)?.value().to_owned())
}

fn unsigned(value: &str) -> String {
    value.split(['.', '%']).next().unwrap_or_default().to_owned()
}

/// The request as `client` sends it; from another site's page if it is `foreign`.
pub(crate) fn dress(client: &Client, request: &TestRequest, carry: &Carry, foreign: bool) -> Request<Bytes> {
    let origin = if foreign { "https://evil.example" } else { BASE_URL };
    let mut request = request.clone().header("origin", origin);
    match carry {
        Carry::Cookies if !client.is_empty() => request = request.header("cookie", client.cookies()),
        Carry::Bearer(token) => request = request.header("authorization", format!("Bearer {token}")),
        _ => {}
    }
    request.build(BASE_PATH)
}

/// A call from the application's own code in the name of `client`, and its text.
pub(crate) fn call(client: &Client, carry: &Carry, body: &Json) -> (ServerCall, String) {
    let mut call = ServerCall { body: Some(body.clone()), ..ServerCall::default() };
    if *carry == Carry::Cookies && !client.is_empty() {
        call.headers.insert(header::COOKIE, client.cookies().parse().expect("a sendable header"));
    }
    (call, format!("{} {body}", client.cookies()))
}

/// All that a request says.
pub(crate) fn text(request: &Request<Bytes>) -> String {
    let headers = request.headers().values().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(" ");
    format!("{} {} {} {headers}", request.method(), request.uri(), String::from_utf8_lossy(request.body()))
}
