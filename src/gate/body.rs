//! Reading the body that a route takes.

use bytes::Bytes;
use http::{Method, StatusCode, header};
use serde_json::Value;

use crate::{
    engine::{ApiError, Exit, Media, Request},
    wire::{
        form, json,
        media::{self, BodyKind, MediaError},
    },
};

const INVALID_JSON: ApiError = ApiError::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Invalid JSON in request body");
const TOO_MANY_FIELDS: ApiError =
    ApiError::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Too many fields in request body");
const UNSUPPORTED: ApiError = ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, MediaError::CODE, "");

/// Reads `bytes` as the route with this `media` takes them. A request without a body has none.
pub(super) fn read(request: &Request, bytes: &Bytes, media: Media) -> Result<Option<Value>, Exit> {
    let without = matches!(request.method, Method::GET | Method::HEAD);
    if media == Media::Ignored || without || !has_body(request, bytes) {
        return Ok(None);
    }
    let content_type = request.header(header::CONTENT_TYPE);
    let kind = media::decide(content_type, media.allowed()).map_err(|error| UNSUPPORTED.message(error.to_string()))?;
    match kind {
        BodyKind::Json => Ok(Some(json::parse_body(bytes, usize::MAX).map_err(|_| INVALID_JSON)?)),
        BodyKind::Form => Ok(Some(Value::Object(form::parse(bytes).map_err(|_| TOO_MANY_FIELDS)?))),
        BodyKind::Multipart | BodyKind::Text | BodyKind::Bytes => {
            Err(UNSUPPORTED.message("Unsupported media type").into())
        }
    }
}

/// As the reference's runtime: a body is there when its length is announced, even if it is empty.
fn has_body(request: &Request, bytes: &Bytes) -> bool {
    !bytes.is_empty()
        || request.headers.contains_key(header::TRANSFER_ENCODING)
        || request.header(header::CONTENT_LENGTH).is_some_and(|length| length.trim() != "0")
}
