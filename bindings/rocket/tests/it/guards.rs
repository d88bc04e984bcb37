//! Applications with Kernia beside their own routes, on real sockets.

use std::sync::{Arc, atomic::Ordering};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use kernia::{crypto::entropy::SeededEntropy, engine::ApiError};
use kernia_rocket::{
    Auth, AuthRejection, Current, Fresh, Rejection, Require, Requirement, Session, User, routes, testing::TestAuth,
    with_auth,
};
use rocket::{
    Build, Rocket, State, catch, catchers,
    error::ErrorKind,
    fairing::AdHoc,
    get,
    http::Status,
    request::{FromRequest, Outcome, Request},
};
use serde_json::{Value, json};

use crate::given::{Running, quiet, watched};

const DAY: i64 = 86_400;

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

#[get("/me")]
fn me(session: Session) -> String {
    session.user.email.clone()
}

#[get("/all")]
fn all(_a: Session, user: User, _b: Option<Session>, _c: Fresh<User>) -> String {
    user.name.clone()
}

#[get("/maybe")]
fn maybe(session: Option<Session>) -> &'static str {
    if session.is_some() { "known" } else { "stranger" }
}

#[get("/either")]
fn either(session: Result<Session, AuthRejection>) -> Result<&'static str, (Status, String)> {
    session.map(|_| "known").map_err(|rejection| (Status::Unauthorized, format!("mine: {}", rejection.reason)))
}

#[get("/fresh")]
fn fresh(_session: Fresh<Session>) -> &'static str {
    "fresh"
}

#[get("/lacking")]
fn lacking(_user: User<Lacking>) -> &'static str {
    "never"
}

#[get("/ada")]
fn ada(_session: Require<IsAda>) -> &'static str {
    "Ada"
}

#[get("/api/<a>/<b>")]
fn api(a: &str, b: &str) -> String {
    format!("{a} {b}")
}

#[get("/socket")]
fn socket(user: User, socket: rocket_ws::WebSocket) -> rocket_ws::Stream!['static] {
    rocket_ws::Stream! { socket =>
        let _ = socket;
        yield rocket_ws::Message::text(user.name.clone());
    }
}

#[get("/guest-socket")]
fn guest_socket(_user: Option<User>, socket: rocket_ws::WebSocket) -> rocket_ws::Stream!['static] {
    rocket_ws::Stream! { socket =>
        let _ = socket;
        yield rocket_ws::Message::text("stranger");
    }
}

fn app(auth: &Auth) -> Rocket<Build> {
    let own = rocket::routes![me, all, maybe, either, fresh, lacking, ada, api, socket, guest_socket];
    quiet().mount("/", own).attach(with_auth(auth.clone()))
}

#[tokio::test]
async fn whoever_is_signed_in_is_an_argument() {
    let auth = TestAuth::start().await;
    let server = Running::start(app(&auth)).await;
    assert_eq!(server.get("/api/auth/ok", None).await.told(), (200, r#"{"ok":true}"#));
    assert_eq!(server.get("/api/auth", None).await.status, 404);
    assert_eq!(server.get("/elsewhere", None).await.status, 404);
    let (ada, eve) = (auth.login_as("ada@example.com").await, auth.login_as("eve@example.com").await);
    assert_eq!(server.get("/me", Some(&ada)).await.told(), (200, "ada@example.com"));
    assert_eq!(server.get("/all", Some(&ada)).await.told(), (200, "ada"));
    assert_eq!(server.get("/maybe", Some(&ada)).await.body, "known");
    assert_eq!(server.get("/maybe", None).await.body, "stranger");
    assert_eq!(server.get("/ada", Some(&ada)).await.told(), (200, "Ada"));

    let answer = server.get("/me", None).await;
    assert_eq!(answer.told(), (401, r#"{"message":"Unauthorized","code":"UNAUTHORIZED"}"#));
    assert_eq!(answer.header("content-type"), ["application/json"]);
    let answer = server.get("/ada", Some(&eve)).await;
    assert_eq!(answer.told(), (403, r#"{"message":"You are not Ada","code":"NOT_ADA"}"#));
    assert_eq!(server.get("/ada", None).await.status, 401);
    assert_eq!(server.get("/lacking", Some(&ada)).await.status, 500);
    assert_eq!(server.get("/either", None).await.told(), (401, "mine: nobody is signed in"));
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_is_not_fresh_is_not_enough_for_everything() {
    let auth = TestAuth::start().await;
    let server = Running::start(app(&auth)).await;
    let ada = auth.login_as("ada@example.com").await;
    assert_eq!(server.get("/fresh", Some(&ada)).await.status, 200);
    auth.clock.advance_secs(DAY);
    let stale = r#"{"message":"Session is not fresh","code":"SESSION_NOT_FRESH"}"#;
    assert_eq!(server.get("/fresh", Some(&ada)).await.told(), (403, stale));
    assert_eq!(server.get("/me", Some(&ada)).await.status, 200);
}

#[tokio::test]
async fn a_session_is_looked_up_once_and_its_renewal_reaches_the_browser() {
    let (auth, watched) = watched(|auth| auth).await;
    let server = Running::start(app(&auth)).await;
    let ada = auth.login_as("ada@example.com").await;
    assert!(watched.reads.swap(0, Ordering::Relaxed) > 0);
    let answer = server.get("/all", Some(&ada)).await;
    assert_eq!((answer.status, watched.reads.load(Ordering::Relaxed)), (200, 1));
    assert!(answer.header("set-cookie").is_empty());

    auth.clock.advance_secs(2 * DAY);
    for path in ["/me", "/fresh"] {
        let answer = server.get(path, Some(&ada)).await;
        let cookies = answer.header("set-cookie");
        assert!(cookies[0].starts_with("better-auth.session_token="), "{path}: {cookies:?}");
        auth.clock.advance_secs(2 * DAY);
    }
}

#[tokio::test]
async fn a_store_that_is_down_makes_nobody_a_stranger() {
    let (auth, watched) = watched(|auth| auth).await;
    let server = Running::start(app(&auth)).await;
    let ada = auth.login_as("ada@example.com").await;
    watched.down.store(true, Ordering::Relaxed);
    for path in ["/me", "/maybe", "/fresh"] {
        let answer = server.get(path, Some(&ada)).await;
        assert_eq!(answer.status, 503, "{path}: {answer:?}");
        assert_eq!(answer.header("x-request-id").len(), 1, "{path}");
        assert_eq!(answer.header("x-content-type-options"), ["nosniff"], "{path}");
    }
    let answer = server.send(&upgrade("/guest-socket", &ada.cookie).replace(": Upgrade", ": Upgrade, close")).await;
    assert_eq!(answer.status, 503, "{answer:?}");
}

#[tokio::test]
async fn rejections_take_the_applications_own_form() {
    let auth = TestAuth::build(|auth| {
        auth.on_rejection(|rejection, head| {
            let mut response = http::Response::new(Bytes::new());
            *response.status_mut() = StatusCode::SEE_OTHER;
            let why = rejection.status().as_u16();
            let target = format!("/sign-in?{}={}&why={why}", head.method, head.target);
            response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(target).unwrap());
            response
        })
    });
    let server = Running::start(app(&auth.await.unwrap())).await;
    let answer = server.get("/me?tab=1", None).await;
    assert_eq!((answer.status, answer.header("location")), (303, vec!["/sign-in?GET=/me?tab=1&why=401"]));
    // Rocket looks for a route for GET then.
    let answer = server.ask("HEAD", "/me", "", "").await;
    assert_eq!((answer.status, answer.header("location")), (303, vec!["/sign-in?HEAD=/me&why=401"]));
}

#[tokio::test]
async fn the_applications_own_catchers_answer_first() {
    #[catch(401)]
    fn sign_in(request: &Request<'_>) -> String {
        format!("sign in: {}", AuthRejection::of(request).unwrap().reason)
    }
    #[catch(default)]
    fn other(status: Status, request: &Request<'_>) -> Result<AuthRejection, (Status, String)> {
        AuthRejection::of(request).ok_or_else(|| (status, format!("other: {status}")))
    }
    let auth = TestAuth::start().await;
    let eve = auth.login_as("eve@example.com").await;
    let server = Running::start(app(&auth).register("/", catchers![sign_in])).await;
    assert_eq!(server.get("/me", None).await.told(), (401, "sign in: nobody is signed in"));
    assert!(server.get("/ada", Some(&eve)).await.body.contains("NOT_ADA"));
    let answer = server.get("/elsewhere", None).await;
    assert_eq!((answer.status, answer.body.contains("The requested resource could not be found.")), (404, true));

    let server = Running::start(app(&auth).register("/", catchers![other])).await;
    assert_eq!(server.get("/elsewhere", None).await.told(), (404, "other: 404 Not Found"));
    assert_eq!(server.get("/me", None).await.status, 401);
}

#[tokio::test]
async fn without_the_fairing_nothing_launches() {
    let refused = quiet().mount("/", rocket::routes![maybe]).ignite().await.unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::SentinelAborts(_)), "{refused:?}");
    let auth = TestAuth::start().await;
    let refused = app(&auth).attach(with_auth(Auth::clone(&auth))).ignite().await.unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::FailedFairings(_)), "{refused:?}");

    /// A guard that hides another from Rocket's look.
    struct Hidden;
    #[rocket::async_trait]
    impl<'r> FromRequest<'r> for Hidden {
        type Error = AuthRejection;

        async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthRejection> {
            request.guard::<Session>().await.map(|_| Self)
        }
    }
    #[get("/hidden")]
    fn hidden(_hidden: Hidden) -> &'static str {
        "let in"
    }
    let server = Running::start(quiet().mount("/", rocket::routes![hidden])).await;
    assert_eq!(server.get("/hidden", None).await.status, 500);
}

async fn at(path: &'static str, seed: u64) -> TestAuth {
    let auth = TestAuth::build(|auth| {
        auth.entropy(Arc::new(SeededEntropy::new(seed))).configure(|options| {
            options.base_url = None;
            options.base_path = path.to_owned();
        })
    });
    auth.await.unwrap()
}

#[tokio::test]
async fn two_servers_share_a_process() {
    let (people, staff) = (at("/api/auth", 1).await, at("/stäff/auth", 2).await);
    let first = Running::start(app(&people).mount("/", routes(Auth::clone(&staff)))).await;
    let second = Running::start(app(&staff)).await;
    let (ada, eve) = (people.login_as("ada@example.com").await, staff.login_as("eve@example.com").await);
    assert_eq!(first.get("/me", Some(&ada)).await.body, "ada@example.com");
    assert_eq!(first.get("/me", Some(&eve)).await.status, 401);
    assert_eq!(second.get("/me", Some(&eve)).await.body, "eve@example.com");
    assert_eq!(second.get("/me", Some(&ada)).await.status, 401);
    assert_eq!(first.get("/api/auth/ok", None).await.status, 200);
    assert_eq!(second.get("/api/auth/ok", None).await.body, "auth ok");
}

#[tokio::test]
async fn at_the_root_the_engine_answers_what_the_application_does_not() {
    #[get("/hello")]
    fn hello(auth: &State<Auth>) -> String {
        format!("base {:?}", auth.engine().base_path())
    }
    let auth = at("", 1).await;
    let app = quiet().mount("/", rocket::routes![hello, me]).attach(with_auth(Auth::clone(&auth)));
    let server = Running::start(app).await;
    assert_eq!(server.get("/hello", None).await.told(), (200, "base \"\""));
    assert_eq!(server.ask("HEAD", "/hello", "", "").await.status, 200);
    assert_eq!(server.get("/ok", None).await.body, r#"{"ok":true}"#);
    let sign_up = json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse"}).to_string();
    assert_eq!(server.post("/sign-up/email", &sign_up).await.status, 200);
}

fn upgrade(path: &str, cookie: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {cookie}\r\n\r\n"
    )
}

#[tokio::test]
async fn upgrades_of_the_applications_own_routes_pass() {
    let auth = TestAuth::start().await;
    let ada = auth.login_as("ada@example.com").await;
    let server = Running::start(app(&auth)).await;
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, upgrade("/socket", &ada.cookie).as_bytes()).await.unwrap();
    let mut read = Vec::new();
    while !read.windows(5).any(|bytes| bytes == b"\x81\x03ada") {
        let got = tokio::io::AsyncReadExt::read_buf(&mut stream, &mut read).await.unwrap();
        assert!(got > 0, "{}", String::from_utf8_lossy(&read));
    }
    assert!(read.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&read));
}

#[tokio::test]
async fn stopping_waits_for_requests_at_work_and_their_messages() {
    let (auth, watched) =
        watched(|auth| auth.configure(|options| options.email_verification.send_on_sign_up = Some(true))).await;
    let (told, stopping) = tokio::sync::oneshot::channel();
    let told = std::sync::Mutex::new(Some(told));
    let first = AdHoc::on_shutdown("first", move |_| {
        let _ = told.lock().unwrap().take().unwrap().send(());
        Box::pin(async {})
    });
    let server = Running::start(quiet().attach(first).attach(with_auth(Auth::clone(&auth)))).await;
    let closed = watched.door.clone().acquire_owned().await.unwrap();
    let sign_up = json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse"}).to_string();
    let work = async {
        watched.knocks.acquire().await.unwrap().forget();
        server.shutdown.clone().notify();
        stopping.await.unwrap();
        tokio::task::yield_now().await;
        drop(closed);
    };
    let (answer, ()) = tokio::join!(server.post("/api/auth/sign-up/email", &sign_up), work);
    assert_eq!(answer.status, 200, "{answer:?}");
    server.task.await.unwrap().unwrap();
    assert_eq!(auth.take_messages().await.len(), 1);
}
