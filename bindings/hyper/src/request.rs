//! What HTTP says about requests and answers, and the engine leaves to whoever reads them.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use hyper::body::Body;
use kernia_runtime::Auth;

use crate::body;

/// Answers one request.
pub(crate) async fn answer<B: Body>(kernia: &Auth, request: Request<B>, peer: Option<IpAddr>) -> Response<Full<Bytes>> {
    let (mut parts, body) = request.into_parts();
    if let Some(peer) = peer {
        parts.extensions.insert(peer);
    }
    host_from_target(&mut parts);
    let head = parts.method == Method::HEAD;
    let response = kernia.answer(parts, body::read(body, kernia.body_limit())).await;
    if head { without_body(response) } else { response.map(Full::new) }
}

/// The target's authority is the host that is meant, whatever the header says: HTTP/2 sends it instead of a `Host`
/// (RFC 9113 section 8.3.1), an absolute target in HTTP/1.1 replaces it (RFC 9112 section 3.2.2).
fn host_from_target(parts: &mut Parts) {
    let Some(authority) = parts.uri.authority() else { return };
    if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
        parts.headers.insert(header::HOST, host);
    }
}

/// An answer to HEAD says how long the body would be and does not have it (RFC 9110 section 9.3.2). hyper does this
/// for HTTP/1 only.
fn without_body(response: Response<Bytes>) -> Response<Full<Bytes>> {
    let (mut parts, body) = response.into_parts();
    if parts.status != StatusCode::NO_CONTENT {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Response::from_parts(parts, Full::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(uri: &str, header: Option<&str>) -> Option<String> {
        let mut request = Request::get(uri);
        if let Some(host) = header {
            request = request.header("host", host);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        host_from_target(&mut parts);
        parts.headers.get("host").map(|host| host.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_targets_authority_wins_over_the_header() {
        assert_eq!(host("/ok", Some("a.test")).as_deref(), Some("a.test"));
        assert_eq!(host("/ok", None), None);
        assert_eq!(host("http://b.test:1/ok", Some("a.test")).as_deref(), Some("b.test:1"));
        assert_eq!(host("http://b.test/ok", None).as_deref(), Some("b.test"));
    }

    #[test]
    fn an_answer_to_head_keeps_its_length_and_loses_its_body() {
        let response = without_body(Response::new(Bytes::from_static(b"12345")));
        assert_eq!(response.headers()["content-length"], "5");
        assert!(response.body().is_end_stream());
        assert_eq!(without_body(Response::new(Bytes::new())).headers()["content-length"], "0");
        let mut nothing = Response::new(Bytes::new());
        *nothing.status_mut() = StatusCode::NO_CONTENT;
        assert!(!without_body(nothing).headers().contains_key("content-length"));
    }
}
