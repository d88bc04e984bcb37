//! A whole server but its socket.

use std::{
    fmt,
    future::{Future, poll_fn, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use kernia::{
    Engine,
    domain::api::{Api, Caller, ServerCall},
    engine::{Exchange, drive},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tracing::Instrument as _;

use crate::{
    AuthBuilder, Backend, BodyError, JanitorSettings, Rejection, RequestHead,
    janitor::{self, Removed},
    metrics::{self, Exposition, RequestMetrics},
    refusal::Refusal,
    rejection::Reject,
    request_id::{REQUEST_ID, RequestIds},
};

/// How a [`Auth`] runs.
#[derive(Clone, Copy, Debug)]
pub struct AuthSettings {
    /// How long a request may take, body included. What the database has done by then stays done.
    pub request_timeout: Duration,
    /// How expired rows are removed; `None` when something else does it.
    pub janitor: Option<JanitorSettings>,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self { request_timeout: Duration::from_secs(30), janitor: Some(JanitorSettings::default()) }
    }
}

/// An engine and its outside, ready to answer requests. Cheap to clone; all clones are one server.
///
/// ```text
/// let auth = Auth::start(engine, Backend::builder(storage).build(), AuthSettings::default());
/// let response = auth.handle(request).await;
/// …
/// auth.shutdown(Duration::from_secs(10)).await;
/// ```
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    engine: Engine,
    reject: Option<Reject>,
    backend: Backend,
    settings: AuthSettings,
    ids: RequestIds,
    requests: RequestMetrics,
    removed: Removed,
    janitor: Mutex<Option<JoinHandle<()>>>,
}

impl Auth {
    /// Ties an engine to its outside and starts the janitor. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(engine: Engine, backend: Backend, settings: AuthSettings) -> Self {
        Self::assemble(engine, backend, settings, None)
    }

    /// Begins one whose parts are chosen one by one.
    pub fn builder() -> AuthBuilder {
        AuthBuilder::new()
    }

    pub(crate) fn assemble(engine: Engine, backend: Backend, settings: AuthSettings, reject: Option<Reject>) -> Self {
        let templates = engine.routes().iter().map(|route| route.path);
        let auth = Self(Arc::new(Inner {
            requests: RequestMetrics::new(engine.base_path(), templates),
            engine,
            reject,
            backend,
            settings,
            ids: RequestIds::new(),
            removed: Removed::default(),
            janitor: Mutex::default(),
        }));
        if let Some(settings) = settings.janitor {
            let inner = Arc::clone(&auth.0);
            let task = tokio::spawn(async move {
                let write = |batch| inner.backend.write(batch);
                janitor::run(inner.engine.clone(), settings, &inner.removed, write).await;
            });
            *auth.0.janitor.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
        }
        auth
    }

    /// Answers a request whose body is at hand.
    ///
    /// The address at the other end of the connection, if known, belongs into the request's extensions as a
    /// [`std::net::IpAddr`].
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        self.answer(parts, ready(Ok(body))).await
    }

    /// Answers a request whose body is still on its way. `body` must stop reading beyond
    /// [`body_limit`](Self::body_limit).
    ///
    /// Every answer carries `x-request-id`: the request's own, or a new one.
    pub async fn answer(
        &self,
        mut parts: Parts,
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Response<Bytes> {
        let started = Instant::now();
        let id = self.0.ids.of(&parts.headers);
        let route = self.0.requests.route(parts.uri.path());
        // Nothing but the name: a subscriber writes a span's fields down for every request, logged or not.
        let span = tracing::info_span!(target: "kernia::request", "request", id = id.to_str().unwrap_or_default());
        let method = parts.method.clone();
        parts.headers.insert(REQUEST_ID, id.clone());
        let answer = async {
            let mut response = self.run(parts, body, started).await;
            response.headers_mut().insert(REQUEST_ID, id);
            let took = started.elapsed();
            self.0.requests.record(route, response.status(), took);
            tracing::debug!(
                target: "kernia::request",
                method = method.as_str(),
                route = self.0.requests.template(route),
                status = response.status().as_u16(),
                micros = took.as_micros(),
                "answered",
            );
            response
        };
        answer.instrument(span).await
    }

    /// Every route as a typed method, for the server's own code.
    #[must_use]
    pub fn api(&self) -> Api<'_, Self> {
        Api::new(self)
    }

    /// The answer of the application's own routes to a request that is not let in: the application's own form of it, or the
    /// reference's JSON.
    #[must_use]
    pub fn reject(&self, rejection: &Rejection, head: &RequestHead) -> Response<Bytes> {
        match &self.0.reject {
            Some(reject) => reject(rejection, head),
            None => rejection.response(),
        }
    }

    /// Whether a request for `path`, as it was sent, is for the engine and not for the application around it.
    #[must_use]
    pub fn serves(&self, path: &str) -> bool {
        let below = path.strip_prefix(self.0.engine.base_path());
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether `self` and `other` are one server.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// How many bytes a request's body may have.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.0.engine.installation().options.limits.body_bytes
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The outside.
    #[cfg(feature = "testing")]
    pub(crate) fn backend(&self) -> &Backend {
        &self.0.backend
    }

    /// The figures, in the Prometheus text format 0.0.4, and their content type.
    #[must_use]
    pub fn metrics(&self) -> (&'static str, String) {
        let mut out = Exposition::default();
        out.family("kernia_build_info", "gauge", "The version that runs.");
        out.sample("kernia_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        self.0.requests.write(&mut out);
        self.0.backend.expose(&mut out);
        self.0.removed.expose(&mut out);
        (metrics::CONTENT_TYPE, out.finish())
    }

    /// Stops the janitor and sends the messages that wait, for at most `patience`. Call it when no request is left.
    pub async fn shutdown(&self, patience: Duration) {
        let janitor = self.0.janitor.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(janitor) = janitor {
            janitor.abort();
        }
        let lost = self.0.backend.drain(patience).await;
        if lost > 0 {
            tracing::error!(messages = lost, "messages were not sent before the server stopped");
        }
    }

    async fn run(
        &self,
        parts: Parts,
        body: impl Future<Output = Result<Bytes, BodyError>>,
        started: Instant,
    ) -> Response<Bytes> {
        let deadline = self.deadline(started);
        let body = match timeout_at(deadline, pin!(body)).await {
            Ok(Ok(body)) => body,
            Ok(Err(error)) => return Refusal::Body(error).response(),
            Err(_) => return Refusal::BodyTimeout.response(),
        };
        self.drive(self.0.engine.begin(Request::from_parts(parts, body)), deadline).await
    }

    fn deadline(&self, started: Instant) -> Instant {
        started.checked_add(self.0.settings.request_timeout).unwrap_or_else(|| started + FAR)
    }

    async fn drive(&self, exchange: Exchange, deadline: Instant) -> Response<Bytes> {
        let patience = self.0.settings.request_timeout;
        let drive = pin!(drive(exchange, &self.0.backend));
        match timeout_at(deadline, unwound(drive)).await {
            Ok(Some(response)) => response,
            Ok(None) => Refusal::Internal.response(),
            Err(_) => {
                tracing::error!(patience_secs = patience.as_secs_f64(), "a request took too long");
                Refusal::Timeout.response()
            }
        }
    }
}

impl Caller for Auth {
    async fn call(&self, route: &'static str, mut call: ServerCall) -> Option<Response<Bytes>> {
        let id = self.0.ids.of(&call.headers);
        let span = tracing::info_span!(target: "kernia::request", "call", id = id.to_str().unwrap_or_default());
        call.headers.insert(REQUEST_ID, id);
        let exchange = self.0.engine.begin_call(route, call)?;
        Some(self.drive(exchange, self.deadline(Instant::now())).instrument(span).await)
    }
}

/// `None` when polling `task` panics: a bug in a store or a hook must cost one answer, not the connection and what else
/// is on it. The engine catches its own panics before they come here.
async fn unwound<F: Future>(mut task: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// What a timeout beyond the clock's range comes to: a day.
const FAR: Duration = Duration::from_secs(86_400);

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("engine", &self.0.engine).finish_non_exhaustive()
    }
}
