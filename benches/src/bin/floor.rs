//! `floor ADDRESS`: bare hyper, one HMAC, one map look-up, one JSON body. What a server that answers a session costs at least.

use std::{collections::HashMap, convert::Infallible, env, io, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kernia_benches::{Answer, SECRET, TOKEN};
use ring::hmac;
use tokio::net::TcpListener;

struct Floor {
    key: hmac::Key,
    sessions: HashMap<String, Answer>,
}

impl Floor {
    fn answer(&self, request: &Request<Incoming>) -> Option<Vec<u8>> {
        let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
        let value = cookies.split(';').find_map(|pair| pair.trim().strip_prefix("better-auth.session_token="))?;
        let (token, signature) = value.rsplit_once('.')?;
        let signature = signature.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
        hmac::verify(&self.key, token.as_bytes(), &STANDARD.decode(signature).ok()?).ok()?;
        serde_json::to_vec(self.sessions.get(token)?).ok()
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> io::Result<()> {
    let address = env::args().nth(1).ok_or_else(|| io::Error::other("floor ADDRESS"))?;
    let floor = Arc::new(Floor {
        key: hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()),
        sessions: HashMap::from([(TOKEN.to_owned(), Answer::fixed())]),
    });
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let floor = Arc::clone(&floor);
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let body = floor.answer(&request).unwrap_or_else(|| b"null".to_vec());
                let mut response = Response::new(Full::new(Bytes::from(body)));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                std::future::ready(Ok::<_, Infallible>(response))
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
