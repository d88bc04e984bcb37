//! An application on a port of its own, and a client that says exactly what it is told to.
#![allow(dead_code, reason = "each test uses some of it")]

use std::{
    net::{SocketAddr, TcpListener},
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use actix_web::{App, HttpServer, dev::ServerHandle, rt, web::ServiceConfig};
use async_trait::async_trait;
use kernia::store::{Batch, Query, Rows, Storage, StorageError, memory::MemoryStore};
use kernia_actix::{Auth, AuthBuilder, testing::TestAuth, with_auth};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Bytes that a body may have.
pub(crate) const BODY_LIMIT: usize = 16 * 1024;

/// What a store has seen, and whether it is down.
#[derive(Default)]
pub(crate) struct World {
    reads: AtomicUsize,
    broken: AtomicBool,
}

impl World {
    /// How many reads the store has seen since this was last asked.
    pub(crate) fn reads(&self) -> usize {
        self.reads.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn break_store(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }
}

struct Watched {
    store: MemoryStore,
    world: Arc<World>,
}

impl Watched {
    fn check(&self) -> Result<(), StorageError> {
        match self.world.broken.load(Ordering::SeqCst) {
            true => Err(StorageError::Unavailable("on purpose".to_owned())),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Storage for Watched {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        self.world.reads.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        self.store.read(query).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        self.check()?;
        self.store.write(batch).await
    }
}

/// A server, and its store's world.
pub(crate) async fn auth(change: impl FnOnce(AuthBuilder) -> AuthBuilder) -> (TestAuth, Arc<World>) {
    let world = Arc::<World>::default();
    let watching = Arc::clone(&world);
    let auth = TestAuth::build(|auth| {
        let auth = auth.configure(|options| options.limits.body_bytes = BODY_LIMIT).storage(async move |schema| {
            Ok(Arc::new(Watched { store: MemoryStore::new(schema), world: watching }) as Arc<dyn Storage>)
        });
        change(auth)
    });
    (auth.await.unwrap(), world)
}

/// An application that runs.
pub(crate) struct Served {
    at: At,
    handle: ServerHandle,
}

impl Deref for Served {
    type Target = At;

    fn deref(&self) -> &At {
        &self.at
    }
}

impl Served {
    /// The application that `configure` makes, with Kernia.
    pub(crate) fn with(auth: &Auth, configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Self {
        let auth = auth.clone();
        let (listener, address) = listen();
        let app = move || App::new().wrap(with_auth(&auth)).configure(configure.clone());
        let server = HttpServer::new(app).workers(1).disable_signals();
        let server = server.listen_auto_h2c(listener).unwrap().run();
        let handle = server.handle();
        rt::spawn(server);
        Self { at: At { address }, handle }
    }

    /// The application that `configure` makes, and nothing else.
    pub(crate) fn alone(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Self {
        let (listener, address) = listen();
        let server = HttpServer::new(move || App::new().configure(configure.clone())).workers(1).disable_signals();
        let server = server.listen(listener).unwrap().run();
        let handle = server.handle();
        rt::spawn(server);
        Self { at: At { address }, handle }
    }

    pub(crate) async fn stop(self) {
        self.handle.stop(true).await;
    }
}

/// Where a server listens.
#[derive(Clone, Copy)]
pub(crate) struct At {
    pub(crate) address: SocketAddr,
}

impl At {
    /// Asks on a connection of its own.
    pub(crate) async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: localhost:3000\r\nconnection: close\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            head += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        self.say(&format!("{head}\r\n{body}")).await
    }

    pub(crate) async fn get(&self, target: &str, cookie: &str) -> Answer {
        self.ask("GET", target, &[("cookie", cookie)], "").await
    }

    /// Says this on a connection of its own, and hears everything until the server ends it.
    pub(crate) async fn say(&self, text: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::read(&String::from_utf8(bytes).unwrap())
    }

    /// Signs up at the server whose routes are at `base`, and answers the session's cookie.
    pub(crate) async fn sign_up_at(&self, base: &str) -> String {
        let body = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;
        let origin = [("origin", "http://localhost:3000")];
        let answer = self.ask("POST", &format!("{base}/sign-up/email"), &origin, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.cookie()
    }

    pub(crate) async fn sign_up(&self) -> String {
        self.sign_up_at("/api/auth").await
    }
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { status, headers: lines.filter_map(header).collect(), body: body.to_owned() }
    }

    /// The first cookie that it sets, as it is sent back.
    pub(crate) fn cookie(&self) -> String {
        self.all("set-cookie")[0].split(';').next().unwrap().to_owned()
    }

    /// The values of all headers with this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }
}
