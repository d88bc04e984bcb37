//! The errors of the device flow. On the wire they are OAuth's (RFC 8628 section 3.5): a code of that document, and these texts.

use crate::domain::errors::error_codes;

error_codes! {
    /// The user has said no.
    ACCESS_DENIED = BAD_REQUEST, "Access denied";
    /// Nobody is signed in.
    AUTHENTICATION_REQUIRED = UNAUTHORIZED, "Authentication required";
    /// The user has not decided yet.
    AUTHORIZATION_PENDING = BAD_REQUEST, "Authorization pending";
    /// Somebody has decided already.
    DEVICE_CODE_ALREADY_PROCESSED = BAD_REQUEST, "Device code already processed";
    /// Nobody has asked about the code yet, so nobody can decide.
    DEVICE_CODE_NOT_CLAIMED = BAD_REQUEST, "Device code has not been claimed by a verifying session; call `GET /device` with the `user_code` while signed in before approving or denying";
    /// The device was too slow.
    EXPIRED_DEVICE_CODE = BAD_REQUEST, "Device code has expired";
    /// The user was too slow.
    EXPIRED_USER_CODE = BAD_REQUEST, "User code has expired";
    /// The session could not be made.
    FAILED_TO_CREATE_SESSION = INTERNAL_SERVER_ERROR, "Failed to create session";
    /// There is no such code.
    INVALID_DEVICE_CODE = BAD_REQUEST, "Invalid device code";
    /// The row says something unknown.
    INVALID_DEVICE_CODE_STATUS = INTERNAL_SERVER_ERROR, "Invalid device code status";
    /// There is no such code.
    INVALID_USER_CODE = BAD_REQUEST, "Invalid user code";
    /// The device asks too often.
    POLLING_TOO_FREQUENTLY = BAD_REQUEST, "Polling too frequently";
    /// The user is gone.
    USER_NOT_FOUND = BAD_REQUEST, "User not found";
}
