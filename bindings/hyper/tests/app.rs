//! Applications with Kernia in front of their own routes.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{future::pending, net::SocketAddr};

use http::{HeaderValue, StatusCode, header};
use hyper_util::rt::TokioIo;
use kernia_hyper::{
    Answer, Auth, Fresh, Incoming, Request, Response, Server, ServerSettings, Session, User, extract,
    testing::{Login, TestAuth},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

const DAY: i64 = 86_400;

async fn answer(auth: Auth, mut request: Request<Incoming>) -> Answer {
    if request.uri().path() == "/upgrade" {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut stream = TokioIo::new(upgrade.await.unwrap());
            stream.write_all(b"upgraded").await.unwrap();
        });
        let mut response = Response::default();
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("echo"));
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        return response;
    }
    let (mut parts, _) = request.into_parts();
    let found = match parts.uri.path() {
        "/me" => extract::<Session>(&auth, &mut parts).await.map(|session| session.user.email.clone()),
        "/fresh" => extract::<Fresh<User>>(&auth, &mut parts).await.map(|user| user.name.clone()),
        _ => Ok("elsewhere".to_owned()),
    };
    found.map_or_else(|refused| refused, |text| Response::new(text.into()))
}

async fn serve(auth: &Auth) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let auth = auth.clone();
    tokio::spawn(async move {
        Server::new(ServerSettings::default()).serve_app(listener, auth, answer, pending()).await;
    });
    address
}

/// Everything that is answered on a connection that then closes.
async fn ask(address: SocketAddr, path: &str, login: Option<&Login>) -> String {
    let cookie = login.map(|login| format!("Cookie: {}\r\n", login.cookie)).unwrap_or_default();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n{cookie}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn whoever_is_signed_in_reaches_a_handler() {
    let auth = TestAuth::start().await;
    let address = serve(&auth).await;
    let ada = auth.login_as("ada@example.com").await;
    assert!(ask(address, "/api/auth/ok", None).await.ends_with(r#"{"ok":true}"#));
    assert!(ask(address, "/elsewhere", None).await.ends_with("elsewhere"));
    assert!(ask(address, "/me", Some(&ada)).await.ends_with("\r\n\r\nada@example.com"));
    assert!(ask(address, "/fresh", Some(&ada)).await.ends_with("\r\n\r\nada"));
    let refused = ask(address, "/me", None).await;
    assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("application/json"), "{refused}");
    assert!(refused.ends_with(r#"{"message":"Unauthorized","code":"UNAUTHORIZED"}"#), "{refused}");
    auth.clock.advance_secs(2 * DAY);
    let renewed = ask(address, "/me", Some(&ada)).await;
    assert!(renewed.contains("\r\nset-cookie: better-auth.session_token="), "{renewed}");
    assert!(ask(address, "/fresh", Some(&ada)).await.starts_with("HTTP/1.1 403 "));
}

#[tokio::test]
async fn connections_of_the_application_are_upgraded() {
    let auth = TestAuth::start().await;
    let mut stream = TcpStream::connect(serve(&auth).await).await.unwrap();
    let request = b"GET /upgrade HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 101 ") && answer.ends_with("upgraded"), "{answer}");
}
