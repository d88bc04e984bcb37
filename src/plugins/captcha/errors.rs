//! The errors of requests that lack a captcha.

use crate::domain::errors::error_codes;

error_codes! {
    /// The request brings no captcha's token.
    MISSING_RESPONSE = BAD_REQUEST, "Missing CAPTCHA response";
    /// The service could not be asked.
    UNKNOWN_ERROR = INTERNAL_SERVER_ERROR, "Something went wrong";
    /// The token is not one of a captcha that was solved, for this action and on this site.
    VERIFICATION_FAILED = FORBIDDEN, "Captcha verification failed";
}
