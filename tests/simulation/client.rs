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
const CHALLENGE: &str = "better-auth.two_factor";
const TRUSTED: &str = "better-auth.trust_device";
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

    /// The sign-in that waits, by its cookies.
    pub(crate) fn challenge(&self) -> Option<String> {
        self.jar.get(CHALLENGE).map(|(value, _)| unsigned(value))
    }

    /// The trusted device that it is, by its cookies.
    pub(crate) fn trusted(&self) -> Option<String> {
        self.jar.get(TRUSTED).map(|(value, _)| unsigned(value))
    }

    /// The tokens of all sessions that it can change between, by its cookies.
    pub(crate) fn kept(&self) -> Vec<String> {
        self.jar.iter().filter(|(name, _)| name.contains("_multi-")).map(|(_, (value, _))| unsigned(value)).collect()
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

    fn cookies(&self, carry: &Carry) -> String {
        let carried = |name: &str| match carry {
            Carry::WithoutSession => !name.starts_with(SESSION_TOKEN) && !name.starts_with(SESSION_DATA),
            Carry::WithoutChallenge => name != CHALLENGE,
            _ => true,
        };
        self.jar
            .iter()
            .filter(|(name, _)| carried(name))
            .map(|(name, (value, _))| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// The token of the session that an answer gives to the client.
pub(crate) fn session_token(answer: &TestResponse) -> Option<String> {
    set(answer, SESSION_TOKEN)
}

/// The value of a cookie that an answer sets.
fn set(answer: &TestResponse, name: &str) -> Option<String> {
    let cookie = answer.cookie(name).filter(|cookie| cookie.attributes.max_age != Some(0))?;
    Some(unsigned(cookie.value()))
}

/// The sign-in that an answer lets wait.
pub(crate) fn challenge(answer: &TestResponse) -> Option<String> {
    set(answer, CHALLENGE)
}

/// The trusted device that an answer makes of the client.
pub(crate) fn trusted(answer: &TestResponse) -> Option<String> {
    set(answer, TRUSTED)
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
        Carry::Cookies | Carry::WithoutSession | Carry::WithoutChallenge if !client.is_empty() => {
            request = request.header("cookie", client.cookies(carry));
        }
        Carry::Bearer(token) => request = request.header("authorization", format!("Bearer {token}")),
        _ => {}
    }
    request.build(BASE_PATH)
}

/// A call from the application's own code in the name of `client`, and its text.
pub(crate) fn call(client: &Client, carry: &Carry, body: &Json) -> (ServerCall, String) {
    let mut call = ServerCall { body: Some(body.clone()), ..ServerCall::default() };
    if *carry == Carry::Cookies && !client.is_empty() {
        call.headers.insert(header::COOKIE, client.cookies(carry).parse().expect("a sendable header"));
    }
    (call, format!("{} {body}", client.cookies(carry)))
}

/// All that a request says.
pub(crate) fn text(request: &Request<Bytes>) -> String {
    let headers = request.headers().values().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(" ");
    format!("{} {} {} {headers}", request.method(), request.uri(), String::from_utf8_lossy(request.body()))
}
