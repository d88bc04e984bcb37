//! All frameworks answer alike: the same requests, byte for byte, at the same moment with the same randomness.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::net::{SocketAddr, TcpListener};

use kernia::{domain::options::BaseUrl, plugins::Username};
use kernia_frameworks::Framework;
use kernia_runtime::testing::TestAuth;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::Runtime,
    task::yield_now,
};

const ORIGIN: &str = "origin: http://localhost:3000";
const JSON: &str = "content-type: application/json";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

/// What is compared of an answer.
#[derive(Debug, PartialEq)]
struct Answer {
    status: String,
    /// Sorted by name; values of one name in order.
    headers: Vec<String>,
    body: Vec<u8>,
}

/// A request: its first line, header lines, and body. `$COOKIE` stands for the cookies that were set so far.
struct Sent {
    line: &'static str,
    headers: &'static [&'static str],
    body: Body,
}

enum Body {
    None,
    Whole(String),
    Chunked(String),
}

fn sent(line: &'static str, headers: &'static [&'static str]) -> Sent {
    Sent { line, headers, body: Body::None }
}

fn with(line: &'static str, headers: &'static [&'static str], body: impl Into<String>) -> Sent {
    Sent { line, headers, body: Body::Whole(body.into()) }
}

fn requests() -> Vec<Sent> {
    let sign_up = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse","username":"ada"}"#;
    let sign_in = r#"{"email":"ada@example.com","password":"correct horse"}"#;
    let large = |bytes: usize| format!(r#"{{"email":"{}"}}"#, "x".repeat(bytes));
    vec![
        sent("GET /api/auth/ok", &[]),
        sent("HEAD /api/auth/ok", &[]),
        sent("GET /api/auth/ok?a=%2F&b=c%20d+e&b", &[]),
        sent("GET /api/auth", &[]),
        sent("GET /api/auth/", &[]),
        sent("GET /api/auth/ok/", &[]),
        sent("GET /api/auth//ok", &[]),
        sent("GET /api/auth/./ok", &[]),
        sent("GET /api/auth/x/../ok", &[]),
        sent("GET /api/auth/%6fk", &[]),
        sent("GET /api/auth/%2e%2e/ok", &[]),
        sent("GET /api/auth/caf%C3%A9", &[]),
        sent("GET /api/auth/nothing", &[]),
        sent("DELETE /api/auth/ok", &[]),
        sent("PUT /api/auth/sign-in/email", &[ORIGIN]),
        sent("PATCH /api/auth/update-user", &[ORIGIN]),
        sent("OPTIONS /api/auth/sign-in/email", &[ORIGIN, "access-control-request-method: POST"]),
        sent(
            "OPTIONS /api/auth/sign-in/email",
            &["origin: http://elsewhere.test", "access-control-request-method: POST"],
        ),
        sent("GET /api/auth/error?error=%3Cscript%3E", &[]),
        sent("GET /api/auth/get-session", &[]),
        sent("GET /api/auth/list-sessions", &[]),
        with("POST /api/auth/sign-up/email", &[ORIGIN, JSON], sign_up),
        with("POST /api/auth/sign-up/email", &[ORIGIN, JSON], sign_up),
        with(
            "POST /api/auth/sign-up/email",
            &[ORIGIN, JSON],
            r#"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#,
        ),
        sent("GET /api/auth/get-session", &["cookie: $COOKIE"]),
        sent("HEAD /api/auth/get-session", &["cookie: $COOKIE"]),
        sent("GET /api/auth/list-sessions", &["cookie: $COOKIE"]),
        sent("GET /api/auth/list-accounts", &["cookie: a=b", "cookie: $COOKIE"]),
        with("POST /api/auth/update-user", &[ORIGIN, JSON, "cookie: $COOKIE"], r#"{"name":"Countess"}"#),
        with(
            "POST /api/auth/update-user",
            &["origin: http://elsewhere.test", JSON, "cookie: $COOKIE"],
            r#"{"name":"x"}"#,
        ),
        with("POST /api/auth/sign-out", &[ORIGIN, JSON, "cookie: $COOKIE"], "{}"),
        with("POST /api/auth/sign-in/email", &[ORIGIN, JSON], sign_in),
        with("POST /api/auth/sign-in/email", &[ORIGIN, FORM], "email=ada%40example.com&password=correct+horse"),
        with("POST /api/auth/sign-in/username", &[ORIGIN, JSON], r#"{"username":"ADA","password":"correct horse"}"#),
        with("POST /api/auth/sign-in/email", &[ORIGIN, JSON], r#"{"email":"ada@example.com","password":"wrong"}"#),
        with("POST /api/auth/sign-in/email", &[ORIGIN, JSON], r#"{"email":5}"#),
        with("POST /api/auth/sign-in/email", &[ORIGIN, JSON], "{"),
        with("POST /api/auth/sign-in/email", &[ORIGIN, JSON], "\u{fffd}é"),
        with("POST /api/auth/sign-in/email", &[ORIGIN, "content-type: text/plain"], sign_in),
        with("POST /api/auth/sign-in/email", &[ORIGIN], sign_in),
        Sent { body: Body::Chunked(sign_in.to_owned()), ..sent("POST /api/auth/sign-in/email", &[ORIGIN, JSON]) },
        with("POST /api/auth/sign-in/email", &[ORIGIN, JSON], large(100_000)),
        with("POST /api/auth/sign-in/email", &[ORIGIN, JSON], large(3_000_000)),
        Sent { body: Body::Chunked(large(3_000_000)), ..sent("POST /api/auth/sign-in/email", &[ORIGIN, JSON]) },
        sent("GET /api/auth/verify-email?token=x&callbackURL=%2Fwelcome", &[]),
        sent("GET /api/auth/verify-email?token=x&callbackURL=http%3A%2F%2Felsewhere.test", &[]),
        sent("GET /api/auth/reset-password/a%2Fb?callbackURL=%2Fnew", &[]),
    ]
}

async fn ask(address: SocketAddr, request: &Sent, cookies: &str) -> Answer {
    let mut text =
        format!("{} HTTP/1.1\r\nhost: localhost:3000\r\nconnection: close\r\nx-request-id: same\r\n", request.line);
    for header in request.headers {
        text.push_str(&header.replace("$COOKIE", cookies));
        text.push_str("\r\n");
    }
    match &request.body {
        Body::None => text.push_str("\r\n"),
        Body::Whole(body) => text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len())),
        Body::Chunked(body) => {
            text.push_str(&format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len()));
        }
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut bytes = Vec::new();
    // A server that refuses a body may not read all of it.
    let (_, read) = tokio::join!(writing.write_all(text.as_bytes()), reading.read_to_end(&mut bytes));
    assert!(read.is_ok() || !bytes.is_empty(), "{}: {read:?}", request.line);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("{}", request.line));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let mut headers: Vec<_> = lines
        .map(|line| line.split_once(':').map(|(name, value)| format!("{}:{value}", name.to_ascii_lowercase())).unwrap())
        // The moment of the server's own clock, its name, and what is the connection's.
        .filter(|line| !["date:", "server:", "connection:"].iter().any(|name| line.starts_with(name)))
        .collect();
    headers.sort_by(|a, b| a.split(':').next().cmp(&b.split(':').next()));
    Answer { status, headers, body: bytes[end + 4..].to_vec() }
}

/// The answers of one framework to all requests, in order.
async fn answers(framework: Framework) -> Vec<Answer> {
    let auth = TestAuth::build(|auth| {
        auth.plugin(Username::default())
            .configure(|options| options.base_url = Some(BaseUrl::Fixed("http://localhost:3000".to_owned())))
    });
    let auth = auth.await.unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let served = (*auth).clone();
    // Actix stays on the thread on which it starts.
    std::thread::spawn(move || Runtime::new().unwrap().block_on(framework.serve(address, served)).unwrap());
    while TcpStream::connect(address).await.is_err() {
        yield_now().await;
    }
    let mut cookies = String::new();
    let mut answers = Vec::new();
    for request in requests() {
        let answer = ask(address, &request, &cookies).await;
        let set = answer.headers.iter().filter_map(|line| line.strip_prefix("set-cookie: better-auth.session_token="));
        if let Some(value) =
            set.filter_map(|value| value.split(';').next()).next_back().filter(|value| !value.is_empty())
        {
            cookies = format!("better-auth.session_token={value}");
        }
        answers.push(answer);
    }
    answers
}

#[test]
fn all_frameworks_answer_alike() {
    let [expected, others @ ..] = Framework::ALL.map(|framework| {
        let runtime = Runtime::new().unwrap();
        let answers = runtime.block_on(answers(framework));
        runtime.shutdown_background();
        (framework, answers)
    });
    let mut different = Vec::new();
    for (framework, answers) in others {
        for ((request, expected), answer) in requests().iter().zip(&expected.1).zip(answers) {
            if answer != *expected {
                different.push(format!("{} {}: {answer:?}\n  and not {expected:?}", framework.name(), request.line));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    let statuses: std::collections::BTreeSet<_> = expected.1.iter().map(|answer| answer.status.as_str()).collect();
    assert!(
        ["200", "302", "400", "401", "403", "404", "413", "415", "422"].iter().all(|wanted| statuses.contains(wanted)),
        "{statuses:?}"
    );
}
