//! Applications with Kernia beside their own routes.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, FromRef, WebSocketUpgrade},
    http::{Request, Response, StatusCode, header},
    routing::get,
};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use kernia::{
    crypto::entropy::SeededEntropy,
    engine::ApiError,
    store::{Batch, Query, Rows, Storage, StorageError, memory::MemoryStore},
};
use kernia_axum::{
    Auth, AuthRouter as _, Current, Fresh, Rejection, Require, Requirement, Session, User, routes,
    testing::{Login, TestAuth},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tower::ServiceExt as _;

const DAY: i64 = 86_400;

/// A memory store that counts its reads, and can be down.
#[derive(Clone, Default)]
struct Watched {
    reads: Arc<AtomicUsize>,
    down: Arc<AtomicBool>,
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
        self.0.write(batch).await
    }
}

async fn watched() -> (TestAuth, Watched) {
    let watched = Watched::default();
    let kept = watched.clone();
    let auth = TestAuth::build(|auth| {
        auth.storage(async move |schema| Ok(Arc::new(Store(MemoryStore::new(schema), kept)) as Arc<dyn Storage>))
    });
    (auth.await.unwrap(), watched)
}

fn app(auth: &Auth) -> Router {
    Router::new()
        .route("/me", get(async |session: Session| session.user.email.clone()))
        .route("/all", get(async |_: Session, user: User, _: Option<Session>, _: Fresh<User>| user.name.clone()))
        .route("/maybe", get(async |session: Option<Session>| if session.is_some() { "known" } else { "stranger" }))
        .route("/fresh", get(async |_: Fresh<Session>| "fresh"))
        .route("/lacking", get(async |_: User<Lacking>| "never"))
        .route("/ada", get(async |_: Require<IsAda>| "Ada"))
        .with_auth(auth)
        .with_state(auth.clone())
}

#[derive(serde::Deserialize)]
struct Lacking {
    #[expect(dead_code, reason = "nobody has it")]
    shoe_size: u8,
}

struct IsAda;

impl Requirement for IsAda {
    async fn check(current: &Current<'_>) -> Result<(), Rejection> {
        const OTHERS: ApiError = ApiError::new(StatusCode::FORBIDDEN, "NOT_ADA", "You are not Ada");
        let user = current.read::<Value, Value>()?.user;
        if user.name == "ada" { Ok(()) } else { Err(Rejection::Forbidden(OTHERS)) }
    }
}

async fn ask(app: &Router, path: &str, login: Option<&Login>) -> (u16, String, Response<()>) {
    let mut request = Request::get(path).header(header::HOST, "localhost:3000");
    if let Some(login) = login {
        request = request.header(header::COOKIE, &login.cookie);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status.as_u16(), String::from_utf8(body.to_vec()).unwrap(), Response::from_parts(parts, ()))
}

async fn answer(app: &Router, path: &str, login: Option<&Login>) -> (u16, String) {
    let (status, body, _) = ask(app, path, login).await;
    (status, body)
}

#[tokio::test]
async fn whoever_is_signed_in_is_an_argument() {
    let auth = TestAuth::start().await;
    let app = app(&auth);
    assert_eq!(answer(&app, "/api/auth/ok", None).await, (200, r#"{"ok":true}"#.to_owned()));
    assert_eq!(answer(&app, "/api/auth", None).await.0, 404);
    assert_eq!(answer(&app, "/elsewhere", None).await.0, 404);
    let (ada, eve) = (auth.login_as("ada@example.com").await, auth.login_as("eve@example.com").await);
    assert_eq!(answer(&app, "/me", Some(&ada)).await, (200, "ada@example.com".to_owned()));
    assert_eq!(answer(&app, "/all", Some(&ada)).await, (200, "ada".to_owned()));
    assert_eq!(answer(&app, "/maybe", Some(&ada)).await.1, "known");
    assert_eq!(answer(&app, "/maybe", None).await.1, "stranger");
    assert_eq!(answer(&app, "/ada", Some(&ada)).await, (200, "Ada".to_owned()));

    let (status, body, response) = ask(&app, "/me", None).await;
    assert_eq!((status, body.as_str()), (401, r#"{"message":"Unauthorized","code":"UNAUTHORIZED"}"#));
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let refused = (403, r#"{"message":"You are not Ada","code":"NOT_ADA"}"#.to_owned());
    assert_eq!(answer(&app, "/ada", Some(&eve)).await, refused);
    assert_eq!(answer(&app, "/ada", None).await.0, 401);
    assert_eq!(answer(&app, "/lacking", Some(&ada)).await.0, 500);
}

#[tokio::test]
async fn a_session_that_is_not_fresh_is_not_enough_for_everything() {
    let auth = TestAuth::start().await;
    let app = app(&auth);
    let ada = auth.login_as("ada@example.com").await;
    assert_eq!(answer(&app, "/fresh", Some(&ada)).await.0, 200);
    auth.clock.advance_secs(DAY);
    let stale = (403, r#"{"message":"Session is not fresh","code":"SESSION_NOT_FRESH"}"#.to_owned());
    assert_eq!(answer(&app, "/fresh", Some(&ada)).await, stale);
    assert_eq!(answer(&app, "/me", Some(&ada)).await.0, 200);
}

#[tokio::test]
async fn a_session_is_looked_up_once_and_its_renewal_reaches_the_browser() {
    let (auth, watched) = watched().await;
    let app = app(&auth);
    let ada = auth.login_as("ada@example.com").await;
    let before = watched.reads.swap(0, Ordering::Relaxed);
    assert!(before > 0);
    let (status, _, response) = ask(&app, "/all", Some(&ada)).await;
    assert_eq!((status, watched.reads.load(Ordering::Relaxed)), (200, 1));
    assert!(!response.headers().contains_key(header::SET_COOKIE));

    auth.clock.advance_secs(2 * DAY);
    let (_, _, response) = ask(&app, "/me", Some(&ada)).await;
    let renewed = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(renewed.starts_with("better-auth.session_token="), "{renewed}");
}

#[tokio::test]
async fn routes_without_the_layer_know_the_session_and_leave_it() {
    let auth = TestAuth::start().await;
    let app = Router::new().route("/me", get(async |session: Session| session.user.email.clone()));
    let app = app.with_state(Auth::clone(&auth));
    let ada = auth.login_as("ada@example.com").await;
    auth.clock.advance_secs(2 * DAY);
    let (status, _, response) = ask(&app, "/me", Some(&ada)).await;
    assert_eq!((status, response.headers().contains_key(header::SET_COOKIE)), (200, false));
    let now = auth.api().get_session().headers(&ada.headers()).await.unwrap();
    assert!(now.cookies().next().is_some(), "it is yet to be renewed");
}

#[tokio::test]
async fn a_store_that_is_down_makes_nobody_a_stranger() {
    let (auth, watched) = watched().await;
    let app = app(&auth);
    let ada = auth.login_as("ada@example.com").await;
    watched.down.store(true, Ordering::Relaxed);
    for path in ["/me", "/maybe", "/fresh"] {
        let (status, body, response) = ask(&app, path, Some(&ada)).await;
        assert_eq!(status, 503, "{path}: {body}");
        assert!(response.headers().contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test]
async fn rejections_take_the_applications_own_form() {
    let auth = TestAuth::build(|auth| {
        auth.on_rejection(|rejection, head| {
            let mut response = http::Response::new(Bytes::new());
            *response.status_mut() = StatusCode::SEE_OTHER;
            let target = format!("/sign-in?from={}&why={}", head.target, rejection.status().as_u16());
            response.headers_mut().insert(header::LOCATION, target.parse().unwrap());
            response
        })
    });
    let (status, _, response) = ask(&app(&auth.await.unwrap()), "/me?tab=1", None).await;
    assert_eq!(
        (status, response.headers()[header::LOCATION].to_str().unwrap()),
        (303, "/sign-in?from=/me?tab=1&why=401")
    );
}

#[tokio::test]
async fn two_servers_share_a_process_and_nest_where_their_base_paths_are() {
    #[derive(Clone)]
    struct App {
        staff: Auth,
    }
    impl FromRef<App> for Auth {
        fn from_ref(app: &App) -> Self {
            app.staff.clone()
        }
    }
    let at = async |path: &'static str, seed: u64| {
        TestAuth::build(|auth| {
            let auth = auth.entropy(Arc::new(SeededEntropy::new(seed)));
            auth.configure(|options| {
                options.base_url = None;
                options.base_path = path.to_owned();
            })
        })
        .await
        .unwrap()
    };
    let (people, staff) = (at("/api/auth", 1).await, at("/v1/staff/auth", 2).await);
    let inside = Router::new().route("/who", get(async |user: User| user.email.clone())).with_auth(&people);
    let back = Router::new()
        .route("/who", get(async |user: User| user.email.clone()))
        .with_state(App { staff: Auth::clone(&staff) })
        .nest("/auth", routes(Auth::clone(&staff)));
    let app = inside.with_state(Auth::clone(&people)).nest("/v1/staff", back);
    let (ada, eve) = (people.login_as("ada@example.com").await, staff.login_as("eve@example.com").await);
    assert_eq!(answer(&app, "/who", Some(&ada)).await.1, "ada@example.com");
    assert_eq!(answer(&app, "/v1/staff/who", Some(&eve)).await.1, "eve@example.com");
    assert_eq!(answer(&app, "/v1/staff/who", Some(&ada)).await.0, 401);
    assert_eq!(answer(&app, "/who", Some(&eve)).await.0, 401);
    assert_eq!(answer(&app, "/v1/staff/auth/ok", None).await, (200, r#"{"ok":true}"#.to_owned()));
    assert_eq!(answer(&app, "/api/auth/ok", None).await.0, 200);
    let current = answer(&app, "/v1/staff/auth/get-session", Some(&eve)).await;
    assert!(current.1.contains("eve@example.com"), "{current:?}");
}

#[tokio::test]
async fn a_body_is_refused_at_the_limit_while_it_streams() {
    let auth = TestAuth::start().await;
    let app = app(&auth);
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let endless = std::iter::from_fn(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Some(Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 16 * 1024])))
    });
    let body = Body::from_stream(futures_util::stream::iter(endless));
    let request = Request::post("/api/auth/sign-in/email").header(header::CONTENT_TYPE, "application/json");
    let response = app.oneshot(request.header(header::HOST, "localhost:3000").body(body).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let most = auth.body_limit() / (16 * 1024) + 2;
    assert!(sent.load(Ordering::Relaxed) <= most, "{sent:?} pieces were read");
}

#[tokio::test]
async fn the_clients_address_is_the_other_end_of_the_connection() {
    let auth = TestAuth::build(|auth| auth.configure(|options| options.advanced.ip_address.use_peer_address = true));
    let auth = auth.await.unwrap();
    let body = json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse"}).to_string();
    let mut request = Request::post("/api/auth/sign-up/email")
        .header(header::HOST, "localhost:3000")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([203, 0, 113, 7], 4000))));
    assert_eq!(app(&auth).oneshot(request).await.unwrap().status(), 200);
    let ada = auth.login_as("ada@example.com").await;
    let sessions = auth.api().list_sessions().headers(&ada.headers()).await.unwrap().value;
    assert!(sessions.iter().any(|session| session.ip_address.as_deref() == Some("203.0.113.7")), "{sessions:?}");
}

#[tokio::test]
async fn upgrades_of_the_applications_own_routes_pass() {
    let auth = TestAuth::start().await;
    let ada = auth.login_as("ada@example.com").await;
    let echo = async |user: User, upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async move |mut socket| {
            socket.send(axum::extract::ws::Message::text(user.name.clone())).await.unwrap();
        })
    };
    let app = Router::new().route("/socket", get(echo)).with_auth(&auth).with_state(Auth::clone(&auth));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {}\r\n\r\n",
        ada.cookie
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    while !read.ends_with(b"\x81\x03ada") {
        let mut piece = [0; 512];
        let got = stream.read(&mut piece).await.unwrap();
        assert!(got > 0, "{}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&piece[..got]);
    }
    assert!(read.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&read));
}
