//! The errors of the email OTP plugin, each under the status at which it is usually thrown.

use http::StatusCode;

use crate::{domain::errors::error_codes, engine::ApiError};

error_codes! {
    /// The code is wrong, spent, or was never there.
    INVALID_OTP = BAD_REQUEST, "Invalid OTP";
    /// The code's time is over.
    OTP_EXPIRED = BAD_REQUEST, "OTP expired";
    /// Too many guesses were wrong: a new code has to be asked for.
    TOO_MANY_ATTEMPTS = FORBIDDEN, "Too many attempts";
}

/// Addresses are not changed by codes here.
pub const CHANGE_EMAIL_DISABLED: ApiError =
    ApiError::uncoded(StatusCode::BAD_REQUEST, "Change email with OTP is disabled");
/// Somebody has the new address; whoever proves that it is theirs may know.
pub const EMAIL_IN_USE: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Email already in use");
/// A code to change an address is asked for elsewhere.
pub const INVALID_TYPE: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Invalid OTP type");
/// The present address must agree to its change.
pub const CURRENT_EMAIL_UNVERIFIED: ApiError =
    ApiError::uncoded(StatusCode::BAD_REQUEST, "OTP is required to verify current email");
/// A code cannot be had back from its hash.
pub const HASHED: ApiError =
    ApiError::uncoded(StatusCode::BAD_REQUEST, "OTP is hashed, cannot return the plain text OTP");
