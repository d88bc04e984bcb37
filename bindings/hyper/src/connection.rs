//! One connection.

use std::{
    convert::Infallible,
    error::Error,
    future::Future,
    net::IpAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use hyper::{
    body::{Body, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{net::TcpStream, sync::watch, time::sleep};

/// What answers on a listener.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The body of its answers.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// How connections are read.
#[derive(Clone, Debug)]
pub(crate) struct Protocol {
    builder: auto::Builder<TokioExecutor>,
    header_timeout: Duration,
}

/// How many requests one HTTP/2 connection may have open.
const MAX_STREAMS: u32 = 100;

/// How often a silent HTTP/2 connection is asked whether it lives.
const PING_INTERVAL: Duration = Duration::from_secs(30);

impl Protocol {
    /// `header_bytes` bounds the memory that a request's head can take, with some room for the rest of it.
    pub(crate) fn new(header_timeout: Duration, header_bytes: usize) -> Self {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        let header_bytes = header_bytes.max(8 * 1024);
        builder.http1().timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(header_bytes);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(u32::try_from(header_bytes).unwrap_or(u32::MAX));
        Self { builder, header_timeout }
    }

    /// Serves one connection until it ends, or until `stop` says so and the requests in flight are answered.
    pub(crate) async fn serve(
        &self,
        stream: TcpStream,
        peer: IpAddr,
        handler: Arc<impl Handler>,
        mut stop: watch::Receiver<bool>,
    ) {
        // Answers are small and written at once; waiting for more of them only delays.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let asked = AtomicBool::new(false);
        let service = service_fn(|request| {
            asked.store(true, Ordering::Relaxed);
            let handler = Arc::clone(&handler);
            async move { Ok::<_, Infallible>(handler.answer(request, peer).await) }
        });
        let mut connection = pin!(self.builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
        let mut stopping = pin!(stop.wait_for(|stop| *stop));
        let mut first_request = pin!(sleep(self.header_timeout));
        let (mut open, mut young) = (true, true);
        loop {
            tokio::select! {
                biased;
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(error = %error, "a connection broke");
                    }
                    return;
                }
                _ = &mut stopping, if open => {
                    open = false;
                    connection.as_mut().graceful_shutdown();
                }
                // Until the protocol is known hyper's own timeout does not run.
                () = &mut first_request, if young => {
                    young = false;
                    if !asked.load(Ordering::Relaxed) {
                        return;
                    }
                }
            }
        }
    }
}
