//! Messages delivered for real, on this machine.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{convert::Infallible, net::SocketAddr, path::PathBuf};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use kernia::{
    crypto::{hex, hmac::Signer},
    domain::mail,
    engine::Message,
};
use kernia_mail::{
    FileDelivery, SIGNATURE_HEADER, SmtpDelivery, SmtpSettings, SmtpTls, WebhookDelivery, WebhookSettings,
};
use kernia_runtime::Deliver as _;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

fn message(to: &str) -> Message {
    let mut message = Message::new(mail::VERIFY_EMAIL, to);
    message.url = Some("http://localhost/verify?token=t".to_owned());
    message.token = Some("t".to_owned());
    message
}

/// A folder that goes when the test does.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kernia-mail-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_file_gets_a_line_for_each_message() {
    let folder = Folder::new("file");
    let path = folder.0.join("outbox.jsonl");
    let delivery = FileDelivery::new(&path).unwrap();
    delivery.deliver(&message("a@b.test")).await.unwrap();
    delivery.deliver(&message("c@d.test")).await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["kind"], "verify-email");
    assert_eq!(lines[1]["to"], "c@d.test");
    assert_eq!(lines[1]["token"], "t");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(FileDelivery::new(folder.0.join("missing/outbox.jsonl")).is_err());
}

/// A server that answers one request with `status` and says what it was.
async fn receiver(status: StatusCode) -> (SocketAddr, JoinHandle<(HeaderMap, Bytes)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (seen, mut asked) = tokio::sync::mpsc::channel(1);
        let service = service_fn(move |request: Request<Incoming>| {
            let seen = seen.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                seen.send((parts.headers, body)).await.unwrap();
                let mut response = Response::new(Empty::<Bytes>::new());
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        asked.recv().await.unwrap()
    });
    (address, task)
}

fn webhook(url: String, secret: Option<&str>) -> WebhookDelivery {
    let secret = secret.map(Into::into);
    WebhookDelivery::new(&WebhookSettings { url, secret, timeout: 10 }).unwrap()
}

#[tokio::test]
async fn a_webhook_gets_the_message_and_a_signature_that_verifies() {
    let (address, asked) = receiver(StatusCode::NO_CONTENT).await;
    let delivery = webhook(format!("http://{address}/hook"), Some("shared"));
    delivery.deliver(&message("a@b.test")).await.unwrap();
    let (headers, body) = asked.await.unwrap();
    assert_eq!(headers["content-type"], "application/json");
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(json["to"], "a@b.test");
    let signature = headers[SIGNATURE_HEADER].to_str().unwrap();
    let (time, tag) = signature.split_once(",v1=").unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let signer = Signer::new(b"shared");
    assert!(signer.verify_parts(&[time.as_bytes(), b".", &body], &hex::decode(tag).unwrap()));
}

#[tokio::test]
async fn a_webhook_that_does_not_take_the_message_is_a_failure() {
    let (address, asked) = receiver(StatusCode::FOUND).await;
    let error = webhook(format!("http://{address}/hook"), None).deliver(&message("a@b.test")).await;
    assert_eq!(error.unwrap_err().0, "the webhook answered 302");
    assert!(!asked.await.unwrap().0.contains_key(SIGNATURE_HEADER));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert!(webhook(format!("http://{closed}/hook"), None).deliver(&message("a@b.test")).await.is_err());
    for url in ["ftp://a.test/", "/hook", "not a url"] {
        let settings = WebhookSettings { url: url.to_owned(), secret: None, timeout: 1 };
        assert!(WebhookDelivery::new(&settings).is_err(), "{url}");
    }
}

/// A mail server that takes one mail and tells the whole conversation, or refuses the recipient.
async fn mail_server(recipient: &'static str) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut said = String::new();
        write.write_all(b"220 ready\r\n").await.unwrap();
        let mut data = false;
        while let Ok(Some(line)) = lines.next_line().await {
            said.push_str(&line);
            said.push('\n');
            let answer = match line.as_str() {
                "." if data => {
                    data = false;
                    "250 taken\r\n"
                }
                _ if data => continue,
                "DATA" => {
                    data = true;
                    "354 go on\r\n"
                }
                "QUIT" => "221 bye\r\n",
                line if line.starts_with("RCPT") => recipient,
                _ => "250 ok\r\n",
            };
            write.write_all(answer.as_bytes()).await.unwrap();
        }
        said
    });
    (port, task)
}

fn smtp(port: u16) -> SmtpDelivery {
    let settings = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: SmtpTls::None,
        username: None,
        password: None,
        from: "auth@example.com".to_owned(),
        reply_to: None,
        timeout: 10,
    };
    SmtpDelivery::new(&settings, "Shop").unwrap()
}

#[tokio::test]
async fn a_mail_server_gets_the_mail() {
    let (port, said) = mail_server("250 ok\r\n").await;
    smtp(port).deliver(&message("ada@example.com")).await.unwrap();
    let said = said.await.unwrap();
    for line in ["MAIL FROM:<auth@example.com>", "RCPT TO:<ada@example.com>", "http://localhost/verify?token=t"] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}

#[tokio::test]
async fn what_a_mail_server_says_is_not_repeated() {
    let (port, _said) = mail_server("550 no such user ada@example.com\r\n").await;
    let error = smtp(port).deliver(&message("ada@example.com")).await.unwrap_err();
    assert_eq!(error.0, "the SMTP server answered 550");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = smtp(closed).deliver(&message("ada@example.com")).await.unwrap_err();
    assert!(!error.0.contains("ada@"), "{error}");
}
