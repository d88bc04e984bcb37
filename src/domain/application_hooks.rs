//! The application's own hooks, as closures that return futures. What they await is the application's business: they run as one
//! [`Effect::Run`](crate::engine::Effect::Run) each, on values of their own.

use std::{future::Future, sync::Arc};

use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value};

use super::{AfterWriteHook, Cx, Hooks, WriteHook, WriteKind, session::Session};
use crate::{
    engine::{AfterHook, Answer, ApiError, BeforeHook, Body, PathMatch},
    schema::{Name, Row},
};

/// A request on its way to a route. What a hook changes of it, save the path and the method, is what the route sees.
#[derive(Clone, Debug)]
pub struct RouteRequest {
    /// The method.
    pub method: Method,
    /// The path below the base path.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The query: an object.
    pub query: Value,
    /// The body, not yet validated.
    pub body: Option<Value>,
    /// The client's address, if it is known and tracked.
    pub client_ip: Option<String>,
}

impl RouteRequest {
    /// The request as it is now.
    pub(crate) fn of(cx: &Cx) -> Self {
        Self {
            method: cx.request.method.clone(),
            path: cx.request.path.clone(),
            headers: cx.request.headers.clone(),
            query: cx.request.query.clone(),
            body: cx.request.body.clone(),
            client_ip: cx.local.client_ip.clone(),
        }
    }
}

/// A route's answer on its way to the client.
#[derive(Clone, Debug)]
pub struct RouteAnswer {
    /// The path below the base path.
    pub path: String,
    /// The status.
    pub status: StatusCode,
    /// The JSON of the body; `None` when it has none. Setting it makes it the body.
    pub body: Option<Value>,
    /// The session that this request has made or renewed.
    pub new_session: Option<Session>,
    /// With a browser that is back from a provider, what the client sent along as `additionalData`. It is the client's word. A change
    /// of it does nothing.
    pub oauth_data: Map<String, Value>,
}

impl Hooks {
    /// Runs `hook` before the input of the routes at `on` is validated. It may change the request, or refuse it; hooks behind it
    /// do not run then.
    ///
    /// ```
    /// use http::StatusCode;
    /// use kernia::{domain::Hooks, engine::ApiError};
    ///
    /// const ELSEWHERE: ApiError = ApiError::new(StatusCode::FORBIDDEN, "NOT_INVITED", "Ask for an invitation first");
    /// Hooks::default().before_route("/sign-up/email", async |request| match &request.body {
    ///     Some(body) if body["email"].as_str().is_some_and(|email| email.ends_with("@example.com")) => Ok(request),
    ///     _ => Err(ELSEWHERE),
    /// });
    /// ```
    #[must_use]
    pub fn before_route<F, T>(mut self, on: impl Into<PathMatch>, hook: F) -> Self
    where
        F: Fn(RouteRequest) -> T + Send + Sync + 'static,
        T: Future<Output = Result<RouteRequest, ApiError>> + Send + 'static,
    {
        let hook = Arc::new(hook);
        self.before.push(BeforeHook::new(on.into(), move |cx| {
            let hook = Arc::clone(&hook);
            Box::pin(async move {
                let changed = cx.run(hook(RouteRequest::of(cx))).await??;
                cx.request.headers = changed.headers;
                cx.request.query = changed.query;
                cx.request.body = changed.body;
                Ok(())
            })
        }));
        self
    }

    /// Runs `hook` after the routes at `on` have answered, also when they refused. It may change the answer, or put a refusal in
    /// its place; what the route has done stays done.
    #[must_use]
    pub fn after_route<F, T>(mut self, on: impl Into<PathMatch>, hook: F) -> Self
    where
        F: Fn(RouteAnswer) -> T + Send + Sync + 'static,
        T: Future<Output = Result<RouteAnswer, ApiError>> + Send + 'static,
    {
        let hook = Arc::new(hook);
        self.after.push(AfterHook::new(on.into(), move |cx, answer| {
            let hook = Arc::clone(&hook);
            Box::pin(async move {
                let told = told(cx, answer);
                let before = told.body.clone();
                let changed = cx.run(hook(told)).await??;
                if changed.body != before {
                    let json = Answer::json(&changed.body.unwrap_or_default())?;
                    answer.body = json.body;
                }
                answer.status = changed.status;
                Ok(())
            })
        }));
        self
    }

    /// Runs `hook` before a row of `table` is made. What it answers is the row; a refusal stops the whole change.
    #[must_use]
    pub fn before_create<F, T>(self, table: impl Into<Name>, hook: F) -> Self
    where
        F: Fn(Row) -> T + Send + Sync + 'static,
        T: Future<Output = Result<Row, ApiError>> + Send + 'static,
    {
        self.before_write(table.into(), WriteKind::Create, hook)
    }

    /// Runs `hook` before rows of `table` are changed, on the fields that are set. What it answers is set.
    #[must_use]
    pub fn before_update<F, T>(self, table: impl Into<Name>, hook: F) -> Self
    where
        F: Fn(Row) -> T + Send + Sync + 'static,
        T: Future<Output = Result<Row, ApiError>> + Send + 'static,
    {
        self.before_write(table.into(), WriteKind::Update, hook)
    }

    /// Runs `hook` before a row of `table` is removed. A refusal stops the whole change. Sessions that are in secondary storage
    /// only and rows that expired are removed without it.
    #[must_use]
    pub fn before_delete<F, T>(self, table: impl Into<Name>, hook: F) -> Self
    where
        F: Fn(Row) -> T + Send + Sync + 'static,
        T: Future<Output = Result<(), ApiError>> + Send + 'static,
    {
        self.before_write(table.into(), WriteKind::Delete, move |row: Row| {
            let judged = hook(row.clone());
            async move { judged.await.map(|()| row) }
        })
    }

    /// Runs `hook` when a row of `table` was made, with the row as stored.
    #[must_use]
    pub fn after_create<F, T>(self, table: impl Into<Name>, hook: F) -> Self
    where
        F: Fn(Row) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        self.after_write(table.into(), WriteKind::Create, hook)
    }

    /// Runs `hook` when a row of `table` was changed, with the row as it is now. Sessions that are in secondary storage only are
    /// changed without it.
    #[must_use]
    pub fn after_update<F, T>(self, table: impl Into<Name>, hook: F) -> Self
    where
        F: Fn(Row) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        self.after_write(table.into(), WriteKind::Update, hook)
    }

    /// Runs `hook` when a row of `table` was removed, with the row as it was. The exceptions are those of
    /// [`before_delete`](Self::before_delete).
    #[must_use]
    pub fn after_delete<F, T>(self, table: impl Into<Name>, hook: F) -> Self
    where
        F: Fn(Row) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        self.after_write(table.into(), WriteKind::Delete, hook)
    }

    fn before_write<F, T>(mut self, table: Name, on: WriteKind, hook: F) -> Self
    where
        F: Fn(Row) -> T + Send + Sync + 'static,
        T: Future<Output = Result<Row, ApiError>> + Send + 'static,
    {
        let hook = Arc::new(hook);
        self.writes.push(WriteHook::new(table, on, move |cx, draft| {
            let hook = Arc::clone(&hook);
            Box::pin(async move {
                draft.row = cx.run(hook(draft.row.clone())).await??;
                Ok(())
            })
        }));
        self
    }

    fn after_write<F, T>(mut self, table: Name, on: WriteKind, hook: F) -> Self
    where
        F: Fn(Row) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let hook = Arc::new(hook);
        self.written.push(AfterWriteHook::new(table, on, move |cx, row| {
            let told = hook(row.clone());
            Box::pin(async move { Ok(cx.run(told).await?) })
        }));
        self
    }
}

fn told(cx: &Cx, answer: &Answer) -> RouteAnswer {
    let body = match &answer.body {
        Body::Json(text) => serde_json::from_slice(text).ok(),
        _ => None,
    };
    let (new_session, oauth_data) = (cx.local.new_session.clone(), cx.local.oauth_data.clone());
    RouteAnswer { path: cx.request.path.clone(), status: answer.status, body, new_session, oauth_data }
}
