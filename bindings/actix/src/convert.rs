//! Actix has the types of `http` 0.2, Kernia those of `http` 1.

use actix_web::{HttpRequest, HttpResponse, http as theirs};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, header, request::Parts};
use kernia_runtime::RequestHead;

/// The head of a request, for the engine. `None` when its target is no URI.
pub(crate) fn parts(request: &HttpRequest) -> Option<Parts> {
    let mut parts = Request::new(()).into_parts().0;
    parts.method = method(request);
    parts.uri = Uri::try_from(request.uri().to_string()).ok()?;
    parts.version = match request.version() {
        theirs::Version::HTTP_09 => http::Version::HTTP_09,
        theirs::Version::HTTP_10 => http::Version::HTTP_10,
        theirs::Version::HTTP_2 => http::Version::HTTP_2,
        theirs::Version::HTTP_3 => http::Version::HTTP_3,
        _ => http::Version::HTTP_11,
    };
    parts.headers = headers(request);
    if let Some(peer) = request.peer_addr() {
        parts.extensions.insert(peer.ip());
    }
    Some(parts)
}

/// The head of a request, as [`RequestSession`](crate::RequestSession) wants it. Its headers are what a call of
/// [`Auth::api`](crate::Auth::api) needs to be made on behalf of the request.
#[must_use]
pub fn request_head(request: &HttpRequest) -> RequestHead {
    let uri = request.uri();
    RequestHead {
        method: method(request),
        target: uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string),
        headers: headers(request),
        peer: request.peer_addr().map(|peer| peer.ip()),
    }
}

/// An answer of Kernia's.
pub(crate) fn response(from: &Response<Bytes>) -> HttpResponse<Bytes> {
    let mut to = HttpResponse::with_body(status(from), from.body().clone());
    for (name, value) in from.headers() {
        let name = theirs::header::HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Some(value)) = (name, to_their_value(value)) {
            to.headers_mut().append(name, value);
        }
    }
    to
}

/// The status of such an answer.
pub(crate) fn status(from: &Response<Bytes>) -> theirs::StatusCode {
    let status = theirs::StatusCode::from_u16(from.status().as_u16());
    status.unwrap_or(theirs::StatusCode::INTERNAL_SERVER_ERROR)
}

/// Adds cookies to an answer: those that a call of [`Auth::api`](crate::Auth::api) has set.
pub fn add_cookies<'a>(headers: &mut theirs::header::HeaderMap, cookies: impl IntoIterator<Item = &'a HeaderValue>) {
    for cookie in cookies.into_iter().filter_map(to_their_value) {
        headers.append(theirs::header::SET_COOKIE, cookie);
    }
}

fn to_their_value(value: &HeaderValue) -> Option<theirs::header::HeaderValue> {
    theirs::header::HeaderValue::from_bytes(value.as_bytes()).ok()
}

fn method(request: &HttpRequest) -> Method {
    Method::from_bytes(request.method().as_str().as_bytes()).unwrap_or_default()
}

/// The headers. The target's authority is the host that is meant, whatever the header says: HTTP/2 sends it instead of a `Host`
/// (RFC 9113 section 8.3.1), an absolute target in HTTP/1.1 replaces it (RFC 9112 section 3.2.2).
fn headers(request: &HttpRequest) -> HeaderMap {
    let from = request.headers();
    let mut to = HeaderMap::with_capacity(from.len());
    for (name, value) in from {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            to.append(name, value);
        }
    }
    let authority = request.uri().authority().map(|authority| HeaderValue::from_str(authority.as_str()));
    if let Some(Ok(host)) = authority {
        to.insert(header::HOST, host);
    }
    to
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn values<'h>(headers: &'h HeaderMap, name: &str) -> Vec<&'h [u8]> {
        headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
    }

    #[test]
    fn a_head_is_as_it_was_sent() {
        let request = TestRequest::with_uri("/a%2Fb//%C3%A9?x=%zz&&y=+")
            .method(theirs::Method::from_bytes(b"PURGE").unwrap())
            .version(theirs::Version::HTTP_10)
            .peer_addr("[::1]:7".parse().unwrap())
            .append_header(("x-bytes", theirs::header::HeaderValue::from_bytes(b"\xff\xe9").unwrap()))
            .append_header(("cookie", "a=1"))
            .append_header(("cookie", "b=2"))
            .to_http_request();
        let parts = parts(&request).unwrap();
        assert_eq!(parts.uri, "/a%2Fb//%C3%A9?x=%zz&&y=+");
        assert_eq!((parts.method.as_str(), parts.version), ("PURGE", http::Version::HTTP_10));
        assert_eq!(parts.extensions.get(), Some(&std::net::IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])));
        assert_eq!(values(&parts.headers, "x-bytes"), [b"\xff\xe9"]);
        assert_eq!(values(&parts.headers, "cookie"), [b"a=1", b"b=2"]);
        let head = request_head(&request);
        assert_eq!((head.method, head.target.as_str()), (parts.method, "/a%2Fb//%C3%A9?x=%zz&&y=+"));
        assert_eq!((head.headers, head.peer), (parts.headers, parts.extensions.get().copied()));
    }

    #[test]
    fn the_targets_authority_wins_over_the_header() {
        let host = |uri: &str| {
            let request = TestRequest::with_uri(uri).insert_header(("host", "a.test")).to_http_request();
            parts(&request).unwrap().headers["host"].to_str().unwrap().to_owned()
        };
        assert_eq!(host("/ok"), "a.test");
        assert_eq!(host("//b.test/ok"), "a.test");
        assert_eq!(host("http://b.test:1/ok"), "b.test:1");
    }

    #[test]
    fn an_answer_keeps_every_line() {
        let mut from = Response::builder().status(299).header("set-cookie", "a=1").header("set-cookie", "b=2");
        from = from.header("x-bytes", HeaderValue::from_bytes(b"\xff").unwrap());
        let to = response(&from.body(Bytes::from_static(b"body")).unwrap());
        assert_eq!(to.status().as_u16(), 299);
        let cookies: Vec<_> = to.headers().get_all("set-cookie").map(theirs::header::HeaderValue::as_bytes).collect();
        assert_eq!(cookies, [b"a=1", b"b=2"]);
        assert_eq!(to.headers().get("x-bytes").unwrap().as_bytes(), b"\xff");
        assert_eq!(to.body(), "body");
    }
}
