//! The engine's routes beside the application's, on real sockets.
#![allow(missing_docs, clippy::unwrap_used)]

mod given;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use given::{BODY_LIMIT, Served, auth};
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kernia_actix::{Auth, AuthBuilder, OsEntropy, Session, request_head, routes, with_auth};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn mine() -> &'static str {
    "mine"
}

async fn name(session: Session) -> String {
    session.user.name.clone()
}

fn application(config: &mut web::ServiceConfig) {
    config.route("/mine", web::to(mine)).route("/api/authors", web::to(mine)).route("/name", web::to(name));
}

#[actix_web::test]
async fn the_engine_answers_below_its_base_path_and_the_application_elsewhere() {
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let answer = served.get("/api/auth/ok", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"ok":true}"#));
    assert_eq!(answer.all("x-request-id").len(), 1);
    assert_eq!(served.get("/api/auth/nowhere", "").await.status, 404);
    for target in ["/mine", "/api/authors"] {
        assert_eq!(served.get(target, "").await.body, "mine");
    }
    let unknown = served.get("/nowhere", "").await;
    assert!(unknown.status == 404 && unknown.all("x-request-id").is_empty(), "{unknown:?}");
    served.stop().await;
}

#[actix_web::test]
async fn targets_reach_kernia_as_they_were_sent() {
    let echo = |request: HttpRequest| async move { request_head(&request).target };
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, move |config| _ = config.default_service(web::to(echo)));
    for target in ["/", "//a//b/", "/a%2Fb/%C3%A9/%zz/../c", "/a?", "/a?b=%2F&&c=+%zz&b", "/a?b?c=/", "/%61pi/auth/ok"]
    {
        assert_eq!(served.get(target, "").await.body, target);
    }
    assert_eq!(served.get("http://localhost:3000/a?b", "").await.body, "/a?b");
    served.stop().await;
}

#[actix_web::test]
async fn an_answer_to_head_has_a_length_and_no_body() {
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let answer = served.ask("HEAD", "/api/auth/ok", &[], "").await;
    assert_eq!(answer.body, "");
    let length = auth.handle(Request::head("/api/auth/ok").body(Bytes::new()).unwrap()).await.body().len();
    let said: usize = answer.all("content-length")[0].parse().unwrap();
    assert_eq!(said, length);
    served.stop().await;
}

#[actix_web::test]
async fn http2_says_the_host_in_its_target() {
    let (auth, _) = auth(|auth| auth).await;
    let host = |request: HttpRequest| async move {
        request_head(&request).headers.get("host").map(|host| host.to_str().unwrap().to_owned())
    };
    let served = Served::with(&auth, move |config| {
        let host = move |request| async move { host(request).await.unwrap_or_default() };
        config.route("/host", web::to(host));
    });
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut ask = async |method: &str, path: &str| {
        let request = Request::builder().method(method).uri(format!("http://localhost:3000{path}"));
        let (parts, body) =
            client.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap().into_parts();
        assert_eq!(parts.version, http::Version::HTTP_2);
        (parts, body.collect().await.unwrap().to_bytes())
    };
    assert_eq!(ask("GET", "/api/auth/ok").await.1, r#"{"ok":true}"#);
    assert_eq!(ask("GET", "/host").await.1, "localhost:3000");
    let (head, body) = ask("HEAD", "/api/auth/ok").await;
    assert!(body.is_empty() && head.headers.contains_key("content-length"), "{head:?}");
    drop(client);
    served.stop().await;
}

#[actix_web::test]
async fn an_absolute_target_says_which_host_is_meant() {
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let request = "GET http://localhost:3000/api/auth/ok HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n";
    assert_eq!(served.say(request).await.status, 200);
    served.stop().await;
}

#[actix_web::test]
async fn a_body_beyond_the_limit_is_refused_before_it_is_there() {
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let head = "POST /api/auth/sign-up/email HTTP/1.1\r\nhost: localhost:3000\r\ncontent-type: application/json\r\n";
    let refused = r#"{"message":"Request body is too large","code":"PAYLOAD_TOO_LARGE"}"#;
    let announced = served.say(&format!("{head}content-length: 1073741824\r\n\r\n")).await;
    assert_eq!((announced.status, announced.body.as_str()), (413, refused));

    // The client never says that this was all, and hears the answer all the same.
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096));
    for _ in 0..=(BODY_LIMIT / 4096) {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    drop(stream);
    served.stop().await;
}

#[actix_web::test]
async fn a_body_in_pieces_is_read_to_the_limit() {
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let body = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#;
    let fill = " ".repeat(BODY_LIMIT - body.len());
    let (start, end) = body.split_at(20);
    let mut request =
        "POST /api/auth/sign-up/email HTTP/1.1\r\nhost: localhost:3000\r\norigin: http://localhost:3000\r\n\
        content-type: application/json\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_owned();
    for piece in [start, end, fill.as_str(), ""] {
        request += &format!("{:x}\r\n{piece}\r\n", piece.len());
    }
    let answer = served.say(&request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    served.stop().await;
}

#[actix_web::test]
async fn every_cookie_has_a_line_of_its_own() {
    let (auth, _) = auth(|auth| auth).await;
    let served = Served::with(&auth, application);
    let cookie = served.sign_up().await;
    let request = || Request::post("/api/auth/sign-out").header("origin", "http://localhost:3000");
    let expected = auth.handle(request().body(Bytes::new()).unwrap()).await;
    let expected: Vec<_> = expected.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let headers = [("origin", "http://localhost:3000"), ("cookie", cookie.as_str())];
    let answer = served.ask("POST", "/api/auth/sign-out", &headers, "").await;
    assert!(expected.len() > 1, "{expected:?}");
    assert_eq!(answer.all("set-cookie"), expected);
    served.stop().await;
}

#[actix_web::test]
async fn the_clients_address_is_known() {
    let (auth, _) = auth(|auth| auth.configure(|options| options.advanced.ip_address.use_peer_address = true)).await;
    let served = Served::with(&auth, application);
    let cookie = served.sign_up().await;
    let answer = served.get("/api/auth/get-session", &cookie).await;
    assert!(answer.body.contains(r#""ipAddress":"127.0.0.1""#), "{answer:?}");
    served.stop().await;
}

#[actix_web::test]
async fn scopes_have_servers_of_their_own() {
    let (everybody, _) = auth(|auth| auth).await;
    let apart = |auth: AuthBuilder| auth.entropy(Arc::new(OsEntropy::new()));
    let (staff, _) = auth(|auth| apart(auth).configure(|options| options.base_path = "/staff/auth".to_owned())).await;
    let served = Served::with(&everybody, move |config| {
        let scope = web::scope("/staff").wrap(with_auth(&staff)).route("/name", web::to(name));
        config.service(scope).route("/name", web::to(name));
    });
    let everybody = served.sign_up().await;
    let staff = served.sign_up_at("/staff/auth").await;
    assert_eq!(served.get("/name", &everybody).await.body, "Ada");
    assert_eq!(served.get("/staff/name", &staff).await.body, "Ada");
    assert_eq!(served.get("/name", &staff).await.status, 401);
    assert_eq!(served.get("/staff/name", &everybody).await.status, 401);
    served.stop().await;
}

#[actix_web::test]
async fn routes_alone_are_mounted_at_their_base_path() {
    let (auth, _) = auth(|auth| auth).await;
    let served =
        Served::alone(move |config| _ = config.service(routes(Auth::clone(&auth))).route("/mine", web::to(mine)));
    assert_eq!(served.get("/api/auth/ok", "").await.body, r#"{"ok":true}"#);
    assert_eq!(served.get("/mine", "").await.body, "mine");
    assert_eq!(served.get("/name", "").await.status, 404);
    served.stop().await;
}

#[actix_web::test]
async fn a_base_path_of_nothing_leaves_the_application_its_routes() {
    let (auth, _) = auth(|auth| auth.configure(|options| options.base_path = "/".to_owned())).await;
    let engine = auth.clone();
    let served =
        Served::with(&auth, move |config| _ = config.configure(application).service(routes(Auth::clone(&engine))));
    let cookie = served.sign_up_at("").await;
    assert_eq!(served.get("/name", &cookie).await.body, "Ada");
    assert_eq!(served.get("/ok", "").await.body, r#"{"ok":true}"#);
    served.stop().await;
}

#[actix_web::test]
async fn a_websocket_is_the_applications() {
    let (auth, _) = auth(|auth| auth).await;
    let socket = |session: Session, request: HttpRequest, payload: web::Payload| async move {
        let (response, mut socket, _messages) = actix_ws::handle(&request, payload)?;
        actix_web::rt::spawn(async move { socket.text(session.user.name.clone()).await });
        Ok::<HttpResponse, actix_web::Error>(response)
    };
    let served = Served::with(&auth, move |config| _ = config.route("/socket", web::get().to(socket)));
    let cookie = served.sign_up().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let upgrade = format!(
        "GET /socket HTTP/1.1\r\nhost: localhost:3000\r\ncookie: {cookie}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"\x81\x03Ada") {
        assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0, "{:?}", String::from_utf8_lossy(&heard));
    }
    assert!(heard.starts_with(b"HTTP/1.1 101 "), "{:?}", String::from_utf8_lossy(&heard));
    drop(stream);
    served.stop().await;
}
