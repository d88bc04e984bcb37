//! The errors of the passkey plugin, each under the status at which it is usually thrown.

use crate::{domain::errors::error_codes, engine::ApiError};

error_codes! {
    /// The answer of the authenticator is not acceptable.
    AUTHENTICATION_FAILED = BAD_REQUEST, "Authentication failed";
    /// The client says that the person has stopped; no route answers it.
    AUTH_CANCELLED = BAD_REQUEST, "Auth cancelled";
    /// The browser has not asked for options, or has used or waited for too long with them.
    CHALLENGE_NOT_FOUND = BAD_REQUEST, "Challenge not found";
    /// The passkey is gone.
    FAILED_TO_UPDATE_PASSKEY = INTERNAL_SERVER_ERROR, "Failed to update passkey";
    /// The answer of the authenticator is not acceptable.
    FAILED_TO_VERIFY_REGISTRATION = INTERNAL_SERVER_ERROR, "Failed to verify registration";
    /// There is no such passkey.
    PASSKEY_NOT_FOUND = NOT_FOUND, "Passkey not found";
    /// Somebody has this credential already.
    PREVIOUSLY_REGISTERED = BAD_REQUEST, "Previously registered";
    /// The client says that the person has stopped; no route answers it.
    REGISTRATION_CANCELLED = BAD_REQUEST, "Registration cancelled";
    /// The application has named nobody for whom a passkey can be made.
    RESOLVED_USER_INVALID = BAD_REQUEST, "Resolved user is invalid";
    /// Nobody is signed in, and the application does not say who registers.
    RESOLVE_USER_REQUIRED = BAD_REQUEST, "Passkey registration requires either an authenticated session or a resolveUser callback when requireSession is false";
    /// Nobody is signed in.
    SESSION_REQUIRED = UNAUTHORIZED, "Passkey registration requires an authenticated session";
    /// The session could not be made.
    UNABLE_TO_CREATE_SESSION = INTERNAL_SERVER_ERROR, "Unable to create session";
    /// What the client says when it does not know; no route answers it.
    UNKNOWN_ERROR = INTERNAL_SERVER_ERROR, "Unknown error";
    /// The user whose session was to begin is gone.
    USER_NOT_FOUND = INTERNAL_SERVER_ERROR, "User not found";
    /// The passkey is for somebody else.
    YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY = UNAUTHORIZED, "You are not allowed to register this passkey";
}

/// Neither the options nor the request say from which page the answer comes.
pub const ORIGIN_MISSING: ApiError = ApiError::uncoded(http::StatusCode::BAD_REQUEST, "origin missing");
/// The user of a passkey that signed in is gone.
pub const OWNER_NOT_FOUND: ApiError = ApiError::uncoded(http::StatusCode::INTERNAL_SERVER_ERROR, "User not found");
