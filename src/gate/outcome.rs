//! From a handler's end to an answer.

use http::{HeaderName, StatusCode, header};

use crate::{
    domain::Cx,
    engine::{Answer, ApiError, Body, Exit, Fault, HashFailure, SignFailure},
    store::StorageError,
    wire::{
        error_body::ErrorBody,
        id::{Alphabet, random_string},
    },
};

/// The id under which the log knows a failed request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const UNAVAILABLE: ApiError =
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "The service is temporarily unavailable");
const CONFLICT: ApiError = ApiError::new(StatusCode::CONFLICT, "CONFLICT", "The request conflicts with another one");
const INTERNAL: ApiError =
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Internal Server Error");

/// How long a client should wait before it tries again, in seconds.
const RETRY_AFTER_SECS: &str = "1";

/// The answer that `exit` stands for. Headers and cookies gathered so far stay.
pub(crate) fn answer(cx: &mut Cx, exit: Exit) -> Answer {
    match exit {
        Exit::Answer(answer) => answer,
        Exit::Refused(error) => error_answer(&error),
        Exit::Redirect(target) => {
            cx.reply.set_header(header::LOCATION, &target);
            Answer { status: StatusCode::FOUND, body: Body::EmptyJson }
        }
        Exit::Fault(fault) => fault_answer(cx, &fault),
    }
}

/// The answer of a refusal.
pub(crate) fn error_answer(error: &ApiError) -> Answer {
    let body = match (error.code, &error.message) {
        (_, None) => Body::EmptyJson,
        (Some(code), Some(message)) => Body::Json(ErrorBody::new(code, message.clone()).to_bytes()),
        (None, Some(message)) => Body::Json(ErrorBody::uncoded(message.clone()).to_bytes()),
    };
    Answer { status: error.status, body }
}

fn fault_answer(cx: &mut Cx, fault: &Fault) -> Answer {
    let given = cx.request.header(REQUEST_ID).filter(|id| !id.is_empty() && id.len() <= 128).map(str::to_owned);
    let id = given.unwrap_or_else(|| random_string(cx.entropy(), Alphabet::A62, 16));
    cx.reply.set_header(REQUEST_ID, &id);
    tracing::error!(request_id = %id, path = cx.request.template, error = %fault, "request failed");
    let error = match fault {
        Fault::Storage(StorageError::Unavailable(_) | StorageError::Timeout)
        | Fault::Hash(HashFailure::Overloaded)
        | Fault::Sign(SignFailure::Overloaded) => {
            cx.reply.set_header(header::RETRY_AFTER, RETRY_AFTER_SECS);
            &UNAVAILABLE
        }
        Fault::Storage(StorageError::Conflict(_)) => &CONFLICT,
        Fault::Storage(_) | Fault::Hash(_) | Fault::Sign(_) | Fault::Bug(_) => &INTERNAL,
    };
    error_answer(error)
}
