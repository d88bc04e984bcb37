//! The server, on real sockets.
#![allow(missing_docs, clippy::unwrap_used)]

mod given;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kernia_hyper::{AuthService, ServerSettings, Stopped};
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tower_service::Service as _;

use given::{Client, Door, Running, kernia, start, start_with};

#[tokio::test]
async fn requests_are_answered_one_after_the_other_on_one_connection() {
    let server = start(ServerSettings::default()).await;
    let mut client = Client::connect(&server).await;
    for _ in 0..3 {
        client.send("GET /api/auth/ok HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let answer = client.answer().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with(r#"{"ok":true}"#), "{answer}");
        assert!(answer.contains("\r\nx-request-id: "), "{answer}");
    }
    assert_eq!(server.stop().await, Stopped { aborted: 0 });
}

#[tokio::test]
async fn http2_is_spoken_to_those_who_begin_with_it() {
    let server = start(ServerSettings::default()).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    // HTTP/2 has no Host header; the server must make do with the authority.
    let request = Request::get(format!("http://localhost:{}/api/auth/ok", server.address.port()));
    let answer = client.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_2);
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.collect().await.unwrap().to_bytes(), r#"{"ok":true}"#);
    drop(client);
    connection.await.unwrap().unwrap();
    server.stop().await;
}

#[tokio::test]
async fn case_222_stopping_finishes_the_requests_in_flight_and_takes_no_more() {
    let door = Arc::new(Door::default());
    let server = start_with(Arc::clone(&door), ServerSettings::default()).await;
    let address = server.address;
    let mut idle = Client::connect(&server).await;
    idle.send("GET /api/auth/ok HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    idle.answer().await;
    let mut busy = Client::connect(&server).await;
    busy.sign_up().await;
    door.entered().await;

    let stopped = server.stop_soon();
    assert_eq!(idle.rest().await, "", "an idle connection is closed at once");
    door.open();
    let answer = busy.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(stopped.await.unwrap(), Stopped { aborted: 0 });
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn patience_with_requests_in_flight_ends() {
    let door = Arc::new(Door::default());
    let settings = ServerSettings { shutdown_timeout: Duration::ZERO, ..ServerSettings::default() };
    let server = start_with(Arc::clone(&door), settings).await;
    let mut client = Client::connect(&server).await;
    client.sign_up().await;
    door.entered().await;
    assert_eq!(server.stop().await, Stopped { aborted: 1 });
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn case_180_a_body_beyond_the_limit_is_refused_before_it_is_there() {
    let server = start(ServerSettings::default()).await;
    let head = "POST /api/auth/sign-up/email HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let mut announced = Client::connect(&server).await;
    announced.send(&format!("{head}content-length: 100000000\r\n\r\n")).await;
    let answer = announced.rest().await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.ends_with(r#"{"message":"Request body is too large","code":"PAYLOAD_TOO_LARGE"}"#), "{answer}");

    let mut chunked = Client::connect(&server).await;
    chunked.send(&format!("{head}transfer-encoding: chunked\r\n\r\n")).await;
    let chunk = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096));
    for _ in 0..(given::BODY_LIMIT / 4096) + 1 {
        chunked.send(&chunk).await;
    }
    // The client has not said that this was all.
    assert!(chunked.rest().await.starts_with("HTTP/1.1 413 "));
    server.stop().await;
}

#[tokio::test]
async fn case_180_a_client_that_dawdles_is_left() {
    let settings = ServerSettings { header_read_timeout: Duration::from_millis(30), ..ServerSettings::default() };
    let server = start(settings).await;
    for begun in ["", "P", "PRI * HTTP/2.0\r\n", "GET /api/auth/ok HTTP/1.1\r\nhost: loc"] {
        let mut client = Client::connect(&server).await;
        client.send(begun).await;
        let rest = client.rest().await;
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408"), "{begun:?}: {rest}");
    }
    let mut idle = Client::connect(&server).await;
    idle.send("GET /api/auth/ok HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(idle.answer().await.starts_with("HTTP/1.1 200"));
    assert_eq!(idle.rest().await, "");
    server.stop().await;
}

#[tokio::test]
async fn connections_beyond_the_most_wait() {
    let settings = ServerSettings { max_connections: 1, ..ServerSettings::default() };
    let server = start(settings).await;
    let request = "GET /api/auth/ok HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut first = Client::connect(&server).await;
    first.send(request).await;
    first.answer().await;
    let mut second = Client::connect(&server).await;
    second.send(request).await;
    let early = tokio::time::timeout(Duration::from_millis(30), second.stream.readable()).await;
    assert!(early.is_err(), "answered although the first connection is open");
    drop(first);
    assert!(second.answer().await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    let server = start(ServerSettings::default()).await;
    let mut client = Client::connect(&server).await;
    client.send("HEAD /api/auth/ok HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn an_absolute_target_says_which_host_is_meant() {
    let server = start(ServerSettings::default()).await;
    let mut client = Client::connect(&server).await;
    client.send("GET http://localhost/api/auth/ok HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n").await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn the_figures_have_a_listener_of_their_own() {
    let kernia = kernia(Arc::new(Door::opened()));
    let server = Running::of(ServerSettings::default(), kernia.clone()).await;
    let figures = Running::metrics_of(ServerSettings::default(), kernia).await;
    let mut client = Client::connect(&server).await;
    client.send("GET /api/auth/ok HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    client.rest().await;
    let ask = async |path: &str| {
        let mut client = Client::connect(&figures).await;
        client.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        client.rest().await
    };
    let text = ask("/metrics").await;
    assert!(text.contains("content-type: text/plain; version=0.0.4"), "{text}");
    assert!(text.contains("kernia_http_requests_total{route=\"/ok\",status=\"2xx\"} 1\n"), "{text}");
    assert!(ask("/api/auth/ok").await.starts_with("HTTP/1.1 404"));
    server.stop().await;
    figures.stop().await;
}

#[tokio::test]
async fn the_tower_service_takes_any_body() {
    let mut service = AuthService::new(kernia(Arc::new(Door::opened())));
    let body = Full::new(Bytes::from_static(given::SIGN_UP.as_bytes()));
    let request =
        Request::post("/api/auth/sign-up/email").header("host", "localhost").header("content-type", "application/json");
    let answer = service.call(request.body(body).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers().contains_key("set-cookie"));
    let request = Request::get("/api/auth/ok").header("host", "localhost");
    let answer = service.call(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), r#"{"ok":true}"#);
}

#[tokio::test]
async fn an_http2_answer_to_head_has_no_body() {
    let server = start(ServerSettings::default()).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::head("http://localhost/api/auth/ok").body(Empty::<Bytes>::new()).unwrap();
    let answer = client.send_request(request).await.unwrap();
    assert!(answer.collect().await.unwrap().to_bytes().is_empty());
    server.stop().await;
}

#[tokio::test]
async fn nonsense_is_refused() {
    let server = start(ServerSettings::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"\x16\x03\x01 this is TLS\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{:?}", String::from_utf8_lossy(&answer));
    server.stop().await;
}

/// Requests of which two servers in a row could see different ends.
const AMBIGUOUS: &[&str] = &[
    "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
    "content-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
    "content-length: 5, 6\r\n\r\nhello!",
    "content-length: +5\r\n\r\nhello",
    "content-length: -1\r\n\r\n",
    "content-length: 0x5\r\n\r\nhello",
    "content-length: 18446744073709551616\r\n\r\n",
    "content-length : 5\r\n\r\nhello",
    "transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
    "transfer-encoding: identity\r\n\r\n0\r\n\r\n",
    "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "transfer-encoding: chunked\r\n\r\n-1\r\n\r\n",
    "transfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
    "transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
    "transfer-encoding: chunked\r\n\r\n1\r\nab0\r\n\r\n",
    "x-folded: a\r\n content-length: 5\r\n\r\nhello",
    "x: a\rcontent-length: 5\r\n\r\nhello",
    "x: a\0b\r\n\r\n",
    ": x\r\n\r\n",
    "x y: z\r\n\r\n",
];

#[tokio::test]
async fn case_187_two_requests_are_not_hidden_in_one() {
    let server = start(ServerSettings::default()).await;
    let behind = "GET /api/auth/ok HTTP/1.1\r\nhost: hidden\r\n\r\n";
    for ambiguous in AMBIGUOUS {
        let head = "POST /api/auth/sign-in/email HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
        let mut client = Client::connect(&server).await;
        client.send(&format!("{head}{ambiguous}{behind}")).await;
        let answers = client.rest().await;
        assert!(!answers.contains(" 200 "), "{ambiguous:?}: {answers}");
        assert!(answers.matches("HTTP/1.1 ").count() <= 1, "{ambiguous:?}: {answers}");
        assert!(answers.is_empty() || answers.starts_with("HTTP/1.1 4"), "{ambiguous:?}: {answers}");
    }
    for line in [
        "GET /api/auth/ok HTTP/1.1 x",
        "GET  /api/auth/ok HTTP/1.1",
        "GET /api/auth/ok",
        "GET\t/api/auth/ok HTTP/1.1",
        "G\0T /api/auth/ok HTTP/1.1",
    ] {
        let mut client = Client::connect(&server).await;
        client.send(&format!("{line}\r\nhost: localhost\r\nconnection: close\r\n\r\n")).await;
        let answers = client.rest().await;
        assert!(!answers.contains(" 200 "), "{line:?}: {answers}");
    }
    // A request that is clear is answered on the connection that it came on.
    let mut client = Client::connect(&server).await;
    client.send(&format!("{behind}{behind}")).await;
    assert!(client.answer().await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}
