//! The errors of sign-in with wallets.

use http::StatusCode;
use serde_json::json;

use crate::{
    domain::errors::error_codes,
    engine::{Answer, ApiError, Exit},
};

error_codes! {
    /// The application's own nonces are none.
    SIWE_INVALID_NONCE = INTERNAL_SERVER_ERROR, "SIWE getNonce must return an ERC-4361 nonce: 8-250 alphanumeric characters.";
    /// The nonce is not this server's, spent, or too old.
    UNAUTHORIZED_INVALID_OR_EXPIRED_NONCE = UNAUTHORIZED, "Unauthorized: Invalid or expired nonce";
    /// The message says that it is too late.
    UNAUTHORIZED_SIWE_MESSAGE_EXPIRED = UNAUTHORIZED, "Unauthorized: SIWE message has expired";
    /// The message is another site's, or lacks something.
    UNAUTHORIZED_SIWE_MESSAGE_MISMATCH = UNAUTHORIZED, "Unauthorized: SIWE message does not match the expected nonce, domain, address, or chain ID";
    /// The message says that it is too early.
    UNAUTHORIZED_SIWE_MESSAGE_NOT_YET_VALID = UNAUTHORIZED, "Unauthorized: SIWE message is not yet valid";
}

/// The signature is not the wallet's.
pub const INVALID_SIGNATURE: ApiError =
    ApiError::uncoded(StatusCode::UNAUTHORIZED, "Unauthorized: Invalid SIWE signature");
/// The wallet could not be signed in.
pub const FAILED: ApiError =
    ApiError::uncoded(StatusCode::UNAUTHORIZED, "Something went wrong. Please try again later.");

/// The answer of a refusal. Here the reference repeats the status in the body.
pub(super) fn refuse(error: &ApiError) -> Exit {
    let mut told = json!({ "message": error.message, "status": error.status.as_u16() });
    if let Some(code) = error.code {
        told["code"] = code.into();
    }
    match Answer::json(&told) {
        Ok(answer) => Exit::Answer(Answer { status: error.status, ..answer }),
        Err(fault) => fault.into(),
    }
}
