//! A whole server without a socket.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    future::pending,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use kernia::{
    Engine,
    domain::options::Options,
    schema::{SESSION, VERIFICATION},
    store::{Batch, Query, Row, Rows, Storage, StorageError, memory::MemoryStore},
    wire::date::{Clock, Timestamp},
};
use kernia_runtime::{Auth, AuthSettings, Backend, BodyError, JanitorSettings, OsEntropy, SystemClock};
use tokio::sync::Notify;

fn engine() -> Engine {
    let mut options = Options::default();
    options.secret = Some("a-secret-that-is-only-for-tests-0123456789".into());
    options.base_url = Some(kernia::domain::options::BaseUrl::Fixed("http://localhost:3000".into()));
    options.email_and_password.enabled = true;
    options.rate_limit.enabled = Some(false);
    Engine::builder(options, Arc::new(SystemClock), Arc::new(OsEntropy::new())).build().unwrap()
}

fn start(engine: Engine, storage: Arc<dyn Storage>, settings: AuthSettings) -> Auth {
    Auth::start(engine, Backend::builder(storage).build(), settings)
}

fn server() -> Auth {
    let engine = engine();
    let storage = Arc::new(MemoryStore::new(engine.schema()));
    start(engine, storage, AuthSettings { janitor: None, ..AuthSettings::default() })
}

fn get(path: &str) -> Request<Bytes> {
    Request::get(path).extension(IpAddr::from(Ipv4Addr::LOCALHOST)).body(Bytes::new()).unwrap()
}

fn sign_up() -> Request<Bytes> {
    let body = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;
    Request::post("/api/auth/sign-up/email")
        .header("content-type", "application/json")
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// A store that never answers.
struct Stuck;

#[async_trait]
impl Storage for Stuck {
    async fn read(&self, _: Query) -> Result<Rows, StorageError> {
        pending().await
    }

    async fn write(&self, _: Batch) -> Result<Vec<Rows>, StorageError> {
        pending().await
    }
}

#[tokio::test]
async fn a_user_signs_up_and_is_recognized() {
    let kernia = server();
    let response = kernia.handle(sign_up()).await;
    assert_eq!(response.status(), StatusCode::OK, "{:?}", response.body());
    let cookie = header(&response, "set-cookie").split(';').next().unwrap().to_owned();
    let mut request = get("/api/auth/get-session");
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    let response = kernia.handle(request).await;
    assert!(response.body().starts_with(br#"{"session":"#), "{:?}", response.body());
}

#[tokio::test]
async fn every_answer_carries_the_requests_name() {
    let kernia = server();
    let mut request = get("/api/auth/ok");
    request.headers_mut().insert("x-request-id", "trace-1".parse().unwrap());
    assert_eq!(header(&kernia.handle(request).await, "x-request-id"), "trace-1");
    assert_eq!(header(&kernia.handle(get("/nowhere")).await, "x-request-id").len(), 16);
}

#[tokio::test]
async fn a_failure_carries_the_same_name_once() {
    let kernia = start(engine(), Arc::new(Stuck), AuthSettings::default());
    tokio::time::pause();
    let response = kernia.handle(sign_up()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers().get_all("x-request-id").iter().count(), 1);
    let (_, metrics) = kernia.metrics();
    assert!(metrics.contains("kernia_storage_errors_total{kind=\"timeout\"} 1\n"), "{metrics}");
}

/// A store with a bug.
struct Broken;

#[async_trait]
impl Storage for Broken {
    async fn read(&self, _: Query) -> Result<Rows, StorageError> {
        panic!("on purpose")
    }

    async fn write(&self, _: Batch) -> Result<Vec<Rows>, StorageError> {
        panic!("on purpose")
    }
}

#[tokio::test]
async fn case_194_a_store_that_panics_costs_one_answer() {
    let kernia = start(engine(), Arc::new(Broken), AuthSettings::default());
    assert_eq!(kernia.handle(sign_up()).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(kernia.handle(get("/api/auth/ok")).await.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_answered_all_the_same() {
    let engine = engine();
    let backend = Backend::builder(Arc::new(Stuck)).storage_timeout(Duration::from_secs(600)).build();
    let kernia = Auth::start(engine, backend, AuthSettings::default());
    let response = kernia.handle(sign_up()).await;
    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(response.body(), r#"{"message":"The request took too long","code":"GATEWAY_TIMEOUT"}"#);
    assert_eq!(header(&response, "content-type"), "application/json");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_refused() {
    let kernia = server();
    let parts = || sign_up().into_parts().0;
    let answers = [
        (kernia.answer(parts(), pending()).await, StatusCode::REQUEST_TIMEOUT),
        (kernia.answer(parts(), async { Err(BodyError::TooLarge) }).await, StatusCode::PAYLOAD_TOO_LARGE),
        (kernia.answer(parts(), async { Err(BodyError::Unreadable) }).await, StatusCode::BAD_REQUEST),
    ];
    for (answer, status) in answers {
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "x-request-id").len(), 16);
    }
    let (content_type, metrics) = kernia.metrics();
    assert!(content_type.starts_with("text/plain"));
    let wanted = "kernia_http_requests_total{route=\"/sign-up/email\",status=\"4xx\"} 3\n";
    assert!(metrics.contains(wanted), "{metrics}");
}

/// Counts the batches, and says so when one is done.
struct Counting {
    store: MemoryStore,
    batches: AtomicUsize,
    done: Notify,
}

#[async_trait]
impl Storage for Counting {
    async fn read(&self, query: Query) -> Result<Rows, StorageError> {
        self.store.read(query).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        let result = self.store.write(batch).await;
        self.batches.fetch_add(1, Ordering::SeqCst);
        self.done.notify_one();
        result
    }
}

fn verification(at: usize, expires_at: Timestamp) -> Row {
    Row::new()
        .with("id", format!("v{at}"))
        .with("identifier", format!("i{at}"))
        .with("value", "x")
        .with("expiresAt", expires_at)
        .with("createdAt", expires_at)
        .with("updatedAt", expires_at)
}

#[tokio::test(start_paused = true)]
async fn the_janitor_removes_what_has_expired_until_nothing_is_left() {
    let engine = engine();
    let storage = Arc::new(Counting {
        store: MemoryStore::new(engine.schema()),
        batches: AtomicUsize::new(0),
        done: Notify::new(),
    });
    let now = SystemClock.now();
    let mut batch = Batch::new();
    for at in 0..25 {
        batch = batch.insert(VERIFICATION, verification(at, now.minus_secs(60)));
    }
    batch = batch.insert(VERIFICATION, verification(25, now.plus_secs(600)));
    storage.store.write(batch).await.unwrap();

    let janitor = JanitorSettings { interval: Duration::from_secs(60), limit: 10 };
    let settings = AuthSettings { janitor: Some(janitor), ..AuthSettings::default() };
    let kernia = start(engine, Arc::<Counting>::clone(&storage), settings);
    while storage.batches.load(Ordering::SeqCst) < 3 {
        storage.done.notified().await;
    }
    assert_eq!(storage.store.snapshot()[&VERIFICATION].len(), 1);
    // The next sweep finds nothing and is content with one batch.
    while storage.batches.load(Ordering::SeqCst) < 4 {
        storage.done.notified().await;
    }
    kernia.shutdown(Duration::ZERO).await;
    let (_, metrics) = kernia.metrics();
    assert!(metrics.contains("kernia_janitor_removed_rows_total{table=\"verification\"} 25\n"), "{metrics}");
    assert!(metrics.contains(&format!("{{table=\"{}\"}} 0\n", &*SESSION)), "{metrics}");
}

#[tokio::test]
async fn the_application_hears_of_events() {
    let heard = Arc::new(AtomicUsize::new(0));
    let engine = engine();
    let storage = Arc::new(MemoryStore::new(engine.schema()));
    let counter = Arc::clone(&heard);
    let backend = Backend::builder(storage)
        .on_event(move |event| {
            assert!(!event.name.is_empty());
            counter.fetch_add(1, Ordering::SeqCst);
        })
        .build();
    let kernia = Auth::start(engine, backend, AuthSettings::default());
    assert_eq!(kernia.handle(sign_up()).await.status(), StatusCode::OK);
    assert!(heard.load(Ordering::SeqCst) > 0);
}
