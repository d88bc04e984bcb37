//! The errors of the two-factor plugin, each under the status at which it is usually thrown.

use crate::domain::errors::error_codes;

error_codes! {
    /// Too many wrong codes for this user; it passes.
    ACCOUNT_TEMPORARILY_LOCKED = TOO_MANY_REQUESTS,
        "Too many failed verification attempts. Your account is temporarily locked. Please try again later.";
    /// The user has no backup codes.
    BACKUP_CODES_NOT_ENABLED = BAD_REQUEST, "Backup codes aren't enabled";
    /// No backup code of the user's.
    INVALID_BACKUP_CODE = UNAUTHORIZED, "Invalid backup code";
    /// The wrong code.
    INVALID_CODE = UNAUTHORIZED, "Invalid code";
    /// There is no sign-in that waits for a second factor, or no longer.
    INVALID_TWO_FACTOR_COOKIE = UNAUTHORIZED, "Invalid two factor cookie";
    /// No code was sent, or it was too long ago.
    OTP_HAS_EXPIRED = BAD_REQUEST, "OTP has expired";
    /// This server sends no codes.
    OTP_NOT_CONFIGURED = BAD_REQUEST, "OTP is not available";
    /// Not answered; clients know it.
    OTP_NOT_ENABLED = BAD_REQUEST, "OTP not enabled";
    /// Too many wrong codes for this sign-in.
    TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE = BAD_REQUEST, "Too many attempts. Please request a new code.";
    /// The user has an authenticator app already.
    TOTP_ALREADY_ENABLED = BAD_REQUEST, "TOTP is already enabled";
    /// This server knows no authenticator apps.
    TOTP_NOT_CONFIGURED = BAD_REQUEST, "TOTP is not available";
    /// The user has no authenticator app.
    TOTP_NOT_ENABLED = BAD_REQUEST, "TOTP not enabled";
    /// The user has no second factor.
    TWO_FACTOR_NOT_ENABLED = BAD_REQUEST, "Two factor isn't enabled";
}
