//! What the engine sees of a request, and the client of its answer: as without Rocket.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kernia_rocket::{Auth, testing::TestAuth, with_auth};
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::given::{Answer, Running, quiet};

async fn start(auth: &Auth) -> Running {
    Running::start(quiet().attach(with_auth(auth.clone()))).await
}

#[tokio::test]
async fn targets_and_methods_arrive_as_they_were_sent() {
    let auth = TestAuth::start().await;
    let server = start(&auth).await;
    for (method, target) in [
        ("GET", "/api/auth"),
        ("GET", "/api/auth/"),
        ("GET", "/api/auth//ok"),
        ("GET", "/api/auth/ok/"),
        ("GET", "/api/auth/%6Fk"),
        ("GET", "/api/auth/%FF%2e%2e/ok"),
        ("GET", "/api/auth/../ok"),
        ("GET", "/api/auth/ok?a=%20&a=+&&b"),
        ("GET", "/api/auth/reset-password/a%2Fb?callbackURL=%2Fnew%3Fx%3D1"),
        ("GET", "/api/auth/reset-password/abc?callbackURL=https%3A%2F%2Fevil.example"),
        ("GET", "/api/auth/error?error=a%26b"),
        ("HEAD", "/api/auth/ok"),
        ("HEAD", "/api/auth/get-session"),
        ("OPTIONS", "/api/auth/ok"),
        ("PUT", "/api/auth/ok"),
        ("DELETE", "/api/auth/sign-out"),
        ("TRACE", "/api/auth/ok"),
        ("POST", "/api/auth/sign-out"),
    ] {
        let answer = server.ask(method, target, "origin: http://localhost:3000\r\n", "").await;
        let request = http::Request::builder().method(method).uri(target).header("host", "localhost:3000");
        let request = request.header("connection", "close").header("origin", "http://localhost:3000");
        let expected = auth.handle(request.body(Bytes::new()).unwrap()).await;
        let body = if method == "HEAD" { "" } else { std::str::from_utf8(expected.body()).unwrap() };
        assert_eq!(answer.told(), (expected.status().as_u16(), body), "{method} {target}");
        for (name, _) in expected.headers().iter().filter(|(name, _)| name.as_str() != "x-request-id") {
            let values: Vec<_> = expected.headers().get_all(name).iter().collect();
            let expected: Vec<_> = values.iter().map(|value| value.to_str().unwrap()).collect();
            assert_eq!(answer.header(name.as_str()), expected, "{method} {target}: {name}");
        }
        let length = expected.body().len().to_string();
        assert_eq!(answer.header("content-length"), [length.as_str()], "{method} {target}");
    }
}

#[tokio::test]
async fn paths_that_only_look_like_the_engines_are_the_applications() {
    #[rocket::get("/<path..>")]
    fn other(path: std::path::PathBuf) -> String {
        format!("other {}", path.display())
    }
    let auth = TestAuth::start().await;
    let app = quiet().mount("/", rocket::routes![other]).attach(with_auth(Auth::clone(&auth)));
    let server = Running::start(app).await;
    for target in ["//api/auth/ok", "/api//auth/ok", "/%61pi/auth/ok"] {
        assert_eq!(server.get(target, None).await.told(), (200, "other api/auth/ok"), "{target}");
    }
    assert_eq!(server.get("/api/authority", None).await.body, "other api/authority");
    assert_eq!(server.get("/api/auth/ok", None).await.body, r#"{"ok":true}"#);
}

#[tokio::test]
async fn every_cookie_of_an_answer_is_kept() {
    let auth = TestAuth::start().await;
    let server = start(&auth).await;
    let ada = auth.login_as("ada@example.com").await;
    let headers = format!("cookie: {}\r\norigin: http://localhost:3000\r\n", ada.cookie);
    let answer = server.ask("POST", "/api/auth/sign-out", &headers, "").await;
    let cookies = answer.header("set-cookie");
    assert!(answer.status == 200 && cookies.len() > 1, "{answer:?}");
    assert_eq!(
        cookies.iter().filter(|cookie| cookie.starts_with("better-auth.session_token=;")).count(),
        1,
        "{cookies:?}"
    );
}

#[tokio::test]
async fn a_body_is_refused_at_the_limit_while_it_streams() {
    let auth = TestAuth::build(|auth| auth.configure(|options| options.limits.body_bytes = 16 * 1024)).await.unwrap();
    let server = start(&auth).await;
    let head = "POST /api/auth/sign-in/email HTTP/1.1\r\nhost: localhost:3000\r\ncontent-type: application/json\r\n";
    let refused = r#"{"message":"Request body is too large","code":"PAYLOAD_TOO_LARGE"}"#;
    // Rocket waits for this much.
    let announced = format!("{head}content-length: 1073741824\r\n\r\n{{\"email\":\"ada@");
    assert_eq!(server.send(&announced).await.told(), (413, refused));

    let mut endless = TcpStream::connect(server.address).await.unwrap();
    endless.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096));
    for _ in 0..5 {
        endless.write_all(chunk.as_bytes()).await.unwrap();
    }
    // The client has not said that this was all.
    assert_eq!(Answer::rest_of(&mut endless).await.told(), (413, refused));

    let padding = |length: usize| {
        let body = json!({"email": "ada@example.com", "password": ""}).to_string();
        body.replace(r#""password":"""#, &format!(r#""password":"{}""#, "x".repeat(length - body.len())))
    };
    assert_ne!(server.post("/api/auth/sign-in/email", &padding(16 * 1024)).await.status, 413);
    assert_eq!(server.post("/api/auth/sign-in/email", &padding(16 * 1024 + 1)).await.told(), (413, refused));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_none() {
    let auth = TestAuth::start().await;
    let server = start(&auth).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /api/auth/sign-out HTTP/1.1\r\nhost: localhost:3000\r\norigin: http://localhost:3000\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{}";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await;
    let rest = String::from_utf8(rest).unwrap();
    assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 400"), "{rest}");
}

#[tokio::test]
async fn the_clients_address_is_the_other_end_of_the_connection() {
    let auth = TestAuth::build(|auth| auth.configure(|options| options.advanced.ip_address.use_peer_address = true));
    let auth = auth.await.unwrap();
    let server = start(&auth).await;
    let sign_up = json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse"}).to_string();
    let headers = "content-type: application/json\r\nx-real-ip: 203.0.113.7\r\n";
    assert_eq!(server.ask("POST", "/api/auth/sign-up/email", headers, &sign_up).await.status, 200);
    let ada = auth.login_as("ada@example.com").await;
    let sessions = auth.api().list_sessions().headers(&ada.headers()).await.unwrap().value;
    assert!(sessions.iter().any(|session| session.ip_address.as_deref() == Some("127.0.0.1")), "{sessions:?}");
}

#[tokio::test]
async fn http2_says_the_host_in_its_authority() {
    let auth = TestAuth::build(|auth| auth.configure(|options| options.base_url = None)).await.unwrap();
    let server = start(&auth).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut ask = async |authority: &str, origin: &str| {
        let request = http::Request::post(format!("http://{authority}/api/auth/sign-out"));
        let request = request.header("origin", origin).header("cookie", "better-auth.session_token=x");
        let answer = client.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
        (answer.status().as_u16(), answer.collect().await.unwrap().to_bytes())
    };
    let (status, body) = ask("auth.test:8443", "http://auth.test:8443").await;
    assert_eq!((status, &body[..]), (200, &br#"{"success":true}"#[..]));
    let (status, body) = ask("auth.test:8443", "http://evil.test").await;
    assert_eq!(status, 403, "{body:?}");
}
