//! The client against servers of this machine.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use kernia::engine::{Fetch, FetchError, FetchPolicy};
use kernia_http_client::{Client, ClientSettings};
use kernia_runtime::HttpClient;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
};

/// Answers every connection with `answer`, and reports what was asked. With no answer it keeps the connection and says nothing.
async fn server(answer: Option<String>) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (report, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let _ = report.send(String::from_utf8_lossy(&head).into_owned());
            match &answer {
                Some(answer) => {
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
                None => kept.push(stream),
            }
        }
    });
    (address, asked)
}

fn answer(status: &str, more: &str, body: &str) -> Option<String> {
    let length = body.len();
    Some(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n{body}"))
}

fn settings(change: impl FnOnce(&mut ClientSettings)) -> ClientSettings {
    let mut settings = ClientSettings::default();
    change(&mut settings);
    settings
}

fn get(uri: &str) -> Request<Bytes> {
    Request::get(uri).body(Bytes::new()).unwrap()
}

async fn fetch(client: &Client, uri: &str, policy: FetchPolicy) -> Result<Response<Bytes>, FetchError> {
    client.fetch(Fetch::new(get(uri), policy)).await
}

#[tokio::test]
async fn case_098_an_answer_larger_than_allowed_is_a_failure() {
    let (address, _asked) = server(answer("200 OK", "", &"x".repeat(1000))).await;
    let uri = format!("http://{address}/");
    let small = Client::new(settings(|settings| settings.max_answer_bytes = 999)).unwrap();
    assert!(matches!(fetch(&small, &uri, FetchPolicy::Configured).await, Err(FetchError::Failed(_))));
    let large = Client::new(settings(|settings| settings.max_answer_bytes = 1000)).unwrap();
    assert_eq!(fetch(&large, &uri, FetchPolicy::Configured).await.unwrap().body().len(), 1000);
}

#[tokio::test]
async fn case_098_a_server_that_says_nothing_is_given_up() {
    let (address, _asked) = server(None).await;
    let client = Client::new(settings(|settings| settings.timeout = Duration::from_millis(50))).unwrap();
    let error = fetch(&client, &format!("http://{address}/"), FetchPolicy::Configured).await.unwrap_err();
    assert_eq!(error, FetchError::Failed("the call took too long".to_owned()));
}

#[tokio::test]
async fn case_098_redirects_are_not_followed() {
    let (elsewhere, mut visited) = server(answer("200 OK", "", "secret")).await;
    let (address, _asked) = server(answer("302 Found", &format!("location: http://{elsewhere}/\r\n"), "")).await;
    let client = Client::new(ClientSettings::default()).unwrap();
    let response = fetch(&client, &format!("http://{address}/"), FetchPolicy::Configured).await.unwrap();
    assert_eq!(response.status(), 302);
    assert!(visited.try_recv().is_err());
}

#[tokio::test]
async fn case_175_a_name_that_leads_home_is_refused_before_a_connection() {
    let (address, mut asked) = server(answer("200 OK", "", "secret")).await;
    let client = Client::new(ClientSettings::default()).unwrap();
    let own_name = std::fs::read_to_string("/etc/hostname").unwrap_or_default().trim().to_owned();
    for host in ["localhost", "ip6-localhost", "127.1", "0x7f.1", "2130706433", "[::1]", &own_name] {
        if host.is_empty() {
            continue;
        }
        let uri = format!("https://{host}:{}/", address.port());
        match fetch(&client, &uri, FetchPolicy::Untrusted).await {
            Err(FetchError::Refused) => {}
            // Not every machine knows every name.
            Err(FetchError::Failed(why)) => assert!(why.contains("dns") || why.contains("lookup"), "{host}: {why}"),
            answered => panic!("{host}: {answered:?}"),
        }
    }
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn case_178_nothing_is_sent_that_the_caller_did_not_write() {
    let (address, mut asked) = server(answer("200 OK", "", "{}")).await;
    let client = Client::new(ClientSettings::default()).unwrap();
    fetch(&client, &format!("http://{address}/path?x=1"), FetchPolicy::Configured).await.unwrap();
    let head = asked.recv().await.unwrap();
    assert!(head.starts_with("GET /path?x=1 HTTP/1.1\r\n"), "{head}");
    for name in ["cookie", "authorization", "referer"] {
        assert!(!head.to_ascii_lowercase().contains(&format!("{name}:")), "{head}");
    }
}

#[tokio::test]
async fn what_the_operator_knows_of_a_host_comes_before_dns() {
    let (address, mut asked) = server(answer("200 OK", "", "{}")).await;
    let known = settings(|settings| settings.resolve = [("provider.invalid".to_owned(), address)].into());
    let client = Client::new(known).unwrap();
    assert!(fetch(&client, "http://provider.invalid/", FetchPolicy::Configured).await.is_ok());
    assert!(asked.recv().await.unwrap().contains("host: provider.invalid\r\n"));
    assert!(fetch(&client, "https://provider.invalid/", FetchPolicy::Untrusted).await.is_err());
}

#[tokio::test]
async fn case_177_keys_are_fetched_once_for_many_callers() {
    let (address, mut asked) = server(answer("200 OK", "", "{\"keys\":[]}")).await;
    let client = Client::new(ClientSettings::default()).unwrap();
    let uri = format!("http://{address}/jwks");
    let ask = || client.fetch(Fetch { max_age: Some(300), ..Fetch::new(get(&uri), FetchPolicy::Configured) });
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    assert!(asked.recv().await.is_some());
    assert!(asked.try_recv().is_err(), "one call is enough");
}

#[test]
fn a_file_without_certificates_is_refused() {
    let settings = settings(|settings| settings.extra_roots = Some("/dev/null".into()));
    assert!(Client::new(settings).is_err());
}
