//! A server on a port of its own, and a client that says exactly what it is told to.

use std::{net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use kernia::{
    Engine,
    domain::options::{Mode, Options},
    store::{Batch, Query, Rows, Storage, StorageError, memory::MemoryStore},
};
use kernia_hyper::{Server, ServerSettings, Stopped};
use kernia_runtime::{Auth, AuthSettings, Backend, OsEntropy, SystemClock};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};

/// Bytes that a body may have.
pub(crate) const BODY_LIMIT: usize = 16 * 1024;

/// A body that signs up.
pub(crate) const SIGN_UP: &str = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;

/// Lets accesses to the store in when it is open, and says when one knocks.
pub(crate) struct Door {
    open: Semaphore,
    knocks: Semaphore,
}

impl Default for Door {
    fn default() -> Self {
        Self { open: Semaphore::new(0), knocks: Semaphore::new(0) }
    }
}

impl Door {
    pub(crate) fn opened() -> Self {
        let door = Self::default();
        door.open();
        door
    }

    pub(crate) fn open(&self) {
        self.open.add_permits(1000);
    }

    pub(crate) async fn entered(&self) {
        self.knocks.acquire().await.unwrap().forget();
    }
}

struct Guarded {
    door: Arc<Door>,
    store: MemoryStore,
}

#[async_trait]
impl Storage for Guarded {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        self.door.knocks.add_permits(1);
        self.door.open.acquire().await.unwrap().forget();
        self.store.read(query).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        self.door.open.acquire().await.unwrap().forget();
        self.store.write(batch).await
    }
}

pub(crate) fn kernia(door: Arc<Door>) -> Auth {
    let mut options = Options::default();
    options.secret = Some("a-secret-that-is-only-for-tests-0123456789".into());
    options.mode = Mode::Development;
    options.limits.body_bytes = BODY_LIMIT;
    options.email_and_password.enabled = true;
    let engine = Engine::builder(options, Arc::new(SystemClock), Arc::new(OsEntropy::new())).build().unwrap();
    let store = MemoryStore::new(engine.schema());
    let backend = Backend::builder(Arc::new(Guarded { door, store })).build();
    Auth::start(engine, backend, AuthSettings { janitor: None, ..AuthSettings::default() })
}

/// A server that runs.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Stopped>,
}

pub(crate) async fn start(settings: ServerSettings) -> Running {
    start_with(Arc::new(Door::opened()), settings).await
}

pub(crate) async fn start_with(door: Arc<Door>, settings: ServerSettings) -> Running {
    Running::of(settings, kernia(door)).await
}

impl Running {
    pub(crate) async fn of(settings: ServerSettings, kernia: Auth) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = oneshot::channel();
        let task =
            tokio::spawn(
                async move { Server::new(settings).serve(listener, kernia, async { _ = stopping.await }).await },
            );
        Self { address, stop, task }
    }

    pub(crate) async fn metrics_of(settings: ServerSettings, kernia: Auth) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = oneshot::channel();
        let task = tokio::spawn(async move {
            Server::new(settings).serve_metrics(listener, kernia, async { _ = stopping.await }).await
        });
        Self { address, stop, task }
    }

    pub(crate) fn stop_soon(self) -> JoinHandle<Stopped> {
        self.stop.send(()).unwrap();
        self.task
    }

    pub(crate) async fn stop(self) -> Stopped {
        self.stop_soon().await.unwrap()
    }
}

/// A client of HTTP/1.1 that knows only bytes.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

impl Client {
    pub(crate) async fn connect(server: &Running) -> Self {
        Self { stream: TcpStream::connect(server.address).await.unwrap() }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    pub(crate) async fn sign_up(&mut self) {
        let head = "POST /api/auth/sign-up/email HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json";
        self.send(&format!("{head}\r\ncontent-length: {}\r\n\r\n{SIGN_UP}", SIGN_UP.len())).await;
    }

    /// One answer whose length is announced.
    pub(crate) async fn answer(&mut self) -> String {
        let mut text = String::new();
        let mut buffer = [0; 1024];
        loop {
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.unwrap_or("0").parse().unwrap() {
                    return text;
                }
            }
            let read = self.stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "the connection ended within an answer: {text}");
            text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
    }

    /// All that comes until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        // A reset after the answer is also an end.
        let _ = self.stream.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).unwrap()
    }
}
