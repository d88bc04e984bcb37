//! Whoever is signed in, in the application's own handlers.
#![allow(missing_docs, clippy::unwrap_used)]

mod given;

use std::{
    io,
    sync::{Arc, Mutex},
};

use actix_web::{
    App, Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorGone,
    middleware::{Next, from_fn},
    test, web,
};
use bytes::Bytes;
use given::{Served, auth};
use http::{Response, StatusCode};
use kernia::engine::ApiError;
use kernia_actix::{AuthRejection, Current, Fresh, Rejection, Require, Requirement, Session, User};
use serde::Deserialize;

const DAY: i64 = 86_400;

struct Verified;

impl Requirement for Verified {
    async fn check(current: &Current<'_>) -> Result<(), Rejection> {
        const FORBIDDEN: ApiError = ApiError::new(StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", "Email not verified");
        let user = current.read::<kernia_actix::JsonMap, kernia_actix::JsonMap>()?.user;
        if user.email_verified { Ok(()) } else { Err(Rejection::Forbidden(FORBIDDEN)) }
    }
}

#[derive(Deserialize)]
struct Absent {
    #[serde(rename = "absent")]
    _absent: String,
}

async fn name(session: Session) -> String {
    session.user.name.clone()
}

async fn fresh(_: Fresh<User>) -> &'static str {
    "fresh"
}

async fn verified(_: Require<Verified>) -> &'static str {
    "verified"
}

async fn absent(_: User<Absent>) -> &'static str {
    "there"
}

async fn optional(session: Option<Session>) -> String {
    session.map_or_else(|| "stranger".to_owned(), |session| session.user.name.clone())
}

async fn result(session: Result<Session, AuthRejection>) -> &'static str {
    if session.is_ok() { "somebody" } else { "nobody" }
}

async fn optional_absent(user: Option<User<Absent>>) -> &'static str {
    if user.is_some() { "there" } else { "not there" }
}

async fn many(session: Session, user: User, _: Fresh<Session>, again: Option<Session>) -> String {
    assert_eq!(session.user.id, again.unwrap().user.id);
    user.name.clone()
}

async fn error(_: Session) -> Result<HttpResponse, Error> {
    Err(ErrorGone("gone"))
}

/// Middleware of the application's that asks, and refuses by an error.
async fn doorman(
    session: Option<Session>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match session {
        Some(_) if request.path() == "/inner/refused" => Err(ErrorGone("refused")),
        Some(_) => next.call(request).await,
        None => Err(ErrorGone("not in here")),
    }
}

fn application(config: &mut web::ServiceConfig) {
    config
        .route("/name", web::get().to(name))
        .route("/fresh", web::get().to(fresh))
        .route("/verified", web::get().to(verified))
        .route("/absent", web::get().to(absent))
        .route("/optional", web::get().to(optional))
        .route("/result", web::get().to(result))
        .route("/optional-absent", web::get().to(optional_absent))
        .route("/many", web::get().to(many))
        .route("/error", web::get().to(error))
        .service(web::scope("/inner").wrap(from_fn(doorman)).route("/name", web::get().to(name)));
}

#[actix_web::test]
async fn whoever_is_not_let_in_is_told_why() {
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let cookie = served.sign_up().await;
    assert_eq!(served.get("/name", &cookie).await.body, "Ada");
    assert_eq!(served.get("/fresh", &cookie).await.body, "fresh");
    assert_eq!(served.get("/inner/name", &cookie).await.body, "Ada");

    let anonymous = served.get("/name", "").await;
    assert_eq!(anonymous.status, 401);
    assert_eq!(anonymous.body, r#"{"message":"Unauthorized","code":"UNAUTHORIZED"}"#);
    assert_eq!(anonymous.all("content-type"), ["application/json"]);
    let forbidden = served.get("/verified", &cookie).await;
    assert_eq!(forbidden.status, 403);
    assert_eq!(forbidden.body, r#"{"message":"Email not verified","code":"EMAIL_NOT_VERIFIED"}"#);
    let unreadable = served.get("/absent", &cookie).await;
    assert_eq!(unreadable.status, 500);
    assert!(!unreadable.body.contains("absent"), "{unreadable:?}");
    auth.clock.advance_secs(DAY + 1);
    let stale = served.get("/fresh", &cookie).await;
    assert_eq!(stale.status, 403);
    assert!(stale.body.contains("SESSION_NOT_FRESH"), "{stale:?}");
    served.stop().await;
}

#[actix_web::test]
async fn an_option_lets_strangers_in() {
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let cookie = served.sign_up().await;
    assert_eq!(served.get("/optional", &cookie).await.body, "Ada");
    assert_eq!(served.get("/optional", "").await.body, "stranger");
    assert_eq!(served.get("/result", "").await.body, "nobody");
    served.stop().await;
}

#[actix_web::test]
async fn a_store_that_is_down_makes_nobody_a_stranger() {
    let (auth, world) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let cookie = served.sign_up().await;
    let unreadable = served.get("/optional-absent", &cookie).await;
    assert_eq!(unreadable.status, 500, "{unreadable:?}");
    world.break_store();
    for target in ["/name", "/optional", "/result", "/inner/name"] {
        let answer = served.get(target, &cookie).await;
        assert_eq!(answer.status, 503, "{target}: {answer:?}");
        assert!(answer.body.starts_with(r#"{"message":"#), "{target}: {answer:?}");
    }
    // Without a cookie nobody needs to be looked up.
    assert_eq!(served.get("/optional", "").await.body, "stranger");
    served.stop().await;
}

#[actix_web::test]
async fn the_session_is_looked_up_once_and_only_if_somebody_asks() {
    let (auth, world) = auth(|auth| auth).await;
    let served =
        Served::with(&auth, |config| _ = config.configure(application).route("/no", web::get().to(|| async { "no" })));
    let cookie = served.sign_up().await;
    world.reads();
    served.get("/name", &cookie).await;
    let once = world.reads();
    assert!(once > 0);
    assert_eq!(served.get("/many", &cookie).await.body, "Ada");
    assert_eq!(world.reads(), once);
    served.get("/no", &cookie).await;
    assert_eq!(world.reads(), 0);
    served.stop().await;
}

#[actix_web::test]
async fn the_cookie_of_a_renewed_session_reaches_every_answer() {
    let (auth, _) = auth(|auth| auth.configure(|options| options.session.fresh_age = 0)).await;
    let served = Served::with(&auth, application);
    let cookie = served.sign_up().await;
    let targets = [
        ("/many", 200),
        ("/optional", 200),
        ("/verified", 403),
        ("/error", 410),
        ("/inner/refused", 410),
        ("/inner/name", 200),
    ];
    for (target, status) in targets {
        auth.clock.advance_secs(DAY + 1);
        let renewed = served.get(target, &cookie).await;
        assert_eq!(renewed.status, status, "{target}");
        assert!(renewed.all("set-cookie").iter().any(|line| line.starts_with(&cookie)), "{target}: {renewed:?}");
        assert_eq!(served.get(target, &cookie).await.all("set-cookie").len(), 0, "{target}: it was not due");
    }
    served.stop().await;
}

#[actix_web::test]
async fn an_application_answers_in_its_own_form() {
    let (auth, world) = auth(|auth| {
        auth.on_rejection(|rejection, head| {
            let mut response = Response::new(Bytes::from(format!("{} {}: {rejection}", head.method, head.target)));
            *response.status_mut() = rejection.status();
            response.headers_mut().append("x-mine", "a".parse().unwrap());
            response.headers_mut().append("x-mine", "b".parse().unwrap());
            response
        })
    })
    .await;
    let served = Served::with(&auth, application);
    let cookie = served.sign_up().await;
    let anonymous = served.get("/name?a=b", "").await;
    assert_eq!((anonymous.status, anonymous.body.as_str()), (401, "GET /name?a=b: nobody is signed in"));
    assert_eq!(anonymous.all("x-mine"), ["a", "b"]);
    world.break_store();
    let failed = served.get("/optional", &cookie).await;
    assert!(failed.status == 503 && failed.body.starts_with("GET /optional: 503"), "{failed:?}");
    served.stop().await;
}

/// What a subscriber writes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn an_application_without_kernia_is_told_what_to_add() {
    let log = Log::default();
    let writer = log.clone();
    let _logging =
        tracing::subscriber::set_default(tracing_subscriber::fmt().with_writer(move || writer.clone()).finish());
    let app = test::init_service(App::new().route("/name", web::get().to(name))).await;
    let answer = test::call_service(&app, test::TestRequest::get().uri("/name").to_request()).await;
    assert_eq!(answer.status().as_u16(), 500);
    assert_eq!(test::read_body(answer).await, r#"{"message":"Internal Server Error","code":"INTERNAL_SERVER_ERROR"}"#);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the application lacks .wrap(kernia_actix::with_auth(&auth))"), "{log}");
}
