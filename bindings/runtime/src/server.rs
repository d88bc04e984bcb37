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
use kernia::{Engine, engine::drive};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tracing::Instrument as _;

use crate::{
    Backend, BodyError, JanitorSettings,
    janitor::{self, Removed},
    metrics::{self, Exposition, RequestMetrics},
    refusal::Refusal,
    request_id::{REQUEST_ID, RequestIds},
};

/// How a [`Kernia`] runs.
#[derive(Clone, Copy, Debug)]
pub struct KerniaSettings {
    /// How long a request may take, body included. What the database has done by then stays done.
    pub request_timeout: Duration,
    /// How expired rows are removed; `None` when something else does it.
    pub janitor: Option<JanitorSettings>,
}

impl Default for KerniaSettings {
    fn default() -> Self {
        Self { request_timeout: Duration::from_secs(30), janitor: Some(JanitorSettings::default()) }
    }
}

/// An engine and its outside, ready to answer requests. Cheap to clone; all clones are one server.
///
/// ```text
/// let kernia = Kernia::start(engine, Backend::builder(storage).build(), KerniaSettings::default());
/// let response = kernia.handle(request).await;
/// …
/// kernia.shutdown(Duration::from_secs(10)).await;
/// ```
#[derive(Clone)]
pub struct Kernia(Arc<Inner>);

struct Inner {
    engine: Engine,
    backend: Backend,
    settings: KerniaSettings,
    ids: RequestIds,
    requests: RequestMetrics,
    removed: Removed,
    janitor: Mutex<Option<JoinHandle<()>>>,
}

impl Kernia {
    /// Ties an engine to its outside and starts the janitor. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(engine: Engine, backend: Backend, settings: KerniaSettings) -> Self {
        let templates = engine.routes().iter().map(|route| route.path);
        let kernia = Self(Arc::new(Inner {
            requests: RequestMetrics::new(engine.base_path(), templates),
            engine,
            backend,
            settings,
            ids: RequestIds::new(),
            removed: Removed::default(),
            janitor: Mutex::default(),
        }));
        if let Some(settings) = settings.janitor {
            let inner = Arc::clone(&kernia.0);
            let task = tokio::spawn(async move {
                let write = |batch| inner.backend.write(batch);
                janitor::run(inner.engine.clone(), settings, &inner.removed, write).await;
            });
            *kernia.0.janitor.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
        }
        kernia
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
        let patience = self.0.settings.request_timeout;
        let deadline = started.checked_add(patience).unwrap_or_else(|| started + FAR);
        let body = match timeout_at(deadline, pin!(body)).await {
            Ok(Ok(body)) => body,
            Ok(Err(error)) => return Refusal::Body(error).response(),
            Err(_) => return Refusal::BodyTimeout.response(),
        };
        let exchange = self.0.engine.begin(Request::from_parts(parts, body));
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

impl fmt::Debug for Kernia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernia").field("engine", &self.0.engine).finish_non_exhaustive()
    }
}
