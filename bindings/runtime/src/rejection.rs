//! Requests that the application's own routes do not let in.

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use kernia::{
    domain::{api::CallError, errors},
    engine::ApiError,
    wire::error_body::ErrorBody,
};

/// What is known of a request to one of the application's own routes.
#[derive(Clone, Debug, Default)]
pub struct RequestHead {
    /// The method.
    pub method: Method,
    /// The target as it was sent: path and query.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The address at the other end of the connection, if it is known.
    pub peer: Option<IpAddr>,
}

/// Why a request is not let in.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Nobody is signed in: 401.
    #[error("nobody is signed in")]
    Anonymous,
    /// Whoever is signed in has been for too long: 403.
    #[error("the session is not fresh")]
    Stale,
    /// Whoever is signed in may not: the error's status, 403 as a rule.
    #[error("{}", .0.message.as_deref().unwrap_or("forbidden"))]
    Forbidden(ApiError),
    /// It could not be found out who it is: the status of the call, 503 when a store is down.
    #[error(transparent)]
    Failed(CallError),
    /// The user or the session lacks a field that the route wants to read: 500.
    #[error("the session cannot be read: {0}")]
    Unreadable(String),
}

/// The application's own form of a rejection.
pub(crate) type Reject = Arc<dyn Fn(&Rejection, &RequestHead) -> Response<Bytes> + Send + Sync>;

const INTERNAL: ApiError =
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Internal Server Error");

impl Rejection {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Failed(error) => error.status(),
            _ => self.error().status,
        }
    }

    /// The machine-readable code and the text for people, as in the reference's errors.
    #[must_use]
    pub fn told(&self) -> (String, String) {
        match self {
            Self::Failed(CallError::Refused { code, message, .. }) => {
                let code = code.clone().unwrap_or_else(|| "INTERNAL_SERVER_ERROR".to_owned());
                (code.clone(), message.clone().unwrap_or(code))
            }
            _ => {
                let error = self.error();
                (error.code.unwrap_or_default().to_owned(), error.message.unwrap_or_default().into_owned())
            }
        }
    }

    /// The reference's JSON: `{"code","message"}`.
    #[must_use]
    pub fn response(&self) -> Response<Bytes> {
        let (code, message) = self.told();
        let body = if code.is_empty() { ErrorBody::uncoded(message) } else { ErrorBody::new(code, message) };
        let mut response = Response::new(body.to_bytes());
        *response.status_mut() = self.status();
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if let Self::Failed(CallError::Refused { headers, .. }) = self {
            for name in [header::RETRY_AFTER, crate::request_id::REQUEST_ID] {
                if let Some(value) = headers.get(&name) {
                    response.headers_mut().insert(name, value.clone());
                }
            }
        }
        response
    }

    /// A problem as in RFC 9457, for [`on_rejection`](crate::AuthBuilder::on_rejection): `type` is the code as a relative reference.
    #[must_use]
    pub fn problem(&self, head: &RequestHead) -> Response<Bytes> {
        #[derive(serde::Serialize)]
        struct Problem<'a> {
            r#type: &'a str,
            title: &'a str,
            status: u16,
            instance: &'a str,
        }
        let (code, title) = self.told();
        let problem = Problem { r#type: &code, title: &title, status: self.status().as_u16(), instance: &head.target };
        let mut response = self.response();
        *response.body_mut() = serde_json::to_vec(&problem).map(Bytes::from).unwrap_or_default();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }

    fn error(&self) -> ApiError {
        match self {
            Self::Anonymous => errors::UNAUTHORIZED,
            Self::Stale => errors::SESSION_NOT_FRESH,
            Self::Forbidden(error) => error.clone(),
            Self::Failed(_) | Self::Unreadable(_) => INTERNAL,
        }
    }
}
