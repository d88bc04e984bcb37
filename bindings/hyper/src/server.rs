//! Accepting connections.

use std::{
    convert::Infallible,
    error::Error,
    future::Future,
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{Either, Full};
use hyper::body::{Body, Incoming};
use kernia_runtime::Auth;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use tower_layer::Layer as _;
use tower_service::Service;

use crate::{
    AuthLayer, WithAuth,
    connection::{Handler, Protocol},
    request,
};

/// How a [`Server`] treats its connections.
#[derive(Clone, Copy, Debug)]
pub struct ServerSettings {
    /// How long a client may take to send a request's head, and to begin with the next one. It should be longer than a
    /// proxy in front keeps its idle connections, for which 60 seconds are usual.
    pub header_read_timeout: Duration,
    /// How long requests in flight may take once the server was told to stop.
    pub shutdown_timeout: Duration,
    /// How many connections may be open. Others wait to be accepted.
    pub max_connections: usize,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            header_read_timeout: Duration::from_secs(75),
            shutdown_timeout: Duration::from_secs(10),
            max_connections: 10_000,
        }
    }
}

/// A server for HTTP/1.1 and HTTP/2 (prior knowledge) on one listener.
#[derive(Clone, Debug, Default)]
pub struct Server {
    settings: ServerSettings,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// How many connections still had requests in flight when patience ended.
    pub aborted: usize,
}

/// How long to wait when the machine cannot accept, for want of file descriptors for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl Server {
    /// A server with these settings.
    #[must_use]
    pub fn new(settings: ServerSettings) -> Self {
        Self { settings }
    }

    /// Serves `kernia` until `stop` is ready, then answers the requests in flight, and no others.
    pub async fn serve(&self, listener: TcpListener, kernia: Auth, stop: impl Future<Output = ()>) -> Stopped {
        let limits = &kernia.engine().installation().options.limits;
        let head = limits.header_bytes.saturating_add(limits.target_bytes);
        self.run(listener, Arc::new(Routes(kernia)), head, stop).await
    }

    /// Serves the application whose handler is `app`, and `auth` in front of it as an [`AuthLayer`] puts it there, until `stop` is ready, then answers the requests
    /// in flight, and no others. Connections of the application may be upgraded.
    pub async fn serve_app<H, T, R>(
        &self,
        listener: TcpListener,
        auth: Auth,
        app: H,
        stop: impl Future<Output = ()>,
    ) -> Stopped
    where
        H: Fn(Auth, Request<Incoming>) -> T + Clone + Send + Sync + 'static,
        T: Future<Output = Response<R>> + Send + 'static,
        R: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let limits = &auth.engine().installation().options.limits;
        let head = limits.header_bytes.saturating_add(limits.target_bytes);
        let app = AuthLayer::new(auth.clone()).layer(Handling(auth, app));
        self.run(listener, Arc::new(App(app)), head, stop).await
    }

    /// Serves the figures of `kernia` at `/metrics` until `stop` is ready. Keep this listener private.
    pub async fn serve_metrics(&self, listener: TcpListener, kernia: Auth, stop: impl Future<Output = ()>) -> Stopped {
        self.run(listener, Arc::new(Metrics(kernia)), 0, stop).await
    }

    async fn run(
        &self,
        listener: TcpListener,
        handler: Arc<impl Handler>,
        header_bytes: usize,
        stop: impl Future<Output = ()>,
    ) -> Stopped {
        let protocol = Protocol::new(self.settings.header_read_timeout, header_bytes);
        let places = Arc::new(Semaphore::new(self.settings.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
        let (stopping, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = accept(&listener, &places) => accepted,
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            };
            let (stream, peer, place) = match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_about_one_connection(&error) => continue,
                Err(error) => {
                    tracing::error!(%error, "connections cannot be accepted");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (protocol, handler, stopped) = (protocol.clone(), Arc::clone(&handler), stopped.clone());
            connections.spawn(async move {
                protocol.serve(stream, peer, handler, stopped).await;
                drop(place);
            });
        }
        drop(listener);
        stopping.send_replace(true);
        let all = async { while connections.join_next().await.is_some() {} };
        let _ = timeout(self.settings.shutdown_timeout, all).await;
        let aborted = connections.len();
        connections.abort_all();
        Stopped { aborted }
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer.ip().to_canonical(), place))
}

/// Such an error says nothing about the next connection.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}

struct App<H>(WithAuth<Handling<H>>);

impl<H, T, R> Handler for App<H>
where
    H: Fn(Auth, Request<Incoming>) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Response<R>> + Send + 'static,
    R: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Body = Either<Full<Bytes>, R>;

    async fn answer(&self, mut request: Request<Incoming>, peer: IpAddr) -> Response<Self::Body> {
        request.extensions_mut().insert(peer);
        let Ok(response) = self.0.clone().call(request).await;
        response
    }
}

/// A handler as a service.
#[derive(Clone)]
struct Handling<H>(Auth, H);

impl<H, T, R> Service<Request<Incoming>> for Handling<H>
where
    H: Fn(Auth, Request<Incoming>) -> T,
    T: Future<Output = Response<R>> + Send + 'static,
    R: 'static,
{
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, Infallible>> + Send>>;
    type Response = Response<R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let answer = (self.1)(self.0.clone(), request);
        Box::pin(async move { Ok(answer.await) })
    }
}

struct Routes(Auth);

impl Handler for Routes {
    type Body = Full<Bytes>;

    async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Full<Bytes>> {
        request::answer(&self.0, request, Some(peer)).await
    }
}

struct Metrics(Auth);

impl Handler for Metrics {
    type Body = Full<Bytes>;

    async fn answer(&self, request: Request<Incoming>, _: IpAddr) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        if request.uri().path() != "/metrics" {
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return response;
        }
        let (content_type, text) = self.0.metrics();
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
        *response.body_mut() = Full::new(Bytes::from(text));
        response
    }
}
