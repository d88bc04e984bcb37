//! The custom-session plugin: `GET /get-session` answers what the application makes of a session.
//!
//! ```
//! use kernia::plugins::CustomSession;
//! use serde_json::json;
//!
//! let plugin = CustomSession::new(async |session, _headers| {
//!     let admin = session["user"]["email"] == "ada@example.com";
//!     Ok(json!({ "user": session["user"], "session": session["session"], "admin": admin }))
//! });
//! ```

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    domain::{Cx, Hooks, Plugin},
    engine::{AfterHook, Answer, ApiError, Body, Exit, PathMatch},
};

const GET_SESSION: &str = "/get-session";
const LIST: &str = "/multi-session/list-device-sessions";

type Shaped = Pin<Box<dyn Future<Output = Result<Value, ApiError>> + Send>>;
type Shape = dyn Fn(Value, HeaderMap) -> Shaped + Send + Sync;

/// Sessions as the application shows them.
#[derive(Clone)]
pub struct CustomSession {
    shape: Arc<Shape>,
    lists_too: bool,
}

impl CustomSession {
    /// Sessions as `shape` makes them of `{"session", "user"}`, what clients would see without it, and the request's headers. A
    /// refusal is answered in their place. It runs at every look at the session, also at one that a cookie describes.
    pub fn new<F, T>(shape: F) -> Self
    where
        F: Fn(Value, HeaderMap) -> T + Send + Sync + 'static,
        T: Future<Output = Result<Value, ApiError>> + Send + 'static,
    {
        let shape: Arc<Shape> = Arc::new(move |session, headers| Box::pin(shape(session, headers)));
        Self { shape, lists_too: false }
    }

    /// The same for each session that the multi-session plugin lists: the reference's `shouldMutateListDeviceSessionsEndpoint`.
    #[must_use]
    pub fn with_device_sessions(mut self) -> Self {
        self.lists_too = true;
        self
    }
}

impl fmt::Debug for CustomSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomSession").field("lists_too", &self.lists_too).finish_non_exhaustive()
    }
}

impl Plugin for CustomSession {
    fn id(&self) -> &'static str {
        "custom-session"
    }

    fn options(&self) -> Value {
        json!({ "with_device_sessions": self.lists_too })
    }

    fn hooks(&self) -> Hooks {
        let hook = |on: &'static str| {
            let shape = Arc::clone(&self.shape);
            AfterHook::new(PathMatch::One(on), move |cx, answer| {
                let shape = Arc::clone(&shape);
                Box::pin(async move { reshape(cx, answer, &*shape).await })
            })
        };
        let mut after = vec![hook(GET_SESSION)];
        if self.lists_too {
            after.push(hook(LIST));
        }
        Hooks { after, ..Hooks::default() }
    }
}

/// Puts what the application makes of each session into the place of it. That nobody is signed in stays so.
async fn reshape(cx: &mut Cx, answer: &mut Answer, shape: &Shape) -> Result<(), Exit> {
    let Body::Json(text) = &answer.body else { return Ok(()) };
    if !answer.status.is_success() {
        return Ok(());
    }
    let shown = match serde_json::from_slice(text).unwrap_or_default() {
        Value::Null => return Ok(()),
        Value::Array(sessions) => {
            let mut shown = Vec::with_capacity(sessions.len());
            for session in sessions {
                shown.push(shaped(cx, shape, session).await?);
            }
            Value::Array(shown)
        }
        session => shaped(cx, shape, session).await?,
    };
    answer.body = Answer::json(&shown)?.body;
    Ok(())
}

async fn shaped(cx: &mut Cx, shape: &Shape, session: Value) -> Result<Value, Exit> {
    let task = shape(session, cx.request.headers.clone());
    Ok(cx.run(task).await??)
}
