//! Answers to requests that the engine never saw to the end.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use kernia::wire::error_body::ErrorBody;

/// Why a request's body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It has more bytes than [`Auth::body_limit`](crate::Auth::body_limit). Answered by 413 (RFC 9110 section 15.5.14).
    #[error("the request body is too large")]
    TooLarge,
    /// The connection broke, or the client broke the protocol. Answered by 400.
    #[error("the request body could not be read")]
    Unreadable,
}

/// Why there is no better answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The body could not be read.
    Body(BodyError),
    /// The client did not send the body in time: 408 (RFC 9110 section 15.5.9).
    BodyTimeout,
    /// The engine's effects took too long: 504 (RFC 9110 section 15.6.5).
    Timeout,
    /// Something outside the engine panicked: 500.
    Internal,
}

impl Refusal {
    pub(crate) fn response(self) -> Response<Bytes> {
        let (status, code, message) = match self {
            Self::Body(BodyError::TooLarge) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "Request body is too large")
            }
            Self::Body(BodyError::Unreadable) => {
                (StatusCode::BAD_REQUEST, "BAD_REQUEST", "Request body could not be read")
            }
            Self::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "The request was not sent in time"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Internal Server Error"),
            Self::Timeout => (StatusCode::GATEWAY_TIMEOUT, "GATEWAY_TIMEOUT", "The request took too long"),
        };
        let mut response = Response::new(ErrorBody::new(code, message).to_bytes());
        *response.status_mut() = status;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}
