//! Rockets on ports of their own, a client that says exactly what it is told to, and a store that is watched.

use std::{
    net::SocketAddr,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use kernia::store::{Batch, Query, Rows, Storage, StorageError, memory::MemoryStore};
use kernia_rocket::{
    AuthBuilder,
    testing::{Login, TestAuth},
};
use rocket::{
    Build, Config, Rocket, Shutdown,
    config::{LogLevel, Shutdown as ShutdownConfig},
    fairing::AdHoc,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};

/// A memory store that counts its reads, can be down, and whose writes wait at a door.
#[derive(Clone)]
pub(crate) struct Watched {
    pub(crate) reads: Arc<AtomicUsize>,
    pub(crate) down: Arc<AtomicBool>,
    pub(crate) door: Arc<Semaphore>,
    pub(crate) knocks: Arc<Semaphore>,
}

struct Store(MemoryStore, Watched);

#[async_trait]
impl Storage for Store {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        self.1.reads.fetch_add(1, Ordering::Relaxed);
        if self.1.down.load(Ordering::Relaxed) {
            return Err(StorageError::Unavailable("down".to_owned()));
        }
        self.0.read(query).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        self.1.knocks.add_permits(1);
        drop(self.1.door.acquire().await);
        self.0.write(batch).await
    }
}

pub(crate) async fn watched(change: impl FnOnce(AuthBuilder) -> AuthBuilder) -> (TestAuth, Watched) {
    let watched = Watched {
        reads: Arc::default(),
        down: Arc::default(),
        door: Arc::new(Semaphore::new(1)),
        knocks: Arc::new(Semaphore::new(0)),
    };
    let kept = watched.clone();
    let auth = TestAuth::build(|auth| {
        change(auth)
            .storage(async move |schema| Ok(Arc::new(Store(MemoryStore::new(schema), kept)) as Arc<dyn Storage>))
    });
    (auth.await.unwrap(), watched)
}

/// A Rocket that will take any port and say nothing.
pub(crate) fn quiet() -> Rocket<Build> {
    let mut shutdown = ShutdownConfig { ctrlc: false, force: false, ..ShutdownConfig::default() };
    shutdown.signals.clear();
    let config = Config { port: 0, log_level: LogLevel::Off, cli_colors: false, shutdown, ..Config::debug_default() };
    rocket::custom(config)
}

/// One that runs.
pub(crate) struct Running {
    at: At,
    pub(crate) shutdown: Shutdown,
    pub(crate) task: JoinHandle<Result<(), Box<rocket::Error>>>,
}

impl Running {
    pub(crate) async fn start(app: Rocket<Build>) -> Self {
        let (told, port) = oneshot::channel();
        let liftoff = AdHoc::on_liftoff("port", |rocket| {
            told.send(rocket.config().port).unwrap();
            Box::pin(async {})
        });
        let rocket = app.attach(liftoff).ignite().await.unwrap();
        let shutdown = rocket.shutdown();
        let task = tokio::spawn(async { rocket.launch().await.map(drop).map_err(Box::new) });
        let at = At { address: SocketAddr::from(([127, 0, 0, 1], port.await.unwrap())) };
        Self { at, shutdown, task }
    }

    pub(crate) async fn stop(self) {
        self.shutdown.notify();
        self.task.await.unwrap().unwrap();
    }
}

impl Deref for Running {
    type Target = At;

    fn deref(&self) -> &At {
        &self.at
    }
}

/// Where a server is.
pub(crate) struct At {
    pub(crate) address: SocketAddr,
}

impl At {
    /// Sends a request, and reads what comes until the connection is closed.
    pub(crate) async fn send(&self, text: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        Answer::rest_of(&mut stream).await
    }

    pub(crate) async fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> Answer {
        let head = format!("{method} {target} HTTP/1.1\r\nhost: localhost:3000\r\nconnection: close\r\n{headers}");
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        self.send(&format!("{head}{length}\r\n{body}")).await
    }

    pub(crate) async fn get(&self, target: &str, login: Option<&Login>) -> Answer {
        let cookie = login.map_or_else(String::new, |login| format!("cookie: {}\r\n", login.cookie));
        self.ask("GET", target, &cookie, "").await
    }

    pub(crate) async fn post(&self, target: &str, body: &str) -> Answer {
        self.ask("POST", target, "content-type: application/json\r\n", body).await
    }
}

/// What came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn rest_of(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A reset after the answer is also an end.
        let _ = stream.read_to_end(&mut bytes).await;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) fn told(&self) -> (u16, &str) {
        (self.status, &self.body)
    }

    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(named, _)| named.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }
}
